// Who needs a blob, for whoever has to be told that it is damaged; who needs a version, for whoever wants to
// delete it; and what a version needs, for whoever wants to have it back.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "blobs/store/blob_key.hpp"
#include "db/tx.hpp"
#include "packages/file.hpp"

namespace lodestone::packages {

struct Needing {
    std::string tenant;  // all by their names
    std::string repository;
    std::string package;
    std::string version;
    bool operator==(const Needing&) const = default;
};
BOOST_DESCRIBE_STRUCT(Needing, (), (tenant, repository, package, version))

// Of all tenants, also what is staged, or deleted and can be restored; the first so many.
std::vector<Needing> list_needing(db::Tx& tx, blobs::BlobId blob, std::int64_t limit);

// The name of a version of the package that says by a property (needs_property) that it needs the one of that
// key, and is not deleted.
std::optional<std::string> find_needing_version(db::Tx& tx, const PackagePlace& place, std::string_view key);
// The name of one that this version needs, and that is deleted.
std::optional<std::string> find_deleted_need(db::Tx& tx, const VersionPlace& place);

}  // namespace lodestone::packages
