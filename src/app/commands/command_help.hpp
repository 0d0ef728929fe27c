// Help texts from what commands say about themselves.
#pragma once

#include <string>
#include <vector>

#include "app/commands/command_line.hpp"

namespace lodestone::app {

std::string render_help(const std::vector<const CommandSpec*>& path, bool with_colours);

// docs/user/commands.md: every command's help, one chapter each.
std::string render_commands_reference(const CommandSpec& root);

// Breaks paragraphs at spaces; every line begins with `indent` spaces except the first.
std::string wrap(const std::string& text, std::size_t width, std::size_t indent);

}  // namespace lodestone::app
