// A lease's scope, and an upload's, is "<repository id>/<package key>": what begins so is found by a range,
// and '0' stands behind '/'. What a version needs, also a deleted one that can be restored, is not counted:
// that was counted before, and who deletes to make room gets it at once.
#include "packages/unclaimed.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Query<std::int64_t, TenantId, RepositoryId, Time> sum_of_repository{
    "unclaimed.sum_of_repository",
    "SELECT CAST(coalesce((SELECT sum(b.size_bytes) FROM blobs AS b WHERE b.id IN "
    "  (SELECT l.blob_id FROM blob_leases AS l "
    "   WHERE l.tenant_id = $1 AND l.scope >= $2 || '/' AND l.scope < $2 || '0' AND l.until_at > $3 "
    "     AND NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = l.blob_id AND u.tenant_id = $1))), "
    "0) "
    "+ coalesce((SELECT sum(p.size_bytes) FROM uploads AS p "
    "   WHERE p.tenant_id = $1 AND p.scope >= $2 || '/' AND p.scope < $2 || '0'), 0) "
    "AS bigint)"};

const db::Query<std::int64_t, TenantId, AppId, Time> sum_of_app{
    "unclaimed.sum_of_app",
    "SELECT CAST(coalesce((SELECT sum(b.size_bytes) FROM blobs AS b WHERE b.id IN "
    "  (SELECT l.blob_id FROM repositories AS r "
    "   JOIN blob_leases AS l ON l.tenant_id = r.tenant_id AND l.scope >= r.id || '/' "
    "                        AND l.scope < r.id || '0' AND l.until_at > $3 "
    "   WHERE r.tenant_id = $1 AND r.app_id = $2 AND r.deleted_at IS NULL "
    "     AND NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = l.blob_id AND u.tenant_id = $1))), "
    "0) "
    "+ coalesce((SELECT sum(p.size_bytes) FROM repositories AS r "
    "   JOIN uploads AS p ON p.tenant_id = r.tenant_id AND p.scope >= r.id || '/' AND p.scope < r.id || '0' "
    "   WHERE r.tenant_id = $1 AND r.app_id = $2 AND r.deleted_at IS NULL), 0) "
    "AS bigint)"};

const db::Query<std::int64_t, TenantId, Time> sum_of_tenant{
    "unclaimed.sum_of_tenant",
    "SELECT CAST(coalesce((SELECT sum(b.size_bytes) FROM blobs AS b WHERE b.id IN "
    "  (SELECT l.blob_id FROM blob_leases AS l WHERE l.tenant_id = $1 AND l.until_at > $2 "
    "     AND NOT EXISTS (SELECT 1 FROM blob_uses AS u WHERE u.blob_id = l.blob_id AND u.tenant_id = $1))), "
    "0) "
    "+ coalesce((SELECT sum(p.size_bytes) FROM uploads AS p WHERE p.tenant_id = $1), 0) "
    "AS bigint)"};

}  // namespace

std::int64_t find_unclaimed_bytes(Tx& tx, const RepositoryPlace& place) {
    return tx.one(sum_of_repository, place.tenant, place.repository, tx.now());
}

std::int64_t find_unclaimed_bytes(Tx& tx, const TenantId& tenant, const AppId& app) {
    return tx.one(sum_of_app, tenant, app, tx.now());
}

std::int64_t find_unclaimed_bytes(Tx& tx, const TenantId& tenant) {
    return tx.one(sum_of_tenant, tenant, tx.now());
}

}  // namespace lodestone::packages
