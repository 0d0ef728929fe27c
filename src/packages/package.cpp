// Packages in the database: every statement first, then a function for each verb.
#include "packages/package.hpp"

#include "db/listing.hpp"

namespace lodestone::packages {

using db::Tx;

// A name begins as its key does: formats that tell capitals apart do so here, too.
struct PackageFilters {
    std::optional<std::string> name;
    std::optional<db::Substring> search;
};
BOOST_DESCRIBE_STRUCT(PackageFilters, (), (name, search))

namespace {

const db::Query<Package, TenantId, RepositoryId, PackageId> find_by_id{
    "package.find",
    "SELECT id, number, name, name_key, description, keywords, published_description, published_keywords, "
    "       traits, metadata, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM packages WHERE tenant_id = $1 AND repository_id = $2 AND id = $3 AND deleted_at IS NULL"};

const db::Query<Package, TenantId, RepositoryId, std::string> find_by_key{
    "package.find_by_key",
    "SELECT id, number, name, name_key, description, keywords, published_description, published_keywords, "
    "       traits, metadata, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM packages WHERE tenant_id = $1 AND repository_id = $2 AND name_key = $3 AND deleted_at IS NULL"};

const db::Query<Package, TenantId, RepositoryId, PackageId> find_deleted{
    "package.find_deleted",
    "SELECT id, number, name, name_key, description, keywords, published_description, published_keywords, "
    "       traits, metadata, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM packages WHERE tenant_id = $1 AND repository_id = $2 AND id = $3 AND deleted_at IS NOT NULL"};

const db::ListQuery<Package, PackageFilters, std::string, TenantId, RepositoryId> list_by_name{
    "package.list_by_name",
    "SELECT id, number, name, name_key, description, keywords, published_description, published_keywords, "
    "       traits, metadata, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM packages "
    "WHERE tenant_id = $1 AND repository_id = $2 AND deleted_at IS NULL "
    "  AND ($4 IS NULL OR lower(name_key) LIKE $4 ESCAPE '!' OR lower(description) LIKE $4 ESCAPE '!') "
    "  AND (name_key, id) > (CASE WHEN $5 = '' THEN coalesce($3, '') ELSE $5 END, $6) "
    "  AND name_key < coalesce($3, '') || '\U0010FFFF' "
    "ORDER BY name_key, id LIMIT $7"};

const db::ListQuery<Package, PackageFilters, Time, TenantId, RepositoryId> list_longest_unchanged_first{
    "package.list_longest_unchanged_first",
    "SELECT id, number, name, name_key, description, keywords, published_description, published_keywords, "
    "       traits, metadata, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM packages "
    "WHERE tenant_id = $1 AND repository_id = $2 AND deleted_at IS NULL "
    "  AND ($3 IS NULL OR substr(name_key, 1, length($3)) = $3) "
    "  AND ($4 IS NULL OR lower(name_key) LIKE $4 ESCAPE '!' OR lower(description) LIKE $4 ESCAPE '!') "
    "  AND (updated_at, id) > ($5, $6) "
    "ORDER BY updated_at, id LIMIT $7"};

const db::ListQuery<Package, PackageFilters, Time, TenantId, RepositoryId> list_last_changed_first{
    "package.list_last_changed_first",
    "SELECT id, number, name, name_key, description, keywords, published_description, published_keywords, "
    "       traits, metadata, first_published_at, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM packages "
    "WHERE tenant_id = $1 AND repository_id = $2 AND deleted_at IS NULL "
    "  AND ($3 IS NULL OR substr(name_key, 1, length($3)) = $3) "
    "  AND ($4 IS NULL OR lower(name_key) LIKE $4 ESCAPE '!' OR lower(description) LIKE $4 ESCAPE '!') "
    "  AND (updated_at, id) < ($5, $6) "
    "ORDER BY updated_at DESC, id DESC LIMIT $7"};

const db::Command<TenantId, RepositoryId, PackageId, std::int64_t, std::string, std::string, std::string,
                  std::string, std::string, std::string, Time, Time, std::string>
    insert{
        "package.insert",
        "INSERT INTO packages (tenant_id, repository_id, id, number, name, name_key, description, keywords, "
        "                      traits, metadata, first_published_at, "
        "                      version, created_at, created_by, updated_at, updated_by) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $12, $13) "
        "ON CONFLICT DO NOTHING"};

const db::Command<TenantId, RepositoryId, PackageId, std::string, std::string, std::optional<std::string>,
                  std::optional<std::string>, std::string, std::string, Time, std::string>
    update{"package.update",
           "UPDATE packages SET description = $4, keywords = $5, published_description = $6, "
           "                    published_keywords = $7, traits = $8, metadata = $9, "
           "                    version = version + 1, updated_at = $10, updated_by = $11 "
           "WHERE tenant_id = $1 AND repository_id = $2 AND id = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, RepositoryId, PackageId, Time, std::string> mark_deleted{
    "package.delete",
    "UPDATE packages SET deleted_at = $4, deleted_by = $5, "
    "                    version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND repository_id = $2 AND id = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, RepositoryId, PackageId, std::string, Time, std::string> mark_restored{
    "package.restore",
    "UPDATE packages SET deleted_at = NULL, deleted_by = NULL, "
    "                    version = version + 1, updated_at = $5, updated_by = $6 "
    "WHERE tenant_id = $1 AND repository_id = $2 AND id = $3 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM packages AS other "
    "                  WHERE other.tenant_id = $1 AND other.repository_id = $2 AND other.name_key = $4 "
    "                    AND other.deleted_at IS NULL)"};

constexpr std::tuple sorts{
    db::Sort{"name", list_by_name, &Package::name_key},
    db::Sort{"updated_at", list_longest_unchanged_first, &Package::updated_at},
    db::Sort{"-updated_at", list_last_changed_first, &Package::updated_at},
};

}  // namespace

std::optional<Package> find_package(Tx& tx, const RepositoryPlace& place, const PackageId& id) {
    return tx.maybe(find_by_id, place.tenant, place.repository, id);
}

std::optional<Package> find_package_by_key(Tx& tx, const RepositoryPlace& place, std::string_view key) {
    return tx.maybe(find_by_key, place.tenant, place.repository, std::string(key));
}

Package need_package(Tx& tx, const RepositoryPlace& place, std::string_view key) {
    auto package = find_package_by_key(tx, place, key);
    if (!package) db::refuse_absent("package", key);
    return *std::move(package);
}

std::optional<Package> find_deleted_package(Tx& tx, const RepositoryPlace& place, const PackageId& id) {
    return tx.maybe(find_deleted, place.tenant, place.repository, id);
}

db::Page<Package> list_packages(Tx& tx, const RepositoryPlace& place, const db::ListRequest& request) {
    return db::list_page<PackageFilters>(tx, request, sorts, place.tenant, place.repository);
}

bool insert_package(Tx& tx, const RepositoryPlace& place, Package& package) {
    db::stamp_new(tx, package);
    if (package.first_published_at == Time{}) package.first_published_at = package.created_at;
    return tx.run(insert, place.tenant, place.repository, package.id, package.number, package.name,
                  package.name_key, package.description, package.keywords, package.traits, package.metadata,
                  package.first_published_at, package.created_at, package.created_by) != 0;
}

void update_package(Tx& tx, const RepositoryPlace& place, Package& package) {
    db::stamp_changed(tx, package, package);
    tx.run(update, place.tenant, place.repository, package.id, package.description, package.keywords,
           package.published_description, package.published_keywords, package.traits, package.metadata,
           package.updated_at, package.updated_by);
}

void mark_package_deleted(Tx& tx, const RepositoryPlace& place, Package& package) {
    db::stamp_deleted(tx, package);
    tx.run(mark_deleted, place.tenant, place.repository, package.id, package.updated_at, package.updated_by);
}

bool mark_package_restored(Tx& tx, const RepositoryPlace& place, Package& package) {
    db::stamp_restored(tx, package);
    return tx.run(mark_restored, place.tenant, place.repository, package.id, package.name_key,
                  package.updated_at, package.updated_by) != 0;
}

}  // namespace lodestone::packages
