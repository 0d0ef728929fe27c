// Is anybody looking? Whether a stream is a terminal, and the few colours that are used on one.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace lodestone::app {

// The environment as a value, so that tests can give one.
using Environment = std::map<std::string, std::string, std::less<>>;
Environment read_environment();
// Absent and empty are the same: compose files turn what is unset into empty variables.
std::string_view find_variable(const Environment& environment, std::string_view name);

bool is_terminal(int fd);
// Only on a terminal that can, and not when NO_COLOR (https://no-color.org) asks for none.
bool has_colours(int fd, const Environment& environment);

enum class Ink { heading, name, placeholder, faint, error, good };
std::string paint(Ink ink, std::string_view text, bool with_colours);

}  // namespace lodestone::app
