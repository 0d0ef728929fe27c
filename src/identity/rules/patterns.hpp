// The two kinds of patterns that scopes, roles and policies are made of. A star stands only at the end of
// what it stands for, so that comparing takes one walk along the text, whatever the pattern.
//
//   actions    "*"  "package:*"  "package:read"
//   resources  "*"  "repository:*"  "repository:acme-*"  "repository:acme-npm"  "package:acme-npm/left-*"
//
// A package's text is "package:REPOSITORY/NAME"; a repository's name has no slash in it, a package's may.
// What stands in a repository is meant with it: "repository:acme-npm" takes the repository and its packages,
// "repository:acme-npm/*" its packages alone, as "package:acme-npm/*" does.
#pragma once

#include <string_view>

namespace lodestone::identity {

// Whether it can be read: of the form above, with permissions and types of the catalogue, and not too long.
bool is_action_pattern(std::string_view pattern);
bool is_resource_pattern(std::string_view pattern);
// For tags: any text, with a star at the end or without.
bool is_tag_pattern(std::string_view pattern);

// Of patterns that were checked, here and below. `text` is a permission or a tag.
inline bool is_text_in(std::string_view text, std::string_view pattern) {
    if (!pattern.ends_with('*')) return text == pattern;
    return text.starts_with(pattern.substr(0, pattern.size() - 1));
}
// `text` is Resource::text(), which for all of a type together is "repository:*", and for all packages of a
// repository "package:acme-npm/*": only a pattern for all of them matches that.
bool is_resource_in(std::string_view text, std::string_view pattern);

// Of `text` that is for all packages of a repository: whether the pattern matches at least what some of them
// could be called.
bool reaches_into(std::string_view pattern, std::string_view text);

// Whether everything that `narrow` matches is matched by `wide`.
bool is_pattern_in(std::string_view narrow, std::string_view wide);
bool is_resource_pattern_in(std::string_view narrow, std::string_view wide);

}  // namespace lodestone::identity
