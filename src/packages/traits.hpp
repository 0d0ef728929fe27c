// Traits: what a format finds in a version by which people look for its package besides names and words, as
// the platforms that an image is for. Each stands with its version as a property; a package's row has those
// of all versions that are there, at most limits::package_traits.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "db/tx.hpp"
#include "packages/file.hpp"
#include "packages/package.hpp"

namespace lodestone::packages {

// What the names of these properties begin with; the value is the trait. Of a version that was deleted they
// are called otherwise, so that it is one look-up whether a package still has one.
inline constexpr std::string_view trait_property = "trait:";

// Into the package's row, which the caller stores; what is too long or too much is left out.
void add_traits(Package& package, std::span<const std::string> traits);
// With the version, of which there is a row by now.
void put_traits(db::Tx& tx, const VersionPlace& place, std::span<const std::string> traits);

// Of a version whose content is replaced: its traits go, and those that no other version has leave the row.
void replace_traits(db::Tx& tx, const VersionPlace& place, Package& package);
// Of one that is deleted, or comes back: the package is stored, and found by what it has now. Whoever calls
// changes the repository's usage too: of two units that take away the last versions with a trait, one is run
// again, and finds that nobody has it.
void hide_traits(db::Tx& tx, const VersionPlace& place);
void show_traits(db::Tx& tx, const VersionPlace& place);

}  // namespace lodestone::packages
