// From the numbers in blob_uses back to names.
#include "packages/needing.hpp"

namespace lodestone::packages {

namespace {

const db::Query<Needing, blobs::BlobId, std::int64_t> list{
    "needing.list",
    "SELECT t.name AS tenant, r.name AS repository, p.name AS package, v.name AS version "
    "FROM blob_uses AS u "
    "JOIN versions AS v ON v.tenant_id = u.tenant_id AND v.number = u.owner "
    "JOIN packages AS p ON p.tenant_id = v.tenant_id AND p.repository_id = v.repository_id "
    "                  AND p.id = v.package_id "
    "JOIN repositories AS r ON r.tenant_id = v.tenant_id AND r.id = v.repository_id "
    "JOIN tenants AS t ON t.id = u.tenant_id "
    "WHERE u.blob_id = $1 ORDER BY u.tenant_id, u.owner LIMIT $2"};

}  // namespace

std::vector<Needing> list_needing(db::Tx& tx, blobs::BlobId blob, std::int64_t limit) {
    return tx.all(list, blob, limit);
}

}  // namespace lodestone::packages
