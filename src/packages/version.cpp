// Versions in the database: every statement first, then a function for each verb.
#include "packages/version.hpp"

#include "db/listing.hpp"

namespace lodestone::packages {

using db::Tx;

struct VersionFilters {
    std::optional<VersionState> state;
    std::optional<std::string> name;
};
BOOST_DESCRIBE_STRUCT(VersionFilters, (), (state, name))

namespace {

const db::Query<Version, TenantId, RepositoryId, PackageId, VersionId> find_by_id{
    "version.find",
    "SELECT id, number, name, name_key, state, yank_reason, deprecation, size_bytes, file_count, facts, "
    "       metadata, published_at, published_by, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM versions WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND id = $4 "
    "  AND deleted_at IS NULL"};

const db::Query<Version, TenantId, RepositoryId, PackageId, std::string> find_by_key{
    "version.find_by_key",
    "SELECT id, number, name, name_key, state, yank_reason, deprecation, size_bytes, file_count, facts, "
    "       metadata, published_at, published_by, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM versions WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND name_key = $4 "
    "  AND deleted_at IS NULL"};

const db::Query<Version, TenantId, RepositoryId, PackageId, VersionId> find_deleted{
    "version.find_deleted",
    "SELECT id, number, name, name_key, state, yank_reason, deprecation, size_bytes, file_count, facts, "
    "       metadata, published_at, published_by, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM versions WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND id = $4 "
    "  AND deleted_at IS NOT NULL"};

const db::Query<Version, TenantId, RepositoryId, PackageId, Time> list_deleted_at{
    "version.list_deleted_at",
    "SELECT id, number, name, name_key, state, yank_reason, deprecation, size_bytes, file_count, facts, "
    "       metadata, published_at, published_by, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM versions WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND deleted_at = $4 "
    "ORDER BY id"};

const db::ListQuery<Version, VersionFilters, Time, TenantId, RepositoryId, PackageId> list_newest_first{
    "version.list_newest_first",
    "SELECT id, number, name, name_key, state, yank_reason, deprecation, size_bytes, file_count, facts, "
    "       metadata, published_at, published_by, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM versions WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND deleted_at IS NULL AND ($4 IS NULL OR state = $4) "
    "  AND ($5 IS NULL OR substr(name_key, 1, length($5)) = $5) "
    "  AND (published_at, id) < ($6, $7) "
    "ORDER BY published_at DESC, id DESC LIMIT $8"};

const db::ListQuery<Version, VersionFilters, Time, TenantId, RepositoryId, PackageId> list_oldest_first{
    "version.list_oldest_first",
    "SELECT id, number, name, name_key, state, yank_reason, deprecation, size_bytes, file_count, facts, "
    "       metadata, published_at, published_by, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM versions WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND deleted_at IS NULL AND ($4 IS NULL OR state = $4) "
    "  AND ($5 IS NULL OR substr(name_key, 1, length($5)) = $5) "
    "  AND (published_at, id) > ($6, $7) "
    "ORDER BY published_at, id LIMIT $8"};

const db::ListQuery<Version, VersionFilters, std::string, TenantId, RepositoryId, PackageId> list_by_name{
    "version.list_by_name",
    "SELECT id, number, name, name_key, state, yank_reason, deprecation, size_bytes, file_count, facts, "
    "       metadata, published_at, published_by, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM versions WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND deleted_at IS NULL AND ($4 IS NULL OR state = $4) "
    "  AND (name_key, id) > (CASE WHEN $6 = '' THEN coalesce($5, '') ELSE $6 END, $7) "
    "  AND name_key < coalesce($5, '') || '\U0010FFFF' "
    "ORDER BY name_key, id LIMIT $8"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, std::int64_t, std::string, std::string,
                  VersionState, std::int64_t, std::int64_t, std::string, std::string, Time, std::string, Time>
    insert{"version.insert",
           "INSERT INTO versions (tenant_id, repository_id, package_id, id, number, name, name_key, state, "
           "                      yank_reason, deprecation, size_bytes, file_count, facts, metadata, "
           "                      published_at, published_by, first_published_at, "
           "                      version, created_at, created_by, updated_at, updated_by) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '', '', $9, $10, $11, $12, $13, $14, $15, "
           "        1, $13, $14, $13, $14) "
           "ON CONFLICT DO NOTHING"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, VersionState, std::string, std::string,
                  std::int64_t, std::int64_t, std::string, std::string, Time, std::string>
    update{"version.update",
           "UPDATE versions SET state = $5, yank_reason = $6, deprecation = $7, size_bytes = $8, "
           "                    file_count = $9, facts = $10, metadata = $11, "
           "                    version = version + 1, updated_at = $12, updated_by = $13 "
           "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND id = $4 "
           "  AND deleted_at IS NULL"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, Time, std::string> mark_deleted{
    "version.delete",
    "UPDATE versions SET deleted_at = $5, deleted_by = $6, "
    "                    version = version + 1, updated_at = $5, updated_by = $6 "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND id = $4 AND deleted_at IS NULL"};

const db::Command<TenantId, RepositoryId, PackageId, Time, std::string> mark_all_deleted{
    "version.delete_all",
    "UPDATE versions SET deleted_at = $4, deleted_by = $5, "
    "                    version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, std::string, Time, std::string> mark_restored{
    "version.restore",
    "UPDATE versions SET deleted_at = NULL, deleted_by = NULL, "
    "                    version = version + 1, updated_at = $6, updated_by = $7 "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND id = $4 "
    "  AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM versions AS other "
    "                  WHERE other.tenant_id = $1 AND other.repository_id = $2 AND other.package_id = $3 "
    "                    AND other.name_key = $5 AND other.deleted_at IS NULL)"};

const db::Query<std::int64_t, TenantId, RepositoryId, PackageId> sum_files{
    "version.sum_files",
    "SELECT CAST(coalesce(sum(file_count), 0) AS bigint) FROM versions "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND deleted_at IS NULL"};

constexpr std::tuple sorts{
    db::Sort{"-published_at", list_newest_first, &Version::published_at},
    db::Sort{"published_at", list_oldest_first, &Version::published_at},
    db::Sort{"name", list_by_name, &Version::name_key},
};

}  // namespace

std::optional<Version> find_version(Tx& tx, const PackagePlace& place, const VersionId& id) {
    return tx.maybe(find_by_id, place.tenant, place.repository, place.package, id);
}

std::optional<Version> find_version_by_key(Tx& tx, const PackagePlace& place, std::string_view key) {
    return tx.maybe(find_by_key, place.tenant, place.repository, place.package, std::string(key));
}

Version need_version(Tx& tx, const PackagePlace& place, std::string_view key) {
    auto version = find_version_by_key(tx, place, key);
    if (!version) db::refuse_absent("version", key);
    return *std::move(version);
}

std::optional<Version> find_deleted_version(Tx& tx, const PackagePlace& place, const VersionId& id) {
    return tx.maybe(find_deleted, place.tenant, place.repository, place.package, id);
}

db::Page<Version> list_versions(Tx& tx, const PackagePlace& place, const db::ListRequest& request) {
    return db::list_page<VersionFilters>(tx, request, sorts, place.tenant, place.repository, place.package);
}

bool insert_version(Tx& tx, const PackagePlace& place, Version& version) {
    db::stamp_new(tx, version);
    version.published_at = version.created_at;
    version.published_by = version.created_by;
    if (version.first_published_at == Time{}) version.first_published_at = version.created_at;
    return tx.run(insert, place.tenant, place.repository, place.package, version.id, version.number,
                  version.name, version.name_key, version.state, version.size_bytes, version.file_count,
                  version.facts, version.metadata, version.created_at, version.created_by,
                  version.first_published_at) != 0;
}

void update_version(Tx& tx, const PackagePlace& place, Version& version) {
    db::stamp_changed(tx, version, version);
    tx.run(update, place.tenant, place.repository, place.package, version.id, version.state,
           version.yank_reason, version.deprecation, version.size_bytes, version.file_count, version.facts,
           version.metadata, version.updated_at, version.updated_by);
}

void mark_version_deleted(Tx& tx, const PackagePlace& place, Version& version) {
    db::stamp_deleted(tx, version);
    tx.run(mark_deleted, place.tenant, place.repository, place.package, version.id, version.updated_at,
           version.updated_by);
}

bool mark_version_restored(Tx& tx, const PackagePlace& place, Version& version) {
    db::stamp_restored(tx, version);
    return tx.run(mark_restored, place.tenant, place.repository, place.package, version.id, version.name_key,
                  version.updated_at, version.updated_by) != 0;
}

std::int64_t mark_versions_deleted(Tx& tx, const PackagePlace& place) {
    return tx.run(mark_all_deleted, place.tenant, place.repository, place.package, tx.now(), tx.unit().actor);
}

std::int64_t count_files(Tx& tx, const PackagePlace& place) {
    return tx.one(sum_files, place.tenant, place.repository, place.package);
}

std::vector<Version> list_versions_deleted_at(Tx& tx, const PackagePlace& place, Time deleted_at) {
    return tx.all(list_deleted_at, place.tenant, place.repository, place.package, deleted_at);
}

}  // namespace lodestone::packages
