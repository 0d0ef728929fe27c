// The commands: serve, config, migrate, version, healthcheck, completion.
#pragma once

#include <string>
#include <vector>

#include "app/commands/command_line.hpp"

namespace lodestone::app {

// Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
int run(int argc, char** argv);

// The same with its surroundings given: `words` are the arguments after the program's name.
int run_command(const std::vector<std::string>& words, Console& console);

}  // namespace lodestone::app
