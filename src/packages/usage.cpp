// Usage in the database.
#include "packages/usage.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Query<Usage, TenantId, RepositoryId> find{
    "usage.find",
    "SELECT bytes, package_count, version_count, file_count FROM repository_usage "
    "WHERE tenant_id = $1 AND repository_id = $2"};

const db::Query<std::int64_t, TenantId, AppId> sum_of_app{
    "usage.sum_of_app",
    "SELECT CAST(coalesce(sum(u.bytes), 0) AS bigint) FROM repositories AS r "
    "JOIN repository_usage AS u ON u.tenant_id = r.tenant_id AND u.repository_id = r.id "
    "WHERE r.tenant_id = $1 AND r.app_id = $2 AND r.deleted_at IS NULL"};

const db::Query<std::int64_t, TenantId> sum_of_tenant{
    "usage.sum_of_tenant",
    "SELECT CAST(coalesce(sum(u.bytes), 0) AS bigint) FROM repositories AS r "
    "JOIN repository_usage AS u ON u.tenant_id = r.tenant_id AND u.repository_id = r.id "
    "WHERE r.tenant_id = $1 AND r.deleted_at IS NULL"};

const db::Command<TenantId, RepositoryId, std::int64_t, std::int64_t, std::int64_t, std::int64_t> change{
    "usage.change",
    "UPDATE repository_usage SET bytes = bytes + $3, package_count = package_count + $4, "
    "                            version_count = version_count + $5, file_count = file_count + $6 "
    "WHERE tenant_id = $1 AND repository_id = $2"};

}  // namespace

Usage find_usage(Tx& tx, const RepositoryPlace& place) {
    return tx.one(find, place.tenant, place.repository);
}

std::int64_t find_app_bytes(Tx& tx, const TenantId& tenant, const AppId& app) {
    return tx.one(sum_of_app, tenant, app);
}

std::int64_t find_tenant_bytes(Tx& tx, const TenantId& tenant) {
    return tx.one(sum_of_tenant, tenant);
}

void change_usage(Tx& tx, const RepositoryPlace& place, const Usage& difference) {
    if (difference == Usage{}) return;
    tx.send(change, place.tenant, place.repository, difference.bytes, difference.package_count,
            difference.version_count, difference.file_count);
}

}  // namespace lodestone::packages
