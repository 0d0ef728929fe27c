// Names of projects: https://packaging.python.org/en/latest/specifications/name-normalization/
#pragma once

#include <string>
#include <string_view>

namespace lodestone::formats::pypi {

// Letters, digits and . _ - with a letter or digit at both ends.
bool is_project_name(std::string_view text);
// Lower case, each run of . _ - as one hyphen. Takes any text.
std::string fold_project_name(std::string_view text);

}  // namespace lodestone::formats::pypi
