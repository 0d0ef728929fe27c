// Patterns, compared as they stand: a prefix, or the whole.
#include "identity/rules/patterns.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "identity/rules/permissions.hpp"

namespace lodestone::identity {

// Printable ASCII and what is beyond ASCII; a star only at the end.
bool is_tag_pattern(std::string_view pattern) {
    if (pattern.empty() || pattern.size() > limits::pattern_bytes) return false;
    const auto is_odd = [](char c) { return (c >= 0 && c <= 0x20) || c == 0x7f; };
    if (std::ranges::any_of(pattern, is_odd)) return false;
    const std::size_t star = pattern.find('*');
    return star == pattern.npos || star == pattern.size() - 1;
}

bool is_pattern_in(std::string_view narrow, std::string_view wide) {
    if (!narrow.ends_with('*')) return is_text_in(narrow, wide);
    return wide.ends_with('*') && is_text_in(narrow.substr(0, narrow.size() - 1), wide);
}

bool is_action_pattern(std::string_view pattern) {
    if (pattern == "*") return true;
    if (pattern.ends_with(":*")) return is_resource_type(pattern.substr(0, pattern.size() - 2));
    return find_permission(pattern) != nullptr;
}

bool is_resource_pattern(std::string_view pattern) {
    if (pattern == "*") return true;
    const std::size_t colon = pattern.find(':');
    return is_tag_pattern(pattern) && colon != pattern.npos && colon + 1 < pattern.size() &&
           is_resource_type(pattern.substr(0, colon));
}

}  // namespace lodestone::identity
