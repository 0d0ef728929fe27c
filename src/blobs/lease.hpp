// Leases: promises to keep a blob that nothing names yet, made before any answer that says it is there. Each
// is for one scope of a tenant, "<repository id>/<package key>": a promise there gives nobody the bytes
// elsewhere.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/tenant_id.hpp"
#include "blobs/blob.hpp"
#include "db/tx.hpp"

namespace lodestone::blobs {

// Until then at least; a longer one that is there stays as it is. False: the blob is on its way out, or gone,
// and has to be sent again.
bool lease_blob(db::Tx& tx, const TenantId& tenant, std::string_view scope, BlobId id, Time until);
// The blob with that content, if this scope was promised it.
std::optional<Blob> find_leased_blob(db::Tx& tx, const TenantId& tenant, std::string_view scope,
                                     const Sha256& sha256);
// Whoever asked for it does not want it any more.
void release_lease(db::Tx& tx, const TenantId& tenant, std::string_view scope, BlobId id);
// Those that have run out before `deadline`, a bounded number; answers how many.
std::int64_t purge_leases(db::Tx& tx, Time deadline);

}  // namespace lodestone::blobs
