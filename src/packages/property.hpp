// Properties: short texts under names, by which versions are found again, as what they are about or built
// from. Formats give them names that begin with their own: "oci.subject".
#pragma once

#include <string_view>

#include "packages/file.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

// What a property's name begins with that says that the version needs another one of its package, whose key
// is the value: retention lets that stay as long as this one does, and nobody deletes it before
// (needing.hpp).
inline constexpr std::string_view needs_property = "needs:";

// Sets it, whatever it was before.
void put_property(db::Tx& tx, const VersionPlace& place, std::string_view name, std::string_view value);

}  // namespace lodestone::packages
