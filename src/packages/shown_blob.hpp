// Which bytes a package shows, for the sake of which of its versions: what is not deleted, by its numbers.
// Whether somebody who may read a package may have a blob is one look-up here, and a repository's bytes are
// those of its rows here, each blob once.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "blobs/store/blob_key.hpp"
#include "db/tx.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

struct ShownBlob {
    blobs::BlobId blob_id;
    std::int64_t size_bytes = 0;
    bool operator==(const ShownBlob&) const = default;
};
BOOST_DESCRIBE_STRUCT(ShownBlob, (), (blob_id, size_bytes))

// The numbers of repository, package and version.
struct ShownIn {
    std::int64_t repository = 0;
    std::int64_t package = 0;
    std::int64_t version = 0;
};

// For what a format serves by digest: "" where the package does not show it.
bool is_shown(db::Tx& tx, const TenantId& tenant, const ShownIn& package, blobs::BlobId blob);
// Whether anything in the repository is of this size: what is of none cannot be there already.
bool has_blob_of_size(db::Tx& tx, const TenantId& tenant, std::int64_t repository, std::int64_t size_bytes);
// Answers by how many bytes the repository grows: those of blobs that it did not have.
std::int64_t show_blobs(db::Tx& tx, const TenantId& tenant, const ShownIn& version,
                        std::span<const ShownBlob> blobs);
// Of what the version had: answers by how many bytes the repository shrinks.
std::int64_t hide_blob(db::Tx& tx, const TenantId& tenant, const ShownIn& version, blobs::BlobId blob);
std::int64_t hide_blobs_of_version(db::Tx& tx, const TenantId& tenant, const ShownIn& version);
std::int64_t hide_blobs_of_package(db::Tx& tx, const TenantId& tenant, const ShownIn& package);
// What a version needs, as blob_uses has it.
std::vector<ShownBlob> list_needed_blobs(db::Tx& tx, const TenantId& tenant, std::int64_t version);

}  // namespace lodestone::packages
