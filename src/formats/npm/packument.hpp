// A package's documents: what is said of it and of all its versions, joined from what each of them says.
// https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "db/tx.hpp"
#include "packages/fragment.hpp"
#include "packages/index.hpp"
#include "packages/package.hpp"

namespace lodestone::formats::npm {

// Kinds of fragments.
inline constexpr std::string_view full_fragment = "full";
inline constexpr std::string_view brief_fragment = "brief";
// That there is an attestation, of which type; and the attestation itself.
inline constexpr std::string_view attestation_fragment = "attested";
inline constexpr std::string_view bundle_fragment = "bundle";
// Members that the whole document has for the sake of its latest version; read alone.
inline constexpr std::string_view readme_fragment = "readme";

inline constexpr std::string_view brief_type = "application/vnd.npm.install-v1+json";

// All that is known, and what installers need.
extern const packages::IndexKind full_packument;
extern const packages::IndexKind brief_packument;

using Tags = std::vector<std::pair<std::string, std::string>>;  // and the versions that they name
// With `latest`, which every package has: unless somebody has set it, it is the highest version that is
// neither yanked nor a prerelease, as far as there is one.
Tags list_package_tags(db::Tx& tx, const packages::PackagePlace& place,
                       const std::vector<packages::FoundFragment>& versions);
Tags list_package_tags(db::Tx& tx, const packages::PackagePlace& place);

// The version that one tag names, `latest` as above.
std::optional<std::string> find_tagged(db::Tx& tx, const packages::PackagePlace& place, std::string_view tag);

// What changes with every version that comes or goes and every tag: clients send it back with what they have
// changed in the document, so that nobody takes back what he has not seen.
std::string find_revision(db::Tx& tx, const packages::PackagePlace& place);

// What one version says, by its name or by a tag; nothing: there is none.
std::optional<std::string> render_version_document(db::Tx& tx, const packages::IndexSubject& subject,
                                                   std::string_view asked);

// What clients are told of a version that nobody should begin to use; empty: it is fine.
std::string deprecation_of(const packages::FoundFragment& version);

}  // namespace lodestone::formats::npm
