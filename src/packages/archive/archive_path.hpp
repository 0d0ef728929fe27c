// Names of entries, which somebody may unpack later: what would lead out of the folder where they do is
// refused.
#pragma once

#include <string>
#include <string_view>

namespace lodestone::packages {

// The name without "./" before it and "/" behind it; empty for the folder itself ("./"). Throws
// Problem(invalid_input).
std::string check_archive_path(std::string_view path);

}  // namespace lodestone::packages
