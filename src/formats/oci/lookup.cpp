// The statements of the protocol. Each begins at what the path names, so that none grows with what else is
// stored.
#include "formats/oci/lookup.hpp"

#include "blobs/quarantine.hpp"
#include "formats/oci/fallback_tag.hpp"
#include "packages/package.hpp"
#include "packages/property.hpp"
#include "packages/shown_blob.hpp"

namespace lodestone::formats::oci {

using db::Tx;
using packages::PackageId;
using packages::RepositoryId;

namespace {

const db::Query<ImageBlob, Sha256, TenantId, RepositoryId, std::string, std::string, Time, std::int64_t>
    find_blob{"oci.find_blob",
              "SELECT b.id, b.sha256, b.size_bytes, l.until_at AS leased_until, b.copy_id "
              "FROM blobs AS b "
              "LEFT JOIN blob_leases AS l ON l.tenant_id = $2 AND l.scope = $5 AND l.blob_id = b.id "
              "                          AND l.until_at > $6 "
              "WHERE b.sha256 = $1 AND b.withdrawn_at IS NULL AND (l.until_at IS NOT NULL OR EXISTS "
              "(SELECT 1 FROM packages AS p "
              " JOIN package_blobs AS m ON m.tenant_id = p.tenant_id AND m.repository = $7 "
              "                        AND m.package = p.number AND m.blob_id = b.id "
              " WHERE p.tenant_id = $2 AND p.repository_id = $3 AND p.name_key = $4 "
              "   AND p.deleted_at IS NULL))"};

using FindManifest =
    db::Query<StoredManifest, TenantId, RepositoryId, std::string, std::string, std::string_view>;

const FindManifest find_by_digest{
    "oci.find_manifest",
    "SELECT p.id AS package_id, v.id AS version_id, v.name AS digest, f.blob_id, f.sha256, f.size_bytes, "
    "       f.content_type, f.created_at, v.state, v.yank_reason, v.deprecation, b.copy_id, b.withdrawn_at "
    "FROM packages AS p "
    "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "                  AND v.package_id = p.id AND v.name_key = $4 AND v.deleted_at IS NULL "
    "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "               AND f.package_id = v.package_id AND f.version_id = v.id AND f.name = $5 "
    "JOIN blobs AS b ON b.id = f.blob_id "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.name_key = $3 AND p.deleted_at IS NULL"};

const FindManifest find_by_tag{
    "oci.find_manifest_by_tag",
    "SELECT p.id AS package_id, v.id AS version_id, v.name AS digest, f.blob_id, f.sha256, f.size_bytes, "
    "       f.content_type, f.created_at, v.state, v.yank_reason, v.deprecation, b.copy_id, b.withdrawn_at "
    "FROM packages AS p "
    "JOIN tags AS t ON t.tenant_id = p.tenant_id AND t.repository_id = p.repository_id "
    "              AND t.package_id = p.id AND t.name = $4 "
    "JOIN versions AS v ON v.tenant_id = t.tenant_id AND v.repository_id = t.repository_id "
    "                  AND v.package_id = t.package_id AND v.id = t.version_id AND v.deleted_at IS NULL "
    "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "               AND f.package_id = v.package_id AND f.version_id = v.id AND f.name = $5 "
    "JOIN blobs AS b ON b.id = f.blob_id "
    "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.name_key = $3 AND p.deleted_at IS NULL"};

const db::Query<std::string, TenantId, RepositoryId, PackageId, std::string, std::int64_t> list_tags_after{
    "oci.list_tags",
    "SELECT name FROM tags WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND name > $4 "
    "ORDER BY name LIMIT $5"};

const db::Query<ListedRepository, TenantId, std::string, std::int64_t> list_repositories_from{
    "oci.list_repositories",
    "SELECT r.id, r.app_id, r.name, (r.visibility = 'public') AS is_public, "
    "       (a.status = 'active') AS is_app_active "
    "FROM repositories AS r CROSS JOIN apps AS a "
    "WHERE r.tenant_id = $1 AND r.name >= $2 AND r.format = 'oci' AND r.deleted_at IS NULL "
    "  AND a.tenant_id = r.tenant_id AND a.id = r.app_id AND a.deleted_at IS NULL ORDER BY r.name LIMIT $3"};

const db::Query<ListedImage, TenantId, RepositoryId, std::string, std::int64_t> list_images_after{
    "oci.list_images",
    "SELECT id, name_key AS name FROM packages "
    "WHERE tenant_id = $1 AND repository_id = $2 AND name_key > $3 AND deleted_at IS NULL "
    "ORDER BY name_key LIMIT $4"};

const db::Query<std::string, TenantId, RepositoryId> find_name_of_repository{
    "oci.find_repository_name", "SELECT name FROM repositories WHERE tenant_id = $1 AND id = $2"};

const db::Query<std::string, TenantId, RepositoryId, PackageId> find_name_of_image{
    "oci.find_image_name",
    "SELECT name_key FROM packages WHERE tenant_id = $1 AND repository_id = $2 AND id = $3"};

// What says so itself, and what the index under the subject's fallback tag ($8) lists, each once. Of few rows
// it begins at these: CROSS JOIN keeps SQLite to the order.
const db::Query<StoredReferrer, TenantId, RepositoryId, PackageId, std::string, std::optional<std::string>,
                std::string, std::int64_t, std::string>
    list_referrers_after{
        "oci.list_referrers",
        "SELECT v.name AS digest, v.facts, f.content_type, f.size_bytes "
        "FROM (SELECT p.version_id FROM properties AS p "
        "      WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.package_id = $3 "
        "        AND p.name = 'oci.subject' AND p.value = $4 "
        "      UNION "
        "      SELECT c.id FROM tags AS t "
        "      JOIN properties AS n ON n.tenant_id = t.tenant_id AND n.repository_id = t.repository_id "
        "                          AND n.package_id = t.package_id AND n.version_id = t.version_id "
        "                          AND n.name >= 'needs:' AND n.name < 'needs;' "
        "      JOIN versions AS c ON c.tenant_id = n.tenant_id AND c.repository_id = n.repository_id "
        "                        AND c.package_id = n.package_id AND c.name_key = n.value "
        "                        AND c.deleted_at IS NULL "
        "      WHERE t.tenant_id = $1 AND t.repository_id = $2 AND t.package_id = $3 AND t.name = $8) AS s "
        "CROSS JOIN versions AS v "
        "JOIN files AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
        "               AND f.package_id = v.package_id AND f.version_id = v.id AND f.name = 'manifest.json' "
        "WHERE v.tenant_id = $1 AND v.repository_id = $2 AND v.package_id = $3 AND v.id = s.version_id "
        "  AND v.deleted_at IS NULL "
        "  AND ($5 IS NULL OR EXISTS "
        "       (SELECT 1 FROM properties AS a WHERE a.tenant_id = $1 AND a.repository_id = $2 "
        "          AND a.package_id = $3 AND a.version_id = v.id AND a.name = 'oci.artifact_type' "
        "          AND a.value = $5)) "
        "  AND v.name_key > $6 "
        "ORDER BY v.name_key LIMIT $7"};
static_assert(manifest_file == "manifest.json" && subject_property == "oci.subject" &&
                  packages::needs_property == "needs:" && artifact_type_property == "oci.artifact_type",
              "the statement above says so");

}  // namespace

std::optional<ImageBlob> find_image_blob(Tx& tx, const Place& place, const Sha256& sha256) {
    return tx.maybe(find_blob, sha256, place.tenant, place.repository->id, place.image, place.lease_scope(),
                    tx.now(), place.repository->number);
}

std::optional<ImageBlob> find_image_blob(Tx& tx, const Place& place, const ContentDigest& digest) {
    if (digest.kind == DigestKind::sha256) return find_image_blob(tx, place, digest.sha256());
    const auto blob = blobs::find_readable_blob(tx, digest.kind, digest.bytes);
    if (!blob) return std::nullopt;
    return find_image_blob(tx, place, blob->sha256);
}

bool is_quarantined(Tx& tx, const Place& place, const ContentDigest& digest) {
    const auto blob = blobs::find_quarantined_blob(tx, digest.kind, digest.bytes);
    if (!blob) return false;
    const auto package = packages::find_package_by_key(tx, place.in_repository(), place.image);
    if (!package) return false;
    const packages::ShownIn shown{
        .repository = place.repository->number, .package = package->number, .version = 0};
    return packages::is_shown(tx, place.tenant, shown, blob->id);
}

blobs::BlobKey StoredManifest::key() const {
    if (!is_readable()) blobs::refuse_quarantined("The manifest " + digest);
    return {.sha256 = sha256, .id = copy_id.value_or(blob_id)};
}

std::optional<StoredManifest> find_manifest(Tx& tx, const Place& place, const Reference& reference) {
    return tx.maybe(reference.digest ? find_by_digest : find_by_tag, place.tenant, place.repository->id,
                    place.image, reference.text, manifest_file);
}

std::vector<std::string> list_tag_names(Tx& tx, const packages::PackagePlace& place, std::string_view after,
                                        std::int64_t limit) {
    return tx.all(list_tags_after, place.tenant, place.repository, place.package, std::string(after), limit);
}

std::vector<ListedRepository> list_image_repositories(Tx& tx, const TenantId& tenant, std::string_view first,
                                                      std::int64_t limit) {
    return tx.all(list_repositories_from, tenant, std::string(first), limit);
}

std::vector<ListedImage> list_image_names(Tx& tx, const packages::RepositoryPlace& place,
                                          std::string_view after, std::int64_t limit) {
    return tx.all(list_images_after, place.tenant, place.repository, std::string(after), limit);
}

std::optional<std::string> find_repository_name(Tx& tx, const TenantId& tenant, const RepositoryId& id) {
    return tx.maybe(find_name_of_repository, tenant, id);
}

std::optional<std::string> find_image_name(Tx& tx, const packages::RepositoryPlace& place,
                                           const PackageId& id) {
    return tx.maybe(find_name_of_image, place.tenant, place.repository, id);
}

std::vector<StoredReferrer> list_stored_referrers(Tx& tx, const packages::PackagePlace& place,
                                                  const ReferrersWanted& wanted) {
    return tx.all(list_referrers_after, place.tenant, place.repository, place.package, wanted.subject,
                  wanted.artifact_type, wanted.after, wanted.limit, render_fallback_tag(wanted.subject));
}

}  // namespace lodestone::formats::oci
