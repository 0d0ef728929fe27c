// Who needs a blob: for whoever has to be told that it is damaged.
#pragma once

#include <boost/describe/class.hpp>
#include <string>
#include <vector>

#include "blobs/store/blob_key.hpp"
#include "db/tx.hpp"

namespace lodestone::packages {

struct Needing {
    std::string tenant;  // all by their names
    std::string repository;
    std::string package;
    std::string version;
    bool operator==(const Needing&) const = default;
};
BOOST_DESCRIBE_STRUCT(Needing, (), (tenant, repository, package, version))

// Of all tenants, also what is deleted and can be restored; the first so many.
std::vector<Needing> list_needing(db::Tx& tx, blobs::BlobId blob, std::int64_t limit);

}  // namespace lodestone::packages
