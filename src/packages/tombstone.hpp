// Tombstones: what was published under a name and removed. They stay for ever, so that what somebody fetched
// once under that name never becomes something else, and so that it is known since when there is such a name.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blobs/store/blob_key.hpp"
#include "db/tx.hpp"
#include "packages/file.hpp"
#include "packages/ids.hpp"
#include "packages/package.hpp"
#include "packages/version.hpp"

namespace lodestone::packages {

// Under which a file was, or would be, published.
struct FileKey {
    std::string package;  // their keys
    std::string version;
    std::string name;
};

// The digest of what was there.
std::optional<Sha256> find_tombstone(db::Tx& tx, const RepositoryPlace& place, const FileKey& key);
// All of a version, by name; at most `limit`.
struct Tombstone {
    std::string file_name;
    Sha256 sha256{};
};
BOOST_DESCRIBE_STRUCT(Tombstone, (), (file_name, sha256))
std::vector<Tombstone> list_tombstones(db::Tx& tx, const RepositoryPlace& place, const FileKey& of_version,
                                       std::int64_t limit);
// Whether anything was ever removed from a version of that name.
bool was_version(db::Tx& tx, const RepositoryPlace& place, std::string_view package_key,
                 std::string_view version_key);
// When a package, or a version, was published of which something was removed; nothing where that never was.
std::optional<Time> find_first_publication(db::Tx& tx, const RepositoryPlace& place,
                                           std::string_view package_key);
std::optional<Time> find_first_publication(db::Tx& tx, const RepositoryPlace& place,
                                           std::string_view package_key, std::string_view version_key);

// Of a file that goes alone.
struct Buried {
    const Package& package;
    const Version& version;
    const File& file;
};
// Of bytes that were replaced before, the last ones count.
void bury_file(db::Tx& tx, const RepositoryPlace& place, const Buried& buried, std::string_view reason);
// One for each file of a version, or of all versions of a package that are not deleted.
void bury_version(db::Tx& tx, const VersionPlace& place, std::string_view reason);
void bury_package(db::Tx& tx, const PackagePlace& place, std::string_view reason);

}  // namespace lodestone::packages
