// From the numbers in blob_uses back to names, and from what is needed to who says so.
#include "packages/needing.hpp"

#include "packages/property.hpp"

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

// What waits to be approved needs its bytes as well.
const db::Query<Needing, blobs::BlobId, std::int64_t> list_of_staged{
    "needing.list_staged",
    "SELECT t.name AS tenant, r.name AS repository, s.package_name AS package, "
    "       s.version_name || ' (staged)' AS version "
    "FROM blob_uses AS u "
    "JOIN staged_publications AS s ON s.tenant_id = u.tenant_id AND s.number = u.owner "
    "JOIN repositories AS r ON r.tenant_id = s.tenant_id AND r.id = s.repository_id "
    "JOIN tenants AS t ON t.id = u.tenant_id "
    "WHERE u.blob_id = $1 ORDER BY u.tenant_id, u.owner LIMIT $2"};

const db::Query<std::string, TenantId, RepositoryId, PackageId, std::string, std::string> find_one{
    "needing.find_one",
    "SELECT v.name FROM properties AS p "
    "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "                  AND v.package_id = p.package_id AND v.id = p.version_id AND v.deleted_at IS NULL "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.package_id = $3 AND p.name = $4 AND p.value = $5 "
    "LIMIT 1"};

// What was never a version, as a blob that an index lists, or a manifest that is elsewhere, is none's to
// restore.
const db::Query<std::string, TenantId, RepositoryId, PackageId, VersionId> find_deleted{
    "needing.find_deleted",
    "SELECT v.name FROM properties AS p "
    "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "                  AND v.package_id = p.package_id AND v.name_key = p.value "
    "                  AND v.deleted_at IS NOT NULL "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.package_id = $3 AND p.version_id = $4 "
    "  AND p.name LIKE 'needs:%' "
    "  AND NOT EXISTS (SELECT 1 FROM versions AS l "
    "                  WHERE l.tenant_id = p.tenant_id AND l.repository_id = p.repository_id "
    "                    AND l.package_id = p.package_id AND l.name_key = p.value AND l.deleted_at IS NULL) "
    "ORDER BY v.name LIMIT 1"};
static_assert(needs_property == "needs:", "the statement above says so");

}  // namespace

std::vector<Needing> list_needing(db::Tx& tx, blobs::BlobId blob, std::int64_t limit) {
    std::vector<Needing> all = tx.all(list, blob, limit);
    const std::int64_t left = limit - std::ssize(all);
    if (left > 0)
        for (Needing& one : tx.all(list_of_staged, blob, left)) all.push_back(std::move(one));
    return all;
}

std::optional<std::string> find_needing_version(db::Tx& tx, const PackagePlace& place, std::string_view key) {
    return tx.maybe(find_one, place.tenant, place.repository, place.package,
                    std::string(needs_property) + std::string(key), std::string(key));
}

std::optional<std::string> find_deleted_need(db::Tx& tx, const VersionPlace& place) {
    const PackagePlace& in = place.package;
    return tx.maybe(find_deleted, in.tenant, in.repository, in.package, place.version);
}

}  // namespace lodestone::packages
