// Uses: who needs which blobs. An owner is the number of a version, or of whatever else is stored for good
// and names bytes; a tenant's owners are its own.
#pragma once

#include <vector>

#include "base/tenant_id.hpp"
#include "blobs/blob.hpp"
#include "db/tx.hpp"

namespace lodestone::blobs {

// In the transaction that writes the owner. A use that is there already is fine. False: the blob is on its
// way out, or gone, and has to be sent again.
bool use_blob(db::Tx& tx, const TenantId& tenant, std::int64_t owner, BlobId id);
bool is_used(db::Tx& tx, const TenantId& tenant, std::int64_t owner, BlobId id);
// What the owner needs, by id.
std::vector<Blob> list_used_blobs(db::Tx& tx, const TenantId& tenant, std::int64_t owner);
// In the transaction that removes the owner: what nobody else needs is collected later. Answers how many.
std::int64_t release_uses(db::Tx& tx, const TenantId& tenant, std::int64_t owner);
std::int64_t release_use(db::Tx& tx, const TenantId& tenant, std::int64_t owner, BlobId id);

}  // namespace lodestone::blobs
