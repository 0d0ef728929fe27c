// Tombstones in the database.
#include "packages/tombstone.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Query<Sha256, TenantId, RepositoryId, std::string, std::string, std::string> find{
    "tombstone.find",
    "SELECT sha256 FROM tombstones WHERE tenant_id = $1 AND repository_id = $2 "
    "  AND package_key = $3 AND version_key = $4 AND file_name = $5"};

const db::Query<Tombstone, TenantId, RepositoryId, std::string, std::string, std::int64_t> list{
    "tombstone.list",
    "SELECT file_name, sha256 FROM tombstones WHERE tenant_id = $1 AND repository_id = $2 "
    "  AND package_key = $3 AND version_key = $4 ORDER BY file_name LIMIT $5"};

const db::Query<Sha256, TenantId, RepositoryId, std::string, std::string> find_any{
    "tombstone.find_any",
    "SELECT sha256 FROM tombstones WHERE tenant_id = $1 AND repository_id = $2 "
    "  AND package_key = $3 AND version_key = $4 ORDER BY file_name LIMIT 1"};

// It is the same in all tombstones of a package, since each publication goes on with what it found.
const db::Query<Time, TenantId, RepositoryId, std::string> find_publication_of_package{
    "tombstone.find_publication_of_package",
    "SELECT package_published_at FROM tombstones WHERE tenant_id = $1 AND repository_id = $2 "
    "  AND package_key = $3 ORDER BY version_key, file_name LIMIT 1"};

const db::Query<std::optional<Time>, TenantId, RepositoryId, std::string, std::string>
    find_publication_of_version{"tombstone.find_publication_of_version",
                                "SELECT min(version_published_at) FROM tombstones "
                                "WHERE tenant_id = $1 AND repository_id = $2 AND package_key = $3 "
                                "  AND version_key = $4"};

// Since when there is such a name stays as it was written first.
const db::Command<TenantId, RepositoryId, std::string, std::string, std::string, Sha256, Time, std::string,
                  std::string, Time, Time>
    insert{"tombstone.insert",
           "INSERT INTO tombstones (tenant_id, repository_id, package_key, version_key, file_name, sha256, "
           "                        removed_at, removed_by, reason, version_published_at, "
           "                        package_published_at) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
           "ON CONFLICT (tenant_id, repository_id, package_key, version_key, file_name) "
           "DO UPDATE SET sha256 = excluded.sha256, removed_at = excluded.removed_at, "
           "              removed_by = excluded.removed_by, reason = excluded.reason"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, Time, std::string, std::string>
    insert_of_version{
        "tombstone.insert_of_version",
        "INSERT INTO tombstones (tenant_id, repository_id, package_key, version_key, file_name, sha256, "
        "                        removed_at, removed_by, reason, version_published_at, "
        "                        package_published_at) "
        "SELECT f.tenant_id, f.repository_id, p.name_key, v.name_key, f.name, f.sha256, $5, $6, $7, "
        "       v.first_published_at, p.first_published_at "
        "FROM packages AS p "
        "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
        "                  AND v.package_id = p.id "
        "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
        "               AND f.package_id = v.package_id AND f.version_id = v.id "
        "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.id = $3 AND v.id = $4 "
        "ON CONFLICT (tenant_id, repository_id, package_key, version_key, file_name) "
        "DO UPDATE SET sha256 = excluded.sha256, removed_at = excluded.removed_at, "
        "              removed_by = excluded.removed_by, reason = excluded.reason"};

const db::Command<TenantId, RepositoryId, PackageId, Time, std::string, std::string> insert_of_package{
    "tombstone.insert_of_package",
    "INSERT INTO tombstones (tenant_id, repository_id, package_key, version_key, file_name, sha256, "
    "                        removed_at, removed_by, reason, version_published_at, package_published_at) "
    "SELECT f.tenant_id, f.repository_id, p.name_key, v.name_key, f.name, f.sha256, $4, $5, $6, "
    "       v.first_published_at, p.first_published_at "
    "FROM packages AS p "
    "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "                  AND v.package_id = p.id "
    "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "               AND f.package_id = v.package_id AND f.version_id = v.id "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.id = $3 AND v.deleted_at IS NULL "
    "ON CONFLICT (tenant_id, repository_id, package_key, version_key, file_name) "
    "DO UPDATE SET sha256 = excluded.sha256, removed_at = excluded.removed_at, "
    "              removed_by = excluded.removed_by, reason = excluded.reason"};

}  // namespace

std::optional<Sha256> find_tombstone(Tx& tx, const RepositoryPlace& place, const FileKey& key) {
    return tx.maybe(find, place.tenant, place.repository, key.package, key.version, key.name);
}

std::vector<Tombstone> list_tombstones(Tx& tx, const RepositoryPlace& place, const FileKey& of_version,
                                       std::int64_t limit) {
    return tx.all(list, place.tenant, place.repository, of_version.package, of_version.version, limit);
}

bool was_version(Tx& tx, const RepositoryPlace& place, std::string_view package_key,
                 std::string_view version_key) {
    return tx
        .maybe(find_any, place.tenant, place.repository, std::string(package_key), std::string(version_key))
        .has_value();
}

std::optional<Time> find_first_publication(Tx& tx, const RepositoryPlace& place,
                                           std::string_view package_key) {
    return tx.maybe(find_publication_of_package, place.tenant, place.repository, std::string(package_key));
}

std::optional<Time> find_first_publication(Tx& tx, const RepositoryPlace& place, std::string_view package_key,
                                           std::string_view version_key) {
    return tx.one(find_publication_of_version, place.tenant, place.repository, std::string(package_key),
                  std::string(version_key));
}

void bury_file(Tx& tx, const RepositoryPlace& place, const Buried& buried, std::string_view reason) {
    tx.send(insert, place.tenant, place.repository, buried.package.name_key, buried.version.name_key,
            buried.file.name, buried.file.sha256, tx.now(), tx.unit().actor, std::string(reason),
            buried.version.first_published_at, buried.package.first_published_at);
}

void bury_version(Tx& tx, const VersionPlace& place, std::string_view reason) {
    const PackagePlace& in = place.package;
    tx.send(insert_of_version, in.tenant, in.repository, in.package, place.version, tx.now(), tx.unit().actor,
            std::string(reason));
}

void bury_package(Tx& tx, const PackagePlace& place, std::string_view reason) {
    tx.send(insert_of_package, place.tenant, place.repository, place.package, tx.now(), tx.unit().actor,
            std::string(reason));
}

}  // namespace lodestone::packages
