// Tombstones: what was published under a name and removed. They stay for ever, so that what somebody fetched
// once under that name never becomes something else.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "blobs/store/blob_key.hpp"
#include "db/tx.hpp"
#include "packages/file.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

// Under which a file was, or would be, published.
struct FileKey {
    std::string package;  // their keys
    std::string version;
    std::string name;
};

// The digest of what was there.
std::optional<Sha256> find_tombstone(db::Tx& tx, const RepositoryPlace& place, const FileKey& key);
// Whether anything was ever removed from a version of that name.
bool was_version(db::Tx& tx, const RepositoryPlace& place, std::string_view package_key,
                 std::string_view version_key);
// Of bytes that were replaced before, the last ones count.
void insert_tombstone(db::Tx& tx, const RepositoryPlace& place, const FileKey& key, const Sha256& sha256,
                      std::string_view reason);
// One for each file of a version, or of all versions of a package that are not deleted.
void bury_version(db::Tx& tx, const VersionPlace& place, std::string_view reason);
void bury_package(db::Tx& tx, const PackagePlace& place, std::string_view reason);

}  // namespace lodestone::packages
