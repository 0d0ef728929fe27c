// From the program's arguments to a command and its exit code.
#include "app/commands/commands.hpp"

#include <unistd.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "app/commands/command_help.hpp"
#include "app/commands/command_list.hpp"
#include "app/commands/command_version.hpp"

namespace lodestone::app {
namespace {

constexpr int failed = 1;
constexpr int wrong_usage = 2;

std::string line_of(const std::vector<const CommandSpec*>& path) {
    std::string line;
    for (const CommandSpec* command : path) line += (line.empty() ? "" : " ") + command->name;
    return line;
}

CommandSpec make_tree() {
    CommandSpec root{.name = "lodestone",
                     .about = "One registry for everything a software organisation makes and runs"};
    root.options.push_back({.name = "--version", .about = "Print the version."});
    root.examples = {{"lodestone serve", "Start on 127.0.0.1:8080 with its data in ./data"},
                     {"lodestone config check --config /etc/lodestone/lodestone.toml",
                      "See whether a configuration is sound before restarting"}};
    root.commands.push_back(make_serve_command());
    root.commands.push_back(make_config_command());
    root.commands.push_back(make_migrate_command());
    root.commands.push_back(make_backup_command());
    root.commands.push_back(make_restore_command());
    root.commands.push_back(make_tenant_command());
    root.commands.push_back(make_app_command());
    root.commands.push_back(make_branch_command());
    root.commands.push_back(make_repository_command());
    root.commands.push_back(make_storage_command());
    root.commands.push_back(make_user_command());
    root.commands.push_back(make_role_command());
    root.commands.push_back(make_key_command());
    root.commands.push_back(make_audit_command());
    root.commands.push_back(make_advisories_command());
    root.commands.push_back(make_healthcheck_command());
    root.commands.push_back(make_version_command());
    root.commands.push_back(make_completion_command());
    return root;
}

int refuse_usage(const ParsedCommand& parsed, const std::string& sentence, Console& console) {
    console.complain(sentence);
    console.err << "Try: " << line_of(parsed.path) << " --help\n";
    return wrong_usage;
}

int run_parsed(const ParsedCommand& parsed, Console& console) {
    const CommandSpec& command = parsed.command();
    try {
        return command.run(command, parsed.arguments, console);
    } catch (const WrongUsage& wrong) {
        if (wrong.is_of_words()) return refuse_usage(parsed, wrong.detail(), console);
        for (const std::string& sentence : wrong.sentences()) console.complain(sentence);
        return wrong_usage;
    }
}

}  // namespace

const CommandSpec& command_tree() {
    static const CommandSpec tree = make_tree();
    return tree;
}

OptionSpec make_json_option() {
    return {.name = "--json", .about = "Answer in JSON, for scripts."};
}

int run_command(const std::vector<std::string>& words, Console& console) {
    const ParsedCommand parsed = parse_command_line(command_tree(), words);
    const CommandSpec& command = parsed.command();
    if (parsed.wants_help) {
        console.out << render_help(parsed.path, console.out_has_colours);
        return 0;
    }
    if (!parsed.fault.empty()) return refuse_usage(parsed, parsed.fault, console);
    if (parsed.arguments.has("--version")) {
        console.out << render_version_line();
        return 0;
    }
    if (command.run == nullptr) {
        console.out << render_help(parsed.path, console.out_has_colours);
        return 0;
    }
    return run_parsed(parsed, console);
}

int run(int argc, char** argv) {
    const Environment environment = read_environment();
    Console console{.out = std::cout,
                    .err = std::cerr,
                    .out_has_colours = has_colours(STDOUT_FILENO, environment),
                    .err_has_colours = has_colours(STDERR_FILENO, environment),
                    .err_is_terminal = is_terminal(STDERR_FILENO),
                    .environment = environment};
    // `lodestone config show | head` ends in a failed write, not in a signal.
    std::signal(SIGPIPE, SIG_IGN);
    int code = failed;
    try {
        code = run_command({argv + 1, argv + argc}, console);
    } catch (const std::exception& error) {
        console.complain(error.what());
    }
    std::cout.flush();
    if (std::cout.good()) return code;
    console.complain("standard output cannot be written to");
    return failed;
}

}  // namespace lodestone::app
