// The only file that sees CLI11, and the only one that catches its exceptions: wrong usage becomes a
// sentence.
#include "app/commands/command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <deque>

#include "app/terminal/nearest_name.hpp"

namespace lodestone::app {
namespace {

// Where CLI11 puts what it finds; the deque keeps addresses stable.
struct Slot {
    const CommandSpec* command;
    std::string name;
    CLI::Option* option = nullptr;
    std::vector<std::string> texts{};
};

class Parser {
  public:
    explicit Parser(const CommandSpec& root) : root_(root), app_(root.about, root.name) { add(app_, root); }

    ParsedCommand parse(std::vector<std::string> words) {
        ParsedCommand parsed;
        std::reverse(words.begin(), words.end());  // as CLI11 wants them
        try {
            app_.parse(std::move(words));
        } catch (const CLI::ParseError& error) {
            parsed.fault = explain(error);
        }
        parsed.path = find_path();
        for (const Slot& slot : slots_) {
            if (slot.option->count() == 0) continue;
            if (slot.name == "--help") parsed.wants_help = true;
            if (slot.command == parsed.path.back()) parsed.arguments.add(slot.name, slot.texts);
        }
        if (parsed.fault.empty()) parsed.fault = check_values(parsed);
        return parsed;
    }

  private:
    void add(CLI::App& app, const CommandSpec& spec) {
        app.set_help_flag();
        add_switch(app, spec, "-h,--help", "--help");
        for (const OptionSpec& option : spec.options) {
            if (option.placeholder.empty()) {
                add_switch(app, spec, option.name, option.name);
                continue;
            }
            Slot& slot = slots_.emplace_back(Slot{&spec, option.name});
            slot.option = app.add_option(option.name, slot.texts)->allow_extra_args(false)->expected(1);
            slot.option->multi_option_policy(option.is_repeatable ? CLI::MultiOptionPolicy::TakeAll
                                                                  : CLI::MultiOptionPolicy::TakeLast);
        }
        for (const OperandSpec& operand : spec.operands) {
            Slot& slot = slots_.emplace_back(Slot{&spec, operand.name});
            slot.option = app.add_option(operand.name, slot.texts)->allow_extra_args(false)->expected(1);
        }
        for (const CommandSpec& below : spec.commands) add(*app.add_subcommand(below.name), below);
    }

    void add_switch(CLI::App& app, const CommandSpec& spec, const std::string& names,
                    const std::string& name) {
        Slot& slot = slots_.emplace_back(Slot{&spec, name});
        slot.option = app.add_flag(names, slot.texts);
    }

    std::vector<const CommandSpec*> find_path() const {
        std::vector<const CommandSpec*> path{&root_};
        for (const CLI::App* app = &app_; !app->get_subcommands().empty();) {
            app = app->get_subcommands().front();
            for (const CommandSpec& below : path.back()->commands) {
                if (below.name != app->get_name()) continue;
                path.push_back(&below);
                break;
            }
        }
        return path;
    }

    std::string explain(const CLI::ParseError& error) const {
        const std::vector<std::string> extras = app_.remaining(true);
        const CommandSpec& command = *find_path().back();
        if (!extras.empty()) return explain_extra(extras.front(), command);
        std::string text = error.what();
        const auto colon = text.find(':');
        if (error.get_name() == "ArgumentMismatch" && colon != std::string::npos)
            return text.substr(0, colon) + " needs a value";
        return text;
    }

    static std::string check_values(const ParsedCommand& parsed) {
        for (const OptionSpec& option : parsed.command().options)
            for (const std::string& text : parsed.arguments.all(option.name)) {
                if (option.takes == OptionSpec::Takes::setting && text.find('=') == std::string::npos)
                    return option.name + " takes " + option.placeholder + ", not " + text;
                if (!is_choice(option, text))
                    return option.name + " cannot be " + text + explain_choices(option);
            }
        return {};
    }

    // Values of settings are checked with all others of the configuration.
    static bool is_choice(const OptionSpec& option, const std::string& text) {
        return option.choices.empty() || !option.key.empty() ||
               std::ranges::find(option.choices, text) != option.choices.end();
    }

    static std::string explain_choices(const OptionSpec& option) {
        std::string text;
        for (const std::string& choice : option.choices)
            text += (text.empty() ? "; it is one of " : ", ") + choice;
        return text;
    }

    static std::string explain_extra(const std::string& word, const CommandSpec& command) {
        const bool is_option = word.size() > 1 && word.front() == '-';
        std::vector<std::string_view> known;
        if (is_option) {
            known.push_back("--help");
            for (const OptionSpec& option : command.options) known.push_back(option.name);
        } else {
            for (const CommandSpec& below : command.commands) known.push_back(below.name);
        }
        const std::string name = word.substr(0, is_option ? word.find('=') : std::string::npos);
        if (!is_option && known.empty()) return "unexpected argument " + word;
        return (is_option ? "unknown option " : "unknown command ") + name + render_suggestion(name, known);
    }

    const CommandSpec& root_;
    CLI::App app_;
    std::deque<Slot> slots_;
};

}  // namespace

void Console::complain(std::string_view sentence) {
    err << paint(Ink::error, "lodestone:", err_has_colours) << ' ' << sentence << '\n';
}

std::string Arguments::last(std::string_view name, std::string_view fallback) const {
    const auto& values = all(name);
    return values.empty() ? std::string(fallback) : values.back();
}

const std::vector<std::string>& Arguments::all(std::string_view name) const {
    static const std::vector<std::string> none;
    const auto found = values_.find(name);
    return found == values_.end() ? none : found->second;
}

void Arguments::add(const std::string& name, std::vector<std::string> values) {
    values_[name] = std::move(values);
}

ParsedCommand parse_command_line(const CommandSpec& root, std::vector<std::string> words) {
    // `lodestone help serve` is `lodestone serve --help`.
    if (!words.empty() && words.front() == "help") {
        words.erase(words.begin());
        words.emplace_back("--help");
    }
    return Parser(root).parse(std::move(words));
}

}  // namespace lodestone::app
