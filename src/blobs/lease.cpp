// Leases in the database.
#include "blobs/lease.hpp"

#include "base/blob_limits.hpp"
#include "base/problem.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

const db::Command<TenantId, std::string_view, BlobId, Time> put{
    "blob_lease.put",
    "INSERT INTO blob_leases (tenant_id, scope, blob_id, until_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT (tenant_id, scope, blob_id) DO UPDATE SET until_at = excluded.until_at "
    "WHERE blob_leases.until_at < excluded.until_at"};

const db::Query<Blob, TenantId, std::string_view, Sha256, Time> find{
    "blob_lease.find",
    "SELECT b.id, b.sha256, b.size_bytes, b.state, b.state_at, b.withdrawn_at, b.review_at, b.created_at, "
    "       b.checked_at, b.fault, b.copy_id "
    "FROM blobs AS b JOIN blob_leases AS l ON l.tenant_id = $1 AND l.scope = $2 AND l.blob_id = b.id "
    "WHERE b.sha256 = $3 AND b.withdrawn_at IS NULL AND l.until_at > $4"};

const db::Command<TenantId, std::string_view, BlobId> delete_one{
    "blob_lease.delete", "DELETE FROM blob_leases WHERE tenant_id = $1 AND scope = $2 AND blob_id = $3"};

const db::Command<Time, std::int64_t> purge{
    "blob_lease.purge",
    "DELETE FROM blob_leases WHERE (tenant_id, scope, blob_id) IN "
    "(SELECT tenant_id, scope, blob_id FROM blob_leases WHERE until_at < $1 ORDER BY until_at LIMIT $2)"};

}  // namespace

bool lease_blob(Tx& tx, const TenantId& tenant, std::string_view scope, BlobId id, Time until) {
    if (scope.empty() || scope.size() > limits::blob_scope_bytes)
        throw Problem(problems::invalid_input, "The name of the package is too long to be uploaded to.");
    if (!keep_blob(tx, id)) return false;
    tx.run(put, tenant, scope, id, until);
    return true;
}

std::optional<Blob> find_leased_blob(Tx& tx, const TenantId& tenant, std::string_view scope,
                                     const Sha256& sha256) {
    return tx.maybe(find, tenant, scope, sha256, tx.now());
}

void release_lease(Tx& tx, const TenantId& tenant, std::string_view scope, BlobId id) {
    tx.run(delete_one, tenant, scope, id);
}

std::int64_t purge_leases(Tx& tx, Time deadline) {
    return tx.run(purge, deadline, limits::purge_rows);
}

}  // namespace lodestone::blobs
