// Laying out help texts in 100 columns.
#include "app/commands/command_help.hpp"

#include <algorithm>
#include <array>

namespace lodestone::app {
namespace {

constexpr std::size_t page_width = 100;
constexpr std::size_t widest_label = 32;

struct Entry {
    std::string label;
    std::string placeholder;
    std::string about;
};

std::string command_line_of(const std::vector<const CommandSpec*>& path) {
    std::string line;
    for (const CommandSpec* command : path) line += (line.empty() ? "" : " ") + command->name;
    return line;
}

std::string render_entries(const std::string& heading, const std::vector<Entry>& entries, bool with_colours) {
    if (entries.empty()) return {};
    std::size_t column = 0;
    const auto width_of = [](const Entry& entry) {
        return entry.label.size() + (entry.placeholder.empty() ? 0 : 1 + entry.placeholder.size());
    };
    for (const Entry& entry : entries) column = std::max(column, std::min(width_of(entry), widest_label));
    std::string text = "\n" + paint(Ink::heading, heading, with_colours) + "\n";
    for (const Entry& entry : entries) {
        text += "  " + paint(Ink::name, entry.label, with_colours);
        if (!entry.placeholder.empty())
            text += " " + paint(Ink::placeholder, entry.placeholder, with_colours);
        const std::size_t width = width_of(entry);
        const std::size_t start = column + 4;
        text += width > column ? "\n" + std::string(start, ' ') : std::string(start - 2 - width, ' ');
        text += wrap(entry.about, page_width, start) + "\n";
    }
    return text;
}

std::string about_option(const OptionSpec& option) {
    std::string about = option.about;
    if (!option.choices.empty()) {
        about += " (";
        for (const std::string& choice : option.choices)
            about += (&choice == &option.choices.front() ? "" : ", ") + choice;
        about += ")";
    }
    if (option.is_repeatable) about += " May be repeated.";
    return about;
}

std::vector<Entry> option_entries(const CommandSpec& command) {
    std::vector<Entry> entries;
    for (const OptionSpec& option : command.options)
        entries.push_back({option.name, option.placeholder, about_option(option)});
    entries.push_back({"-h, --help", "", "Print this help."});
    return entries;
}

std::string usage_of(const std::vector<const CommandSpec*>& path) {
    const CommandSpec& command = *path.back();
    std::string usage = command_line_of(path);
    if (!command.commands.empty()) usage += " COMMAND";
    if (command.run != nullptr || !command.options.empty()) usage += " [OPTION]…";
    for (const OperandSpec& operand : command.operands) usage += " " + operand.name;
    return usage;
}

void render_chapter(std::vector<const CommandSpec*>& path, std::string& out) {
    out += "\n## " + command_line_of(path) + "\n\n```text\n" + render_help(path, false) + "```\n";
    for (const CommandSpec& below : path.back()->commands) {
        path.push_back(&below);
        render_chapter(path, out);
        path.pop_back();
    }
}

}  // namespace

std::string wrap(const std::string& text, std::size_t width, std::size_t indent) {
    std::string out;
    std::size_t column = indent;
    std::size_t start = 0;
    while (start < text.size()) {
        const auto end = std::min(text.find_first_of(" \n", start), text.size());
        const std::string word = text.substr(start, end - start);
        if (column > indent && column + 1 + word.size() > width) {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        }
        if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        if (end < text.size() && text[end] == '\n') {
            out += "\n" + std::string(indent, ' ');
            column = indent;
        }
        start = end + 1;
    }
    return out;
}

std::string render_help(const std::vector<const CommandSpec*>& path, bool with_colours) {
    const CommandSpec& command = *path.back();
    std::string text = paint(Ink::heading, "Usage:", with_colours) + " " + usage_of(path) + "\n\n";
    text += command.about + ".\n";
    if (!command.details.empty()) text += "\n" + wrap(command.details, page_width, 0) + "\n";
    std::vector<Entry> commands;
    for (const CommandSpec& below : command.commands) commands.push_back({below.name, "", below.about + "."});
    std::vector<Entry> operands;
    for (const OperandSpec& operand : command.operands) operands.push_back({operand.name, "", operand.about});
    text += render_entries("Commands:", commands, with_colours);
    text += render_entries("Arguments:", operands, with_colours);
    text += render_entries("Options:", option_entries(command), with_colours);
    if (command.examples.empty()) return text;
    text += "\n" + paint(Ink::heading, "Examples:", with_colours) + "\n";
    for (const Example& example : command.examples)
        text += "  " + paint(Ink::faint, "# " + example.about, with_colours) + "\n  " + example.line + "\n";
    return text;
}

std::string render_commands_reference(const CommandSpec& root) {
    std::string text =
        "<!-- Every command with its help, made from the program's own texts: run `LODESTONE_ACCEPT=1 "
        "app_tests` after changing one. -->\n"
        "# Commands\n\n"
        "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration. Errors are lines on standard error "
        "that "
        "begin with\n`lodestone:`. Colours appear only on a terminal, and not when `NO_COLOR` is set.\n";
    std::vector<const CommandSpec*> path{&root};
    render_chapter(path, text);
    return text;
}

}  // namespace lodestone::app
