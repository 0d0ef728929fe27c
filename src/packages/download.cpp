// Downloads in the database: two statements for as many counts as there are.
#include "packages/download.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include "base/json_text.hpp"
#include "db/bulk.hpp"

namespace lodestone::packages {

using db::Tx;

// A row of the answers below.
struct VersionDownloads {
    VersionId id;
    std::int64_t count = 0;
    std::int64_t last_day = 0;
};
BOOST_DESCRIBE_STRUCT(VersionDownloads, (), (id, count, last_day))
struct PackageDownloads {
    PackageId id;
    std::int64_t count = 0;
    std::int64_t last_day = 0;
};
BOOST_DESCRIBE_STRUCT(PackageDownloads, (), (id, count, last_day))

namespace {

// In one order, so that nodes that add to the same rows wait for each other and never in a circle.
const db::BulkCommand<DownloadCount> add_to_days{
    "download.add_to_days",
    db::Sql("INSERT INTO downloads (tenant_id, repository_id, package_id, version_id, day, count) "
            "SELECT v.tenant_id, v.repository_id, v.package_id, v.id, r.day, CAST(sum(r.count) AS bigint) "
            "FROM jsonb_to_recordset($1::jsonb) AS r(tenant_id text, repository_id text, package_id text, "
            "                                        version_id text, day bigint, count bigint) "
            "JOIN versions AS v ON v.tenant_id = r.tenant_id AND v.repository_id = r.repository_id "
            "                  AND v.package_id = r.package_id AND v.id = r.version_id "
            "GROUP BY v.tenant_id, v.repository_id, v.package_id, v.id, r.day "
            "ORDER BY v.tenant_id, v.repository_id, v.package_id, v.id, r.day "
            "ON CONFLICT (tenant_id, repository_id, package_id, version_id, day) "
            "DO UPDATE SET count = downloads.count + excluded.count",
            "INSERT INTO downloads (tenant_id, repository_id, package_id, version_id, day, count) "
            "SELECT v.tenant_id, v.repository_id, v.package_id, v.id, value->>'day', sum(value->>'count') "
            "FROM json_each($1) CROSS JOIN versions AS v "
            "WHERE v.tenant_id = value->>'tenant_id' AND v.repository_id = value->>'repository_id' "
            "  AND v.package_id = value->>'package_id' AND v.id = value->>'version_id' "
            "GROUP BY v.tenant_id, v.repository_id, v.package_id, v.id, value->>'day' "
            "ON CONFLICT (tenant_id, repository_id, package_id, version_id, day) "
            "DO UPDATE SET count = downloads.count + excluded.count")};

const db::BulkCommand<DownloadCount> add_to_totals{
    "download.add_to_totals",
    db::Sql(
        "INSERT INTO download_totals (tenant_id, repository_id, package_id, version_id, count, last_day) "
        "SELECT v.tenant_id, v.repository_id, v.package_id, v.id, CAST(sum(r.count) AS bigint), max(r.day) "
        "FROM jsonb_to_recordset($1::jsonb) AS r(tenant_id text, repository_id text, package_id text, "
        "                                        version_id text, day bigint, count bigint) "
        "JOIN versions AS v ON v.tenant_id = r.tenant_id AND v.repository_id = r.repository_id "
        "                  AND v.package_id = r.package_id AND v.id = r.version_id "
        "GROUP BY v.tenant_id, v.repository_id, v.package_id, v.id "
        "ORDER BY v.tenant_id, v.repository_id, v.package_id, v.id "
        "ON CONFLICT (tenant_id, repository_id, package_id, version_id) "
        "DO UPDATE SET count = download_totals.count + excluded.count, "
        "              last_day = greatest(download_totals.last_day, excluded.last_day)",
        "INSERT INTO download_totals (tenant_id, repository_id, package_id, version_id, count, last_day) "
        "SELECT v.tenant_id, v.repository_id, v.package_id, v.id, sum(value->>'count'), max(value->>'day') "
        "FROM json_each($1) CROSS JOIN versions AS v "
        "WHERE v.tenant_id = value->>'tenant_id' AND v.repository_id = value->>'repository_id' "
        "  AND v.package_id = value->>'package_id' AND v.id = value->>'version_id' "
        "GROUP BY v.tenant_id, v.repository_id, v.package_id, v.id "
        "ON CONFLICT (tenant_id, repository_id, package_id, version_id) "
        "DO UPDATE SET count = download_totals.count + excluded.count, "
        "              last_day = max(download_totals.last_day, excluded.last_day)")};

const db::Query<VersionDownloads, TenantId, RepositoryId, PackageId, std::string> list_of_versions{
    "download.list_of_versions", db::Sql("SELECT version_id AS id, count, last_day FROM download_totals "
                                         "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
                                         "  AND version_id IN (SELECT jsonb_array_elements_text($4::jsonb))",
                                         "SELECT version_id AS id, count, last_day FROM download_totals "
                                         "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
                                         "  AND version_id IN (SELECT value FROM json_each($4))")};

const db::Query<PackageDownloads, TenantId, RepositoryId, std::string> list_of_packages{
    "download.list_of_packages",
    db::Sql("SELECT package_id AS id, CAST(sum(count) AS bigint) AS count, max(last_day) AS last_day "
            "FROM download_totals WHERE tenant_id = $1 AND repository_id = $2 "
            "  AND package_id IN (SELECT jsonb_array_elements_text($3::jsonb)) GROUP BY package_id",
            "SELECT package_id AS id, sum(count) AS count, max(last_day) AS last_day "
            "FROM download_totals WHERE tenant_id = $1 AND repository_id = $2 "
            "  AND package_id IN (SELECT value FROM json_each($3)) GROUP BY package_id")};

template <class IdType>
std::string render_ids(std::span<const IdType> ids) {
    std::string list = "[";
    for (const IdType& id : ids) {
        if (list.size() > 1) list += ',';
        append_json_string(list, id.text());
    }
    return list + "]";
}

template <class IdType, class Row>
std::vector<Downloads> in_order(std::span<const IdType> ids, const std::vector<Row>& rows) {
    std::vector<Downloads> ordered;
    for (const IdType& id : ids) {
        const auto row = std::ranges::find(rows, id, &Row::id);
        ordered.push_back(row == rows.end() ? Downloads()
                                            : Downloads{.count = row->count, .last_day = row->last_day});
    }
    return ordered;
}

}  // namespace

std::int64_t day_of(Time time) {
    return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
}

Time begin_of_day(std::int64_t day) {
    return Time{std::chrono::days(day)};
}

void add_downloads(Tx& tx, std::span<const DownloadCount> counts) {
    db::send_bulk(tx, add_to_days, counts);
    db::send_bulk(tx, add_to_totals, counts);
}

std::vector<Downloads> list_downloads(Tx& tx, const PackagePlace& place,
                                      std::span<const VersionId> versions) {
    if (versions.empty()) return {};
    return in_order(versions, tx.all(list_of_versions, place.tenant, place.repository, place.package,
                                     render_ids(versions)));
}

std::vector<Downloads> list_downloads(Tx& tx, const RepositoryPlace& place,
                                      std::span<const PackageId> packages) {
    if (packages.empty()) return {};
    return in_order(packages, tx.all(list_of_packages, place.tenant, place.repository, render_ids(packages)));
}

}  // namespace lodestone::packages
