// What is known to be wrong with a release, as the JSON API says it:
// https://warehouse.pypa.io/api-reference/json.html#known-vulnerabilities
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "db/tx.hpp"
#include "packages/advisories/ecosystem.hpp"

namespace lodestone::formats::pypi {

extern const packages::Ecosystem ecosystem;

std::optional<std::strong_ordering> compare_texts(std::string_view one, std::string_view other);
// Without the local part, if there is one: nothing of "2.0.0".
std::optional<std::string> find_public_version(std::string_view version);

// A JSON list. From rows as they are now: documents that are kept say so within limits::index_lifetime.
std::string render_vulnerabilities(db::Tx& tx, std::string_view project, std::string_view version);

}  // namespace lodestone::formats::pypi
