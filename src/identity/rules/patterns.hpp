// The two kinds of patterns that scopes, roles and policies are made of. A star stands only at the end of
// what it stands for, so that comparing takes one walk along the text, whatever the pattern.
//
//   actions    "*"  "package:*"  "package:read"
//   resources  "*"  "repository:*"  "repository:acme-*"  "repository:acme-npm"
#pragma once

#include <string_view>

namespace lodestone::identity {

// Whether it can be read: of the form above, with permissions and types of the catalogue, and not too long.
bool is_action_pattern(std::string_view pattern);
bool is_resource_pattern(std::string_view pattern);
// For tags: any text, with a star at the end or without.
bool is_tag_pattern(std::string_view pattern);

// Of patterns that were checked, here and below. `text` is a permission, a tag, or Resource::text(), which
// for all of a type together is "repository:*": only a pattern for all of them matches that.
inline bool is_text_in(std::string_view text, std::string_view pattern) {
    if (!pattern.ends_with('*')) return text == pattern;
    return text.starts_with(pattern.substr(0, pattern.size() - 1));
}

// Whether everything that `narrow` matches is matched by `wide`.
bool is_pattern_in(std::string_view narrow, std::string_view wide);

}  // namespace lodestone::identity
