// Every command, each from its own file, and the tree that they make.
#pragma once

#include "app/commands/command_line.hpp"
#include "app/config/config.hpp"
#include "app/config/config_sources.hpp"

namespace lodestone::app {

CommandSpec make_serve_command();
CommandSpec make_config_command();
CommandSpec make_migrate_command();
CommandSpec make_backup_command();
CommandSpec make_restore_command();
CommandSpec make_tenant_command();
CommandSpec make_app_command();
CommandSpec make_branch_command();
CommandSpec make_repository_command();
CommandSpec make_storage_command();
CommandSpec make_user_command();
CommandSpec make_role_command();
CommandSpec make_key_command();
CommandSpec make_audit_command();
CommandSpec make_advisories_command();
CommandSpec make_healthcheck_command();
CommandSpec make_version_command();
CommandSpec make_completion_command();

// `lodestone` itself with all commands below it.
const CommandSpec& command_tree();

// The options that give configuration, the same for every command that reads it, and what they say.
std::vector<OptionSpec> make_config_options();
ConfigSources read_sources(const CommandSpec& command, const Arguments& arguments, const Console& console);
// Throws WrongUsage with every fault.
Config need_config(const CommandSpec& command, const Arguments& arguments, const Console& console);

OptionSpec make_json_option();

}  // namespace lodestone::app
