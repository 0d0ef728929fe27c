// What this build is.
#pragma once

#include <string>

namespace lodestone::app {

// "lodestone 0.1.0 (commit)\n"
std::string render_version_line();
// Without the commit: "0.1.0".
std::string_view version_number();

}  // namespace lodestone::app
