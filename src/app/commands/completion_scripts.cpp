// The three shells' completion scripts.
#include "app/commands/completion_scripts.hpp"

#include <functional>

#include "app/config/config_settings.hpp"

namespace lodestone::app {
namespace {

using Visit = std::function<void(const CommandSpec& command, const std::string& path)>;

// Every command with the words that lead to it, "config show"; the root's are "".
void visit_commands(const CommandSpec& command, const std::string& path, const Visit& visit) {
    visit(command, path);
    for (const CommandSpec& below : command.commands)
        visit_commands(below, path.empty() ? below.name : path + " " + below.name, visit);
}

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
    return text;
}

// What can stand where no option's value is expected.
std::vector<std::string> words_after(const CommandSpec& command) {
    std::vector<std::string> words;
    for (const CommandSpec& below : command.commands) words.push_back(below.name);
    for (const OperandSpec& operand : command.operands)
        words.insert(words.end(), operand.choices.begin(), operand.choices.end());
    for (const OptionSpec& option : command.options) words.push_back(option.name);
    words.emplace_back("--help");
    return words;
}

std::string setting_words() {
    std::vector<std::string> words;
    for (const std::string_view key : setting_keys()) words.push_back(std::string(key) + "=");
    return join(words);
}

// In single quotes, for all three shells.
std::string quote(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

std::string render_bash_value(const OptionSpec& option) {
    if (!option.choices.empty())
        return "COMPREPLY=($(compgen -W " + quote(join(option.choices)) + " -- \"$cur\"))";
    switch (option.takes) {
        case OptionSpec::Takes::file: return "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
        case OptionSpec::Takes::folder: return "mapfile -t COMPREPLY < <(compgen -d -- \"$cur\")";
        case OptionSpec::Takes::setting:
            return "COMPREPLY=($(compgen -W " + quote(setting_words()) +
                   " -- \"$cur\")); compopt -o nospace 2>/dev/null";
        case OptionSpec::Takes::text: break;
    }
    return "COMPREPLY=()";
}

std::string render_bash_command(const CommandSpec& command, const std::string& path) {
    std::string text;
    for (const OptionSpec& option : command.options)
        if (!option.placeholder.empty())
            text +=
                "        '" + path + "|" + option.name + "') " + render_bash_value(option) + "; return ;;\n";
    return text + "        '" + path + "|'*) COMPREPLY=($(compgen -W " + quote(join(words_after(command))) +
           " -- \"$cur\")) ;;\n";
}

// A colon has a meaning in _arguments' specifications.
std::string escape_zsh(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if (c == ':' || c == '[' || c == ']' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return escaped;
}

std::string render_zsh_option(const OptionSpec& option) {
    std::string spec = (option.is_repeatable ? "*" : "") + option.name;
    if (!option.placeholder.empty()) spec += option.takes == OptionSpec::Takes::setting ? "" : "=";
    spec += "[" + escape_zsh(option.about) + "]";
    if (option.placeholder.empty()) return quote(spec);
    spec += ":" + escape_zsh(option.placeholder) + ":";
    if (!option.choices.empty()) return quote(spec + "(" + join(option.choices) + ")");
    switch (option.takes) {
        case OptionSpec::Takes::file: return quote(spec + "_files");
        case OptionSpec::Takes::folder: return quote(spec + "_files -/");
        case OptionSpec::Takes::setting: return quote(spec + "_lodestone_settings");
        case OptionSpec::Takes::text: break;
    }
    return quote(spec + " ");
}

std::string zsh_function(const std::string& path) {
    std::string name = "_lodestone";
    for (const char c : path.empty() ? path : " " + path) name += c == ' ' ? '_' : c;
    return name;
}

std::string render_zsh_command(const CommandSpec& command, const std::string& path) {
    std::string text = zsh_function(path) + "() {\n";
    if (!command.commands.empty())
        text += "    local context state state_descr line\n    typeset -A opt_args\n";
    text += "    _arguments";
    if (!command.commands.empty()) text += " -C";
    text += " \\\n        '(-h --help)'{-h,--help}'[Print this help.]'";
    for (const OptionSpec& option : command.options) text += " \\\n        " + render_zsh_option(option);
    for (const OperandSpec& operand : command.operands)
        text += " \\\n        " + quote(":" + operand.name + ":(" + join(operand.choices) + ")");
    if (command.commands.empty()) return text + "\n}\n\n";
    text += " \\\n        '1: :->command' '*:: :->rest'\n    case $state in\n        command)\n";
    text += "            local -a commands=(";
    for (const CommandSpec& below : command.commands)
        text += "\n                " + quote(below.name + ":" + escape_zsh(below.about));
    text += ")\n            _describe command commands ;;\n        rest)\n            case $line[1] in\n";
    for (const CommandSpec& below : command.commands)
        text += "                " + below.name + ") " +
                zsh_function(path.empty() ? below.name : path + " " + below.name) + " ;;\n";
    return text + "            esac ;;\n    esac\n}\n\n";
}

std::string fish_quote(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "'";
}

std::string render_fish_option(const OptionSpec& option) {
    std::string text = " -l " + option.name.substr(2) + " -d " + fish_quote(option.about);
    if (option.placeholder.empty()) return text;
    if (!option.choices.empty()) return text + " -x -a " + fish_quote(join(option.choices));
    switch (option.takes) {
        case OptionSpec::Takes::file: return text + " -r -F";
        case OptionSpec::Takes::folder: return text + " -x -a '(__fish_complete_directories)'";
        case OptionSpec::Takes::setting: return text + " -x -a " + fish_quote(setting_words());
        case OptionSpec::Takes::text: break;
    }
    return text + " -x";
}

std::string render_fish_command(const CommandSpec& command, const std::string& path) {
    const std::string start = "complete -c lodestone -n \"__lodestone_at '" + path + "'\"";
    std::string text;
    for (const CommandSpec& below : command.commands)
        text += start + " -a " + below.name + " -d " + fish_quote(below.about) + "\n";
    for (const OperandSpec& operand : command.operands)
        text +=
            start + " -a " + fish_quote(join(operand.choices)) + " -d " + fish_quote(operand.about) + "\n";
    for (const OptionSpec& option : command.options) text += start + render_fish_option(option) + "\n";
    return text + start + " -s h -l help -d 'Print this help.'\n";
}

}  // namespace

std::string render_bash_completion(const CommandSpec& root) {
    std::string transitions;
    std::string cases;
    visit_commands(root, {}, [&](const CommandSpec& command, const std::string& path) {
        if (!path.empty()) {
            const auto space = path.rfind(' ');
            const std::string parent = space == std::string::npos ? "" : path.substr(0, space);
            transitions += "            '" + parent + "|" + command.name + "') path='" + path + "' ;;\n";
        }
        cases += render_bash_command(command, path);
    });
    return "# bash completion for lodestone; made by `lodestone completion bash`.\n"
           "_lodestone() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} path='' i\n"
           "    # bash takes --option=value apart at the equals sign.\n"
           "    if [[ $cur == '=' ]]; then cur=''\n"
           "    elif [[ $prev == '=' ]]; then prev=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
           "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
           "        case \"$path|${COMP_WORDS[i]}\" in\n" +
           transitions +
           "        esac\n"
           "    done\n"
           "    case \"$path|$prev\" in\n" +
           cases +
           "    esac\n"
           "}\n"
           "complete -F _lodestone lodestone\n";
}

std::string render_zsh_completion(const CommandSpec& root) {
    std::string text =
        "#compdef lodestone\n# zsh completion for lodestone; made by `lodestone completion zsh`.\n\n"
        "_lodestone_settings() {\n    compadd -S '' -- " +
        setting_words() + "\n}\n\n";
    visit_commands(root, {}, [&](const CommandSpec& command, const std::string& path) {
        text += render_zsh_command(command, path);
    });
    // Loaded from fpath, the file is the function's body; sourced, it registers itself.
    return text +
           "if [[ $funcstack[1] == _lodestone ]]; then\n    _lodestone \"$@\"\nelse\n    compdef _lodestone "
           "lodestone\n"
           "fi\n";
}

std::string render_fish_completion(const CommandSpec& root) {
    std::string text =
        "# fish completion for lodestone; made by `lodestone completion fish`.\n"
        "function __lodestone_at\n"
        "    set -l words (commandline -opc)\n"
        "    set -l at\n"
        "    for word in $words[2..-1]\n"
        "        switch \"$at|$word\"\n";
    std::string rules;
    visit_commands(root, {}, [&](const CommandSpec& command, const std::string& path) {
        rules += render_fish_command(command, path);
        if (path.empty()) return;
        const auto space = path.rfind(' ');
        const std::string parent = space == std::string::npos ? "" : path.substr(0, space);
        text +=
            "            case '" + parent + "|" + command.name + "'\n                set at '" + path + "'\n";
    });
    return text +
           "        end\n"
           "    end\n"
           "    test \"$at\" = \"$argv[1]\"\n"
           "end\n"
           "complete -c lodestone -f\n" +
           rules;
}

}  // namespace lodestone::app
