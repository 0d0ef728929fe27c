// Uses in the database. Whoever releases a use changes the blob's row, so that the collector looks at it
// again.
#include "blobs/use.hpp"

namespace lodestone::blobs {

using db::Tx;

namespace {

const db::Command<TenantId, std::int64_t, BlobId> insert{
    "blob_use.insert",
    "INSERT INTO blob_uses (tenant_id, owner, blob_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};

const db::Query<std::int64_t, TenantId, std::int64_t, BlobId> find{
    "blob_use.find", "SELECT blob_id FROM blob_uses WHERE tenant_id = $1 AND owner = $2 AND blob_id = $3"};

const db::Query<Blob, TenantId, std::int64_t> list{
    "blob_use.list",
    "SELECT b.id, b.sha256, b.size_bytes, b.state, b.state_at, b.withdrawn_at, b.review_at, b.created_at, "
    "       b.checked_at, b.fault, b.copy_id "
    "FROM blob_uses AS u JOIN blobs AS b ON b.id = u.blob_id "
    "WHERE u.tenant_id = $1 AND u.owner = $2 ORDER BY b.id"};

// Sooner than that it is looked at in no case: a lease may be in force.
const db::Command<TenantId, std::int64_t, Time> review_all{
    "blob_use.review_all",
    "UPDATE blobs SET review_at = CASE WHEN review_at > $3 THEN review_at ELSE $3 END "
    "WHERE id IN (SELECT blob_id FROM blob_uses WHERE tenant_id = $1 AND owner = $2) "
    "  AND state <> 'deleting'"};

const db::Command<TenantId, std::int64_t, BlobId, Time> review_one{
    "blob_use.review_one",
    "UPDATE blobs SET review_at = CASE WHEN review_at > $4 THEN review_at ELSE $4 END "
    "WHERE id IN (SELECT blob_id FROM blob_uses WHERE tenant_id = $1 AND owner = $2 AND blob_id = $3) "
    "  AND state <> 'deleting'"};

const db::Command<TenantId, std::int64_t> delete_all{
    "blob_use.delete_all", "DELETE FROM blob_uses WHERE tenant_id = $1 AND owner = $2"};

const db::Command<TenantId, std::int64_t, BlobId> delete_one{
    "blob_use.delete", "DELETE FROM blob_uses WHERE tenant_id = $1 AND owner = $2 AND blob_id = $3"};

}  // namespace

bool use_blob(Tx& tx, const TenantId& tenant, std::int64_t owner, BlobId id) {
    if (!keep_blob(tx, id)) return false;
    tx.run(insert, tenant, owner, id);
    return true;
}

bool is_used(Tx& tx, const TenantId& tenant, std::int64_t owner, BlobId id) {
    return tx.maybe(find, tenant, owner, id).has_value();
}

std::vector<Blob> list_used_blobs(Tx& tx, const TenantId& tenant, std::int64_t owner) {
    return tx.all(list, tenant, owner);
}

std::int64_t release_uses(Tx& tx, const TenantId& tenant, std::int64_t owner) {
    tx.run(review_all, tenant, owner, tx.now());
    return tx.run(delete_all, tenant, owner);
}

std::int64_t release_use(Tx& tx, const TenantId& tenant, std::int64_t owner, BlobId id) {
    tx.run(review_one, tenant, owner, id, tx.now());
    return tx.run(delete_one, tenant, owner, id);
}

}  // namespace lodestone::blobs
