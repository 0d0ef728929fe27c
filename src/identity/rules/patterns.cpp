// Patterns, compared as they stand: a prefix, or the whole.
#include "identity/rules/patterns.hpp"

#include <algorithm>
#include <optional>

#include "base/limits.hpp"
#include "identity/rules/permissions.hpp"

namespace lodestone::identity {

namespace {

constexpr std::string_view in_repository = "repository:", in_package = "package:";

// What a text or a pattern says behind "package:" or "repository:", where what is in repositories is meant.
std::optional<std::string_view> find_place(std::string_view text) {
    for (const std::string_view type : {in_package, in_repository})
        if (text.starts_with(type)) return text.substr(type.size());
    return std::nullopt;
}

}  // namespace

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

bool is_resource_in(std::string_view text, std::string_view pattern) {
    if (is_text_in(text, pattern)) return true;
    if (!text.starts_with(in_package) || !pattern.starts_with(in_repository)) return false;
    const std::string_view place = text.substr(in_package.size());
    const std::string_view repositories = pattern.substr(in_repository.size());
    const std::size_t slash = place.find('/');
    return is_text_in(place, repositories) ||
           (slash != place.npos && is_text_in(place.substr(0, slash), repositories));
}

bool reaches_into(std::string_view pattern, std::string_view text) {
    if (is_resource_in(text, pattern)) return true;
    const std::optional<std::string_view> place = find_place(text);
    const std::optional<std::string_view> part = find_place(pattern);
    return place && part && part->starts_with(place->substr(0, place->find('/') + 1));
}

bool is_resource_pattern_in(std::string_view narrow, std::string_view wide) {
    if (is_pattern_in(narrow, wide)) return true;
    const std::optional<std::string_view> place = find_place(narrow);
    if (!place || !wide.starts_with(in_repository)) return false;
    const std::string_view repositories = wide.substr(in_repository.size());
    const std::size_t slash = place->find('/');
    return is_pattern_in(*place, repositories) ||
           (slash != place->npos && is_text_in(place->substr(0, slash), repositories));
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
