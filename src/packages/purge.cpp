// What goes with a repository that is purged, table by table, the leaves first. Of a tenant's or an app's
// repositories the same goes: the first step marks them as deleted when their owner was, so that none is left
// to be looked for.
#include "packages/purge.hpp"

#include <boost/describe/class.hpp>
#include <vector>

#include "base/limits.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

using db::Tx;
using identity::PurgeStep;

struct PurgedRepository {
    TenantId tenant_id;
    RepositoryId id;
};
BOOST_DESCRIBE_STRUCT(PurgedRepository, (), (tenant_id, id))

namespace {

using Remove = db::Command<Time, std::int64_t>;

const Remove mark_those_of_tenants{
    "tenants.mark_repositories",
    "UPDATE repositories SET deleted_at = (SELECT o.deleted_at FROM tenants AS o WHERE o.id = tenant_id), "
    "                        deleted_by = 'system' "
    "WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM tenants AS o JOIN repositories AS t ON t.tenant_id = o.id "
    " WHERE o.deleted_at < $1 AND (t.deleted_at IS NULL OR t.deleted_at >= $1) LIMIT $2)"};

const Remove mark_those_of_apps{
    "apps.mark_repositories",
    "UPDATE repositories SET deleted_at = (SELECT o.deleted_at FROM apps AS o "
    "                                      WHERE o.tenant_id = repositories.tenant_id AND o.id = app_id), "
    "                        deleted_by = 'system' "
    "WHERE (tenant_id, id) IN "
    "(SELECT t.tenant_id, t.id FROM apps AS o "
    " JOIN repositories AS t ON t.tenant_id = o.tenant_id AND t.app_id = o.id "
    " WHERE o.deleted_at < $1 AND (t.deleted_at IS NULL OR t.deleted_at >= $1) LIMIT $2)"};

const Remove downloads_of_repositories{
    "repositories.purge_downloads",
    "DELETE FROM downloads WHERE (tenant_id, repository_id, package_id, version_id, day) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_id, t.version_id, t.day FROM repositories AS o "
    " JOIN downloads AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove download_totals_of_repositories{
    "repositories.purge_download_totals",
    "DELETE FROM download_totals WHERE (tenant_id, repository_id, package_id, version_id) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_id, t.version_id FROM repositories AS o "
    " JOIN download_totals AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove package_words_of_repositories{
    "repositories.purge_package_words",
    db::Sql("DELETE FROM package_words WHERE (tenant_id, number) IN "
            "(SELECT t.tenant_id, t.number FROM repositories AS o "
            " JOIN packages AS p ON p.tenant_id = o.tenant_id AND p.repository_id = o.id "
            " JOIN package_words AS t ON t.tenant_id = p.tenant_id AND t.number = p.number "
            " WHERE o.deleted_at < $1 LIMIT $2)",
            "DELETE FROM package_words WHERE rowid IN "
            "(SELECT t.rowid FROM repositories AS o "
            " JOIN packages AS p ON p.tenant_id = o.tenant_id AND p.repository_id = o.id "
            " CROSS JOIN package_words AS t ON t.rowid = p.number "
            " WHERE o.deleted_at < $1 LIMIT $2)")};

const Remove tags_of_repositories{
    "repositories.purge_tags",
    "DELETE FROM tags WHERE (tenant_id, repository_id, package_id, name) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_id, t.name FROM repositories AS o "
    " JOIN tags AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove files_of_repositories{
    "repositories.purge_files",
    "DELETE FROM files WHERE (tenant_id, repository_id, package_id, version_id, name) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_id, t.version_id, t.name FROM repositories AS o "
    " JOIN files AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove properties_of_repositories{
    "repositories.purge_properties",
    "DELETE FROM properties WHERE (tenant_id, repository_id, package_id, version_id, name) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_id, t.version_id, t.name FROM repositories AS o "
    " JOIN properties AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove fragments_of_repositories{
    "repositories.purge_fragments",
    "DELETE FROM fragments WHERE (tenant_id, repository_id, package_id, kind, version_id, name) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_id, t.kind, t.version_id, t.name "
    " FROM repositories AS o "
    " JOIN fragments AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove versions_of_repositories{
    "repositories.purge_versions",
    "DELETE FROM versions WHERE (tenant_id, repository_id, package_id, id) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_id, t.id FROM repositories AS o "
    " JOIN versions AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove packages_of_repositories{
    "repositories.purge_packages",
    "DELETE FROM packages WHERE (tenant_id, repository_id, id) IN "
    "(SELECT t.tenant_id, t.repository_id, t.id FROM repositories AS o "
    " JOIN packages AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove tombstones_of_repositories{
    "repositories.purge_tombstones",
    "DELETE FROM tombstones WHERE (tenant_id, repository_id, package_key, version_key, file_name) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_key, t.version_key, t.file_name FROM repositories AS o "
    " JOIN tombstones AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove repository_usage_of_repositories{
    "repositories.purge_repository_usage",
    "DELETE FROM repository_usage WHERE (tenant_id, repository_id) IN "
    "(SELECT t.tenant_id, t.repository_id FROM repositories AS o "
    " JOIN repository_usage AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove package_blobs_of_repositories{
    "repositories.purge_package_blobs",
    "DELETE FROM package_blobs WHERE (tenant_id, repository, package, blob_id, version) IN "
    "(SELECT t.tenant_id, t.repository, t.package, t.blob_id, t.version FROM repositories AS o "
    " JOIN package_blobs AS t ON t.tenant_id = o.tenant_id AND t.repository = o.number "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

// What nobody else needs is found by the collector.
const Remove blob_uses_of_repositories{
    "repositories.purge_blob_uses",
    "DELETE FROM blob_uses WHERE (tenant_id, owner, blob_id) IN "
    "(SELECT t.tenant_id, t.owner, t.blob_id FROM repositories AS o "
    " JOIN versions AS v ON v.tenant_id = o.tenant_id AND v.repository_id = o.id "
    " JOIN blob_uses AS t ON t.tenant_id = v.tenant_id AND t.owner = v.number "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove staged_uses_of_repositories{
    "repositories.purge_staged_uses",
    "DELETE FROM blob_uses WHERE (tenant_id, owner, blob_id) IN "
    "(SELECT t.tenant_id, t.owner, t.blob_id FROM repositories AS o "
    " JOIN staged_publications AS s ON s.tenant_id = o.tenant_id AND s.repository_id = o.id "
    " JOIN blob_uses AS t ON t.tenant_id = s.tenant_id AND t.owner = s.number "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove staged_publications_of_repositories{
    "repositories.purge_staged_publications",
    "DELETE FROM staged_publications WHERE (tenant_id, repository_id, id) IN "
    "(SELECT t.tenant_id, t.repository_id, t.id FROM repositories AS o "
    " JOIN staged_publications AS t ON t.tenant_id = o.tenant_id AND t.repository_id = o.id "
    " WHERE o.deleted_at < $1 LIMIT $2)"};

const Remove repositories_themselves{
    "repositories.purge",
    "DELETE FROM repositories WHERE (tenant_id, id) IN "
    "(SELECT tenant_id, id FROM repositories WHERE deleted_at < $1 LIMIT $2)"};

// Purging begins by spending the id: from then on it cannot be restored, and a unit that restores it at the
// same moment has changed the same row.
const db::Query<PurgedRepository, Time, std::int64_t> begin{
    "repository.begin_purge",
    "UPDATE repositories SET kind = kind WHERE (tenant_id, id) IN "
    "(SELECT o.tenant_id, o.id FROM repositories AS o WHERE o.deleted_at < $1 AND NOT EXISTS "
    " (SELECT 1 FROM spent_ids AS s WHERE s.kind = 'repository' AND s.id = o.tenant_id || '/' || o.id) "
    " ORDER BY o.deleted_at LIMIT $2) "
    "RETURNING tenant_id, id"};

const db::Command<TenantId, RepositoryId> spend_id{
    "repository.spend_id",
    "INSERT INTO spent_ids (kind, id) VALUES ('repository', $1 || '/' || $2) ON CONFLICT DO NOTHING"};

const db::Query<PurgedRepository, Time, std::int64_t> remove{
    "repository.purge",
    "DELETE FROM repositories WHERE (tenant_id, id) IN "
    "(SELECT tenant_id, id FROM repositories WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2) "
    "RETURNING tenant_id, id"};

constexpr PurgeStep steps_of_repositories[] = {
    {"downloads", downloads_of_repositories},
    {"download_totals", download_totals_of_repositories},
    {"package_words", package_words_of_repositories},
    {"tags", tags_of_repositories},
    {"files", files_of_repositories},
    {"properties", properties_of_repositories},
    {"fragments", fragments_of_repositories},
    {"package_blobs", package_blobs_of_repositories},
    {"blob_uses", blob_uses_of_repositories},
    {"blob_uses", staged_uses_of_repositories},
    {"staged_publications", staged_publications_of_repositories},
    {"versions", versions_of_repositories},
    {"packages", packages_of_repositories},
    {"tombstones", tombstones_of_repositories},
    {"repository_usage", repository_usage_of_repositories},
    {"repositories", repositories_themselves},
};

std::vector<PurgeStep> steps_after(const Remove& mark) {
    std::vector<PurgeStep> steps{{"repositories", mark}};
    for (const PurgeStep& step : steps_of_repositories) steps.push_back(step);
    return steps;
}

}  // namespace

std::span<const PurgeStep> tenant_purge_steps() {
    static const std::vector<PurgeStep> steps = steps_after(mark_those_of_tenants);
    return steps;
}

std::span<const PurgeStep> app_purge_steps() {
    static const std::vector<PurgeStep> steps = steps_after(mark_those_of_apps);
    return steps;
}

std::int64_t purge_repositories(Tx& tx, Time deadline) {
    const std::vector<PurgedRepository> begun = tx.all(begin, deadline, limits::purge_rows);
    for (const PurgedRepository& one : begun) tx.send(spend_id, one.tenant_id, one.id);
    auto done = static_cast<std::int64_t>(begun.size());
    for (const PurgeStep& step : std::span(steps_of_repositories).first(std::size(steps_of_repositories) - 1))
        if (done < limits::purge_rows) done += tx.run(step.remove, deadline, limits::purge_rows - done);
    if (done >= limits::purge_rows) return done;
    const std::vector<PurgedRepository> gone = tx.all(remove, deadline, limits::purge_rows - done);
    for (const PurgedRepository& one : gone)
        tx.record({.action = "repository.purge",
                   .tenant = one.tenant_id.text(),
                   .subject = one.id.text(),
                   .details = "{}"});
    return done + static_cast<std::int64_t>(gone.size());
}

}  // namespace lodestone::packages
