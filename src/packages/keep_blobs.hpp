// The bytes of a publication, kept for a version, or for what is to become one.
#pragma once

#include <cstdint>
#include <vector>

#include "db/tx.hpp"
#include "packages/publish.hpp"
#include "packages/shown_blob.hpp"

namespace lodestone::packages {

// Each once, however often it stands there. Answers by how many bytes the repository grows; refuses with
// Problem(conflict) what is on its way out.
std::int64_t keep_blobs(db::Tx& tx, const Publication& publication, const ShownIn& in,
                        std::vector<ShownBlob> needed);

}  // namespace lodestone::packages
