// `lodestone completion bash|zsh|fish`: a script for the shell that knows every command, option and value.
#include <array>

#include "app/commands/command_list.hpp"
#include "app/commands/completion_scripts.hpp"
#include "app/terminal/nearest_name.hpp"

namespace lodestone::app {
namespace {

constexpr int wrong_usage = 2;
constexpr std::array<std::string_view, 3> shells{"bash", "zsh", "fish"};

int run_completion(const CommandSpec&, const Arguments& arguments, Console& console) {
    const std::string shell = arguments.last("SHELL");
    if (shell == "bash") {
        console.out << render_bash_completion(command_tree());
    } else if (shell == "zsh") {
        console.out << render_zsh_completion(command_tree());
    } else if (shell == "fish") {
        console.out << render_fish_completion(command_tree());
    } else {
        console.complain(shell.empty() ? "which shell? bash, zsh or fish"
                                       : "unknown shell " + shell + render_suggestion(shell, shells));
        return wrong_usage;
    }
    return 0;
}

}  // namespace

CommandSpec make_completion_command() {
    return {.name = "completion",
            .about = "Print a completion script for a shell",
            .operands = {{"SHELL", "bash, zsh or fish.", {"bash", "zsh", "fish"}}},
            .examples = {{"source <(lodestone completion bash)", "bash, for this session"},
                         {"lodestone completion zsh > \"${fpath[1]}/_lodestone\"", "zsh, for good"},
                         {"lodestone completion fish > ~/.config/fish/completions/lodestone.fish",
                          "fish, for good"}},
            .run = run_completion};
}

}  // namespace lodestone::app
