// The look-ups of downloads.
#include "packages/fetch.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Query<FoundFile, TenantId, RepositoryId, std::string, std::string, std::string> find_by_key{
    "fetch.find",
    "SELECT p.id AS package_id, v.id AS version_id, v.name AS version_name, f.name, f.blob_id, f.sha256, "
    "       f.size_bytes, f.content_type, f.digests, f.created_at "
    "FROM packages AS p "
    "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "                  AND v.package_id = p.id AND v.name_key = $4 AND v.deleted_at IS NULL "
    "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "               AND f.package_id = v.package_id AND f.version_id = v.id AND f.name = $5 "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.name_key = $3 AND p.deleted_at IS NULL"};

const db::Query<FoundFile, TenantId, RepositoryId, std::string, std::string, std::string> find_by_tag{
    "fetch.find_by_tag",
    "SELECT p.id AS package_id, t.version_id, t.version_name, f.name, f.blob_id, f.sha256, "
    "       f.size_bytes, f.content_type, f.digests, f.created_at "
    "FROM packages AS p "
    "JOIN tags AS t ON t.tenant_id = p.tenant_id AND t.repository_id = p.repository_id "
    "              AND t.package_id = p.id AND t.name = $4 "
    "JOIN files AS f ON f.tenant_id = t.tenant_id AND f.repository_id = t.repository_id "
    "               AND f.package_id = t.package_id AND f.version_id = t.version_id AND f.name = $5 "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.name_key = $3 AND p.deleted_at IS NULL"};

const db::Query<FoundFile, TenantId, RepositoryId, std::string, std::string> find_newest{
    "fetch.find_newest",
    "SELECT p.id AS package_id, v.id AS version_id, v.name AS version_name, f.name, f.blob_id, f.sha256, "
    "       f.size_bytes, f.content_type, f.digests, f.created_at "
    "FROM packages AS p "
    "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "                  AND v.package_id = p.id "
    "                  AND v.id = (SELECT n.id FROM versions AS n "
    "                              WHERE n.tenant_id = p.tenant_id AND n.repository_id = p.repository_id "
    "                                AND n.package_id = p.id AND n.deleted_at IS NULL AND n.state = "
    "'published' "
    "                              ORDER BY n.published_at DESC, n.id DESC LIMIT 1) "
    "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "               AND f.package_id = v.package_id AND f.version_id = v.id AND f.name = $4 "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.name_key = $3 AND p.deleted_at IS NULL"};

}  // namespace

std::optional<FoundFile> find_fetched(Tx& tx, const RepositoryPlace& place, const FileKey& key) {
    return tx.maybe(find_by_key, place.tenant, place.repository, key.package, key.version, key.name);
}

std::optional<FoundFile> find_fetched_by_tag(Tx& tx, const RepositoryPlace& place,
                                             std::string_view package_key, std::string_view tag,
                                             std::string_view file) {
    return tx.maybe(find_by_tag, place.tenant, place.repository, std::string(package_key), std::string(tag),
                    std::string(file));
}

std::optional<FoundFile> find_fetched_newest(Tx& tx, const RepositoryPlace& place,
                                             std::string_view package_key, std::string_view file) {
    return tx.maybe(find_newest, place.tenant, place.repository, std::string(package_key), std::string(file));
}

}  // namespace lodestone::packages
