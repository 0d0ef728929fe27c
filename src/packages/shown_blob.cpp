// Which package shows which bytes, in the database.
#include "packages/shown_blob.hpp"

#include "db/bulk.hpp"

namespace lodestone::packages {

using db::Tx;

struct ShownRow {
    TenantId tenant_id;
    std::int64_t repository = 0;
    std::int64_t package = 0;
    std::int64_t blob_id = 0;
    std::int64_t version = 0;
    std::int64_t size_bytes = 0;
};
BOOST_DESCRIBE_STRUCT(ShownRow, (), (tenant_id, repository, package, blob_id, version, size_bytes))

namespace {

const db::Query<std::int64_t, TenantId, std::int64_t, std::int64_t, blobs::BlobId> find{
    "shown_blob.find",
    "SELECT blob_id FROM package_blobs "
    "WHERE tenant_id = $1 AND repository = $2 AND package = $3 AND blob_id = $4 LIMIT 1"};

const db::Query<std::int64_t, TenantId, std::int64_t, blobs::BlobId> find_in_repository{
    "shown_blob.find_in_repository",
    "SELECT blob_id FROM package_blobs WHERE tenant_id = $1 AND repository = $2 AND blob_id = $3 LIMIT 1"};

const db::Query<std::int64_t, TenantId, std::int64_t, std::int64_t> find_of_size{
    "shown_blob.find_of_size",
    "SELECT blob_id FROM package_blobs WHERE tenant_id = $1 AND repository = $2 AND size_bytes = $3 LIMIT 1"};

const db::BulkCommand<ShownRow> insert_all{
    "shown_blob.insert_all",
    {"INSERT INTO package_blobs (tenant_id, repository, package, blob_id, version, size_bytes) "
     "SELECT tenant_id, repository, package, blob_id, version, size_bytes FROM jsonb_to_recordset($1::jsonb) "
     "AS r(tenant_id text, repository bigint, package bigint, blob_id bigint, version bigint, size_bytes "
     "bigint) "
     "ON CONFLICT DO NOTHING",
     "INSERT INTO package_blobs (tenant_id, repository, package, blob_id, version, size_bytes) "
     "SELECT value->>'tenant_id', value->>'repository', value->>'package', value->>'blob_id', "
     "       value->>'version', value->>'size_bytes' FROM json_each($1) WHERE TRUE ON CONFLICT DO NOTHING"}};

// What only this version, or this package, has of its repository.
const db::Query<std::int64_t, TenantId, std::int64_t, std::int64_t> sum_of_version{
    "shown_blob.sum_of_version",
    "SELECT CAST(coalesce(sum(m.size_bytes), 0) AS bigint) FROM package_blobs AS m "
    "WHERE m.tenant_id = $1 AND m.repository = $2 AND m.version = $3 AND NOT EXISTS "
    "(SELECT 1 FROM package_blobs AS o WHERE o.tenant_id = $1 AND o.repository = $2 "
    "   AND o.blob_id = m.blob_id AND o.version <> $3)"};

const db::Query<std::int64_t, TenantId, std::int64_t, std::int64_t, blobs::BlobId> sum_of_one{
    "shown_blob.sum_of_one",
    "SELECT CAST(coalesce(sum(m.size_bytes), 0) AS bigint) FROM package_blobs AS m "
    "WHERE m.tenant_id = $1 AND m.repository = $2 AND m.version = $3 AND m.blob_id = $4 AND NOT EXISTS "
    "(SELECT 1 FROM package_blobs AS o WHERE o.tenant_id = $1 AND o.repository = $2 "
    "   AND o.blob_id = m.blob_id AND o.version <> $3)"};

const db::Query<std::int64_t, TenantId, std::int64_t, std::int64_t> sum_of_package{
    "shown_blob.sum_of_package",
    "SELECT CAST(coalesce(sum(m.size_bytes), 0) AS bigint) FROM "
    "(SELECT blob_id, max(size_bytes) AS size_bytes FROM package_blobs "
    " WHERE tenant_id = $1 AND repository = $2 AND package = $3 GROUP BY blob_id) AS m "
    "WHERE NOT EXISTS (SELECT 1 FROM package_blobs AS o WHERE o.tenant_id = $1 AND o.repository = $2 "
    "                    AND o.blob_id = m.blob_id AND o.package <> $3)"};

const db::Command<TenantId, std::int64_t, std::int64_t> delete_of_version{
    "shown_blob.delete_of_version",
    "DELETE FROM package_blobs WHERE tenant_id = $1 AND repository = $2 AND version = $3"};

const db::Command<TenantId, std::int64_t, std::int64_t, blobs::BlobId> delete_one{
    "shown_blob.delete",
    "DELETE FROM package_blobs WHERE tenant_id = $1 AND repository = $2 AND version = $3 AND blob_id = $4"};

const db::Command<TenantId, std::int64_t, std::int64_t> delete_of_package{
    "shown_blob.delete_of_package",
    "DELETE FROM package_blobs WHERE tenant_id = $1 AND repository = $2 AND package = $3"};

const db::Query<ShownBlob, TenantId, std::int64_t> list_needed{
    "shown_blob.list_needed",
    "SELECT u.blob_id, b.size_bytes FROM blob_uses AS u JOIN blobs AS b ON b.id = u.blob_id "
    "WHERE u.tenant_id = $1 AND u.owner = $2 ORDER BY u.blob_id"};

}  // namespace

bool has_blob_of_size(Tx& tx, const TenantId& tenant, std::int64_t repository, std::int64_t size_bytes) {
    return tx.maybe(find_of_size, tenant, repository, size_bytes).has_value();
}

bool is_shown(Tx& tx, const TenantId& tenant, const ShownIn& package, blobs::BlobId blob) {
    return tx.maybe(find, tenant, package.repository, package.package, blob).has_value();
}

std::int64_t show_blobs(Tx& tx, const TenantId& tenant, const ShownIn& version,
                        std::span<const ShownBlob> blobs) {
    std::int64_t grown = 0;
    std::vector<ShownRow> rows;
    for (const ShownBlob& blob : blobs) {
        if (!tx.maybe(find_in_repository, tenant, version.repository, blob.blob_id)) grown += blob.size_bytes;
        rows.push_back({.tenant_id = tenant,
                        .repository = version.repository,
                        .package = version.package,
                        .blob_id = blob.blob_id.value(),
                        .version = version.version,
                        .size_bytes = blob.size_bytes});
    }
    db::send_bulk(tx, insert_all, std::span<const ShownRow>(rows));
    return grown;
}

std::int64_t hide_blob(Tx& tx, const TenantId& tenant, const ShownIn& version, blobs::BlobId blob) {
    const std::int64_t shrunk = tx.one(sum_of_one, tenant, version.repository, version.version, blob);
    tx.send(delete_one, tenant, version.repository, version.version, blob);
    return shrunk;
}

std::int64_t hide_blobs_of_version(Tx& tx, const TenantId& tenant, const ShownIn& version) {
    const std::int64_t shrunk = tx.one(sum_of_version, tenant, version.repository, version.version);
    tx.send(delete_of_version, tenant, version.repository, version.version);
    return shrunk;
}

std::int64_t hide_blobs_of_package(Tx& tx, const TenantId& tenant, const ShownIn& package) {
    const std::int64_t shrunk = tx.one(sum_of_package, tenant, package.repository, package.package);
    tx.send(delete_of_package, tenant, package.repository, package.package);
    return shrunk;
}

std::vector<ShownBlob> list_needed_blobs(Tx& tx, const TenantId& tenant, std::int64_t version) {
    return tx.all(list_needed, tenant, version);
}

}  // namespace lodestone::packages
