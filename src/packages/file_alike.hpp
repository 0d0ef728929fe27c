// Files that are one to those who fetch them, however their names are spelled: of a version there is one of
// them, so that nobody gets other bytes by another spelling of a name that was published before.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "packages/file.hpp"
#include "packages/tombstone.hpp"

namespace lodestone::packages {

// From a file's name to what it is within its version. It takes any text, and never throws; null: names are
// taken as they are written.
using FoldFile = std::string (*)(std::string_view name);

// The name of another file of the version that is the same one as this would be.
std::optional<std::string> find_file_alike(db::Tx& tx, const VersionPlace& place, std::string_view name,
                                           FoldFile fold);
// The same of the version that these keys name, if there is one.
std::optional<std::string> find_file_alike(db::Tx& tx, const RepositoryPlace& place, const FileKey& key,
                                           FoldFile fold);
// Whether other bytes were removed under this name, or under another spelling of it: then only what was
// removed comes back. Refuses with Problem(conflict) where so much was removed that nobody looks through it.
bool is_buried_otherwise(db::Tx& tx, const RepositoryPlace& place, const FileKey& key, const Sha256& sha256,
                         FoldFile fold);

}  // namespace lodestone::packages
