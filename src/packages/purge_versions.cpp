// Removing deleted versions and packages for good. A version goes whole, in one transaction: it has few rows,
// and so nobody restores half of one.
#include <boost/describe/class.hpp>
#include <vector>

#include "base/package_limits.hpp"
#include "blobs/use.hpp"
#include "packages/ids.hpp"
#include "packages/purge.hpp"

namespace lodestone::packages {

using db::Tx;

struct PurgedVersion {
    TenantId tenant_id;
    RepositoryId repository_id;
    PackageId package_id;
    VersionId id;
    std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(PurgedVersion, (), (tenant_id, repository_id, package_id, id, number))

namespace {

// Touched first: whoever restores one at the same moment has changed the same row.
const db::Query<PurgedVersion, Time, std::int64_t> begin{
    "version.begin_purge",
    "UPDATE versions SET state = state WHERE (tenant_id, repository_id, package_id, id) IN "
    "(SELECT tenant_id, repository_id, package_id, id FROM versions WHERE deleted_at < $1 "
    " ORDER BY deleted_at LIMIT $2) "
    "RETURNING tenant_id, repository_id, package_id, id, number"};

using RemoveOne = db::Command<TenantId, RepositoryId, PackageId, VersionId>;

const RemoveOne remove_files{
    "version.purge_files",
    "DELETE FROM files WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND version_id = $4"};
const RemoveOne remove_properties{
    "version.purge_properties",
    "DELETE FROM properties WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND version_id = $4"};
const RemoveOne remove_fragments{
    "version.purge_fragments",
    "DELETE FROM fragments WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND version_id = $4"};
const RemoveOne remove_downloads{
    "version.purge_downloads",
    "DELETE FROM downloads WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND version_id = $4"};
const RemoveOne remove_download_totals{
    "version.purge_download_totals",
    "DELETE FROM download_totals WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND version_id = $4"};
const RemoveOne remove_row{
    "version.purge",
    "DELETE FROM versions WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND id = $4"};

const db::Command<Time, std::int64_t> remove_package_properties{
    "package.purge_properties",
    "DELETE FROM properties WHERE (tenant_id, repository_id, package_id, version_id, name) IN "
    "(SELECT t.tenant_id, t.repository_id, t.package_id, t.version_id, t.name FROM packages AS p "
    " JOIN properties AS t ON t.tenant_id = p.tenant_id AND t.repository_id = p.repository_id "
    "                     AND t.package_id = p.id "
    " WHERE p.deleted_at < $1 AND NOT EXISTS "
    " (SELECT 1 FROM versions AS v WHERE v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
    "    AND v.package_id = p.id) LIMIT $2)"};

const db::Command<Time, std::int64_t> remove_package_words{
    "package.purge_words",
    db::Sql(
        "DELETE FROM package_words WHERE (tenant_id, number) IN "
        "(SELECT t.tenant_id, t.number FROM packages AS p "
        " JOIN package_words AS t ON t.tenant_id = p.tenant_id AND t.number = p.number "
        " WHERE p.deleted_at < $1 AND NOT EXISTS "
        " (SELECT 1 FROM versions AS v WHERE v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
        "    AND v.package_id = p.id) LIMIT $2)",
        "DELETE FROM package_words WHERE rowid IN "
        "(SELECT t.rowid FROM packages AS p CROSS JOIN package_words AS t ON t.rowid = p.number "
        " WHERE p.deleted_at < $1 AND NOT EXISTS "
        " (SELECT 1 FROM versions AS v WHERE v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
        "    AND v.package_id = p.id) LIMIT $2)")};

// What found it has gone before it.
const db::Command<Time, std::int64_t> remove_packages{
    "package.purge",
    "DELETE FROM packages WHERE (tenant_id, repository_id, id) IN "
    "(SELECT p.tenant_id, p.repository_id, p.id FROM packages AS p WHERE p.deleted_at < $1 "
    "   AND NOT EXISTS (SELECT 1 FROM versions AS v WHERE v.tenant_id = p.tenant_id "
    "                     AND v.repository_id = p.repository_id AND v.package_id = p.id) "
    "   AND NOT EXISTS (SELECT 1 FROM properties AS t WHERE t.tenant_id = p.tenant_id "
    "                     AND t.repository_id = p.repository_id AND t.package_id = p.id) "
    " LIMIT $2)"};

}  // namespace

std::int64_t purge_versions(Tx& tx, Time deadline) {
    const std::vector<PurgedVersion> begun = tx.all(begin, deadline, limits::purged_versions);
    for (const PurgedVersion& one : begun) {
        for (const RemoveOne* remove : {&remove_files, &remove_properties, &remove_fragments,
                                        &remove_downloads, &remove_download_totals, &remove_row})
            tx.send(*remove, one.tenant_id, one.repository_id, one.package_id, one.id);
        blobs::release_uses(tx, one.tenant_id, one.number);
    }
    return static_cast<std::int64_t>(begun.size());
}

std::int64_t purge_packages(Tx& tx, Time deadline) {
    std::int64_t removed = 0;
    for (const auto* remove : {&remove_package_properties, &remove_package_words, &remove_packages})
        if (removed < limits::purge_rows) removed += tx.run(*remove, deadline, limits::purge_rows - removed);
    return removed;
}

}  // namespace lodestone::packages
