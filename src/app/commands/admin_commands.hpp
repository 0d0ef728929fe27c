// How the commands of an administrator are put together: each is a few words, options and operands beside the
// ones that all have.
#pragma once

#include <iterator>
#include <string>
#include <vector>

#include "app/commands/admin_target.hpp"
#include "app/commands/command_line.hpp"

namespace lodestone::app {

struct CommandText {
    std::string name;
    std::string about;
    Example example;
    std::vector<OperandSpec> operands{};
    std::vector<OptionSpec> options{};  // besides those of make_admin_options() or make_tenant_options()
};

inline CommandSpec make_admin_command(CommandText text, std::vector<OptionSpec> options,
                                      decltype(CommandSpec::run) run) {
    options.insert(options.begin(), std::make_move_iterator(text.options.begin()),
                   std::make_move_iterator(text.options.end()));
    return {.name = std::move(text.name),
            .about = std::move(text.about),
            .options = std::move(options),
            .operands = std::move(text.operands),
            .examples = {std::move(text.example)},
            .run = run};
}

inline CommandSpec make_tenant_scoped(CommandText text, decltype(CommandSpec::run) run) {
    return make_admin_command(std::move(text), make_tenant_options(), run);
}

}  // namespace lodestone::app
