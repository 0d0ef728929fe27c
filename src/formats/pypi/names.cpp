// Names of projects: which there can be, and which of them are one.
#include "formats/pypi/names.hpp"

#include <algorithm>

#include "base/package_limits.hpp"
#include "formats/pypi/characters.hpp"

namespace lodestone::formats::pypi {

bool is_project_name(std::string_view text) {
    const auto is_fine = [](char c) { return is_alphanumeric(c) || is_separator(c); };
    return !text.empty() && text.size() <= limits::package_name_bytes && is_alphanumeric(text.front()) &&
           is_alphanumeric(text.back()) && std::ranges::all_of(text, is_fine);
}

std::string fold_project_name(std::string_view text) {
    std::string folded;
    folded.reserve(text.size());
    bool was_separator = false;
    for (const char c : text) {
        if (!is_separator(c))
            folded += to_lower(c);
        else if (!was_separator)
            folded += '-';
        was_separator = is_separator(c);
    }
    return folded;
}

}  // namespace lodestone::formats::pypi
