// Shell completions, made from the tree of commands: nothing in them is written by hand twice.
#pragma once

#include <string>

#include "app/commands/command_line.hpp"

namespace lodestone::app {

std::string render_bash_completion(const CommandSpec& root);
std::string render_zsh_completion(const CommandSpec& root);
std::string render_fish_completion(const CommandSpec& root);

}  // namespace lodestone::app
