// Reading what is judged, and deleting what has to go.
#include "packages/retention.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/json_text.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "db/database.hpp"
#include "db/listing.hpp"
#include "packages/package.hpp"
#include "packages/property.hpp"
#include "packages/remove.hpp"
#include "packages/version.hpp"

namespace lodestone::packages {

using db::Tx;

struct RuledRepository {
    TenantId tenant_id;
    RepositoryId id;
    std::int64_t number = 0;
    std::string name;
    std::string format;
    std::string settings;
};
BOOST_DESCRIBE_STRUCT(RuledRepository, (), (tenant_id, id, number, name, format, settings))
struct JudgedRow {
    PackageId id;
    std::string name;
    std::string name_key;
};
BOOST_DESCRIBE_STRUCT(JudgedRow, (), (id, name, name_key))
struct TaggedVersion {
    VersionId version_id;
    std::string name;
    std::string version_name;
};
BOOST_DESCRIBE_STRUCT(TaggedVersion, (), (version_id, name, version_name))

namespace {

const db::Query<RuledRepository, TenantId, RepositoryId, std::int64_t> list_ruled{
    "retention.list_repositories",
    "SELECT r.tenant_id, r.id, r.number, r.name, r.format, r.settings FROM repositories AS r "
    "JOIN apps AS a ON a.tenant_id = r.tenant_id AND a.id = r.app_id AND a.deleted_at IS NULL "
    "JOIN tenants AS t ON t.id = r.tenant_id AND t.deleted_at IS NULL "
    "WHERE (r.tenant_id, r.id) > ($1, $2) AND r.deleted_at IS NULL AND r.settings LIKE '%\"is_applied\"%' "
    "ORDER BY r.tenant_id, r.id LIMIT $3"};

const db::Query<RuledRepository, TenantId, RepositoryId> find_ruled{
    "retention.find_repository",
    "SELECT tenant_id, id, number, name, format, settings FROM repositories "
    "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"};

const db::Query<JudgedRow, TenantId, RepositoryId, std::string, std::int64_t> list_packages_from{
    "retention.list_packages",
    "SELECT id, name, name_key FROM packages "
    "WHERE tenant_id = $1 AND repository_id = $2 AND deleted_at IS NULL AND name_key >= $3 "
    "ORDER BY name_key LIMIT $4"};

const db::Query<JudgedVersion, TenantId, RepositoryId, PackageId, std::int64_t> list_oldest{
    "retention.list_versions",
    "SELECT v.id, v.name, v.name_key, v.published_at, d.last_day AS last_download FROM versions AS v "
    "LEFT JOIN download_totals AS d ON d.tenant_id = v.tenant_id AND d.repository_id = v.repository_id "
    "                              AND d.package_id = v.package_id AND d.version_id = v.id "
    "WHERE v.tenant_id = $1 AND v.repository_id = $2 AND v.package_id = $3 AND v.deleted_at IS NULL "
    "ORDER BY v.published_at, v.id LIMIT $4"};

const db::Query<std::int64_t, TenantId, RepositoryId, PackageId> count_versions{
    "retention.count_versions",
    "SELECT count(*) FROM versions "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND deleted_at IS NULL"};

const db::Query<TaggedVersion, TenantId, RepositoryId, PackageId> list_tagged{
    "retention.list_tagged",
    "SELECT version_id, name, version_name FROM tags "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 ORDER BY name"};

// $4: the names of properties that name companions.
const db::Query<Bond, TenantId, RepositoryId, PackageId, std::string> list_bonds{
    "retention.list_bonds",
    db::Sql(
        "SELECT p.version_id AS \"from\", v.name AS from_name, p.value AS to_key, "
        "       (p.name NOT LIKE 'needs:%') AS is_companion "
        "FROM properties AS p "
        "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
        "                  AND v.package_id = p.package_id AND v.id = p.version_id AND v.deleted_at IS NULL "
        "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.package_id = $3 "
        "  AND (p.name LIKE 'needs:%' OR p.name IN (SELECT jsonb_array_elements_text($4::jsonb)))",
        "SELECT p.version_id AS \"from\", v.name AS from_name, p.value AS to_key, "
        "       (p.name NOT LIKE 'needs:%') AS is_companion "
        "FROM properties AS p "
        "JOIN versions AS v ON v.tenant_id = p.tenant_id AND v.repository_id = p.repository_id "
        "                  AND v.package_id = p.package_id AND v.id = p.version_id AND v.deleted_at IS NULL "
        "WHERE p.tenant_id = $1 AND p.repository_id = $2 AND p.package_id = $3 "
        "  AND (p.name LIKE 'needs:%' OR p.name IN (SELECT value FROM json_each($4)))")};
static_assert(needs_property == "needs:", "the statements above say so");

std::string render_names(std::span<const std::string_view> names) {
    std::string list = "[";
    for (const std::string_view name : names) {
        if (list.size() > 1) list += ',';
        append_json_string(list, name);
    }
    return list + "]";
}

// A version is known by the first of its tags; what is about another version is bound to that instead.
void add_tags(JudgedPackage& package, const Format& format, const std::vector<TaggedVersion>& tagged) {
    for (const TaggedVersion& one : tagged) {
        std::optional<std::string> about;
        if (format.companion_of_tag != nullptr) about = format.companion_of_tag(one.name);
        if (!about)
            package.tags.emplace(one.version_id, one.name);
        else
            package.bonds.push_back({.from = one.version_id,
                                     .from_name = one.version_name,
                                     .to_key = *std::move(about),
                                     .is_companion = true});
    }
}

std::vector<Verdict> judge_package(Tx& tx, const RetentionPlace& place, const RepositoryRetention& rules,
                                   const JudgedRow& row) {
    const auto& [tenant, repository] = place.repository;
    JudgedPackage package{.name = row.name};
    package.versions = tx.all(list_oldest, tenant, repository, row.id, limits::judged_versions);
    std::ranges::reverse(package.versions);
    const auto seen = static_cast<std::int64_t>(package.versions.size());
    if (seen == limits::judged_versions)
        package.newer = tx.one(count_versions, tenant, repository, row.id) - seen;
    package.bonds =
        tx.all(list_bonds, tenant, repository, row.id, render_names(place.format.companion_properties));
    add_tags(package, place.format, tx.all(list_tagged, tenant, repository, row.id));
    return judge_versions(rules, package, tx.now());
}

// How far a preview has come: behind a version, in the order of judge_package().
struct PreviewPoint {
    std::string package_key;
    Time published_at = Time::max();
    std::string version = {};

    bool is_before(const JudgedVersion& next) const {
        return std::pair(next.published_at, next.id.text()) < std::pair(published_at, version);
    }
};
constexpr Time behind_all{};

std::string render_point(const PreviewPoint& point) {
    return db::KeyText<Time>::render(point.published_at) + '/' + point.package_key;
}

PreviewPoint need_point(const db::ListRequest& request, std::string_view listing) {
    if (request.cursor.empty()) return {};
    const auto cursor = db::parse_cursor(request.cursor, listing);
    const std::size_t slash = cursor ? cursor->key.find('/') : std::string::npos;
    if (slash == std::string::npos) db::refuse_cursor();
    const auto time = db::KeyText<Time>::parse(cursor->key.substr(0, slash));
    if (!time) db::refuse_cursor();
    return {.package_key = cursor->key.substr(slash + 1), .published_at = *time, .version = cursor->id};
}

// Walks the packages of a preview until the page is full.
class Preview {
  public:
    Preview(Tx& tx, const RetentionPlace& place, const RepositoryRetention& rules,
            const PreviewFilters& filters, std::int64_t limit)
        : tx_(tx), place_(place), rules_(rules), filters_(filters), limit_(limit) {}

    // Answers where the next page begins.
    std::optional<PreviewPoint> walk(const PreviewPoint& from) {
        const auto& [tenant, repository] = place_.repository;
        const std::string first =
            filters_.package && from.package_key.empty() ? *filters_.package : from.package_key;
        std::vector<JudgedRow> rows =
            tx_.all(list_packages_from, tenant, repository, first, limits::judged_packages + 1);
        if (filters_.package)
            std::erase_if(rows, [&](const JudgedRow& row) { return row.name_key != *filters_.package; });
        const bool has_more = static_cast<std::int64_t>(rows.size()) > limits::judged_packages;
        if (has_more) rows.pop_back();
        for (const JudgedRow& row : rows) {
            const bool goes_on = row.name_key == from.package_key;
            if (auto next = add(row, goes_on ? from : PreviewPoint{.package_key = row.name_key})) return next;
        }
        if (!has_more) return std::nullopt;
        return PreviewPoint{.package_key = rows.back().name_key, .published_at = behind_all};
    }
    std::vector<PreviewedVersion> take() { return std::move(items_); }

  private:
    std::optional<PreviewPoint> add(const JudgedRow& row, PreviewPoint last) {
        if (last.published_at == behind_all) return std::nullopt;
        for (Verdict& verdict : judge_package(tx_, place_, rules_, row)) {
            const JudgedVersion& version = verdict.version;
            if (!last.is_before(version) || (filters_.stays && verdict.stays != *filters_.stays)) continue;
            if (static_cast<std::int64_t>(items_.size()) == limit_) return last;
            last.published_at = version.published_at;
            last.version = version.id.text();
            items_.push_back({.package = row.name,
                              .version = version.name,
                              .version_id = version.id,
                              .published_at = version.published_at,
                              .stays = verdict.stays,
                              .reason = std::move(verdict.reason)});
        }
        return std::nullopt;
    }

    Tx& tx_;
    const RetentionPlace& place_;
    const RepositoryRetention& rules_;
    const PreviewFilters& filters_;
    const std::int64_t limit_;
    std::vector<PreviewedVersion> items_;
};

// What a deletion has to know of where it happens.
Removing removing_from(const RuledRepository& repository) {
    auto entry = std::make_shared<RepositoryEntry>();
    entry->id = repository.id;
    entry->name = repository.name;
    entry->format = repository.format;
    entry->number = repository.number;
    return {.tenant = repository.tenant_id, .repository = std::move(entry), .reason = {}};
}

// The rules as they are now; nothing where none are applied.
std::optional<RepositoryRetention> find_rules(const RuledRepository& repository) {
    RepositoryRetention rules = parse_repository_settings(repository.settings).retention;
    return rules.is_applied ? std::optional(std::move(rules)) : std::nullopt;
}

// Judged in the transaction that deletes, by the rules of that moment; the oldest go first.
std::int64_t retire_versions(Tx& tx, const RuledRepository& seen, const Format& format, const PackageId& id) {
    const auto repository = tx.maybe(find_ruled, seen.tenant_id, seen.id);
    const auto rules = repository ? find_rules(*repository) : std::nullopt;
    const RepositoryPlace place{seen.tenant_id, seen.id};
    const auto package = rules ? find_package(tx, place, id) : std::nullopt;
    if (!package) return 0;
    const JudgedRow row{.id = id, .name = package->name, .name_key = package->name_key};
    std::vector<Verdict> verdicts = judge_package(tx, {place, format}, *rules, row);
    std::int64_t retired = 0;
    Removing removing = removing_from(*repository);
    for (auto one = verdicts.rbegin(); one != verdicts.rend() && retired < limits::retired_versions; ++one) {
        if (one->stays) continue;
        auto version = find_version(tx, {seen.tenant_id, seen.id, id}, one->version.id);
        if (!version) continue;
        removing.reason = "retention: " + one->reason;
        delete_version(tx, removing, *package, *std::move(version));
        ++retired;
    }
    return retired;
}

// Packages of which something has to go, and with which key the next ones begin; empty: there are no more.
struct Victims {
    std::vector<PackageId> packages;
    std::string next;
};

Victims find_victims(Tx& tx, const RuledRepository& repository, const Format& format,
                     const RepositoryRetention& rules, const std::string& first) {
    const RetentionPlace place{{repository.tenant_id, repository.id}, format};
    std::vector<JudgedRow> rows =
        tx.all(list_packages_from, repository.tenant_id, repository.id, first, limits::judged_packages + 1);
    Victims victims;
    if (static_cast<std::int64_t>(rows.size()) > limits::judged_packages) {
        victims.next = rows.back().name_key;
        rows.pop_back();
    }
    for (const JudgedRow& row : rows)
        if (!std::ranges::all_of(judge_package(tx, place, rules, row), &Verdict::stays))
            victims.packages.push_back(row.id);
    return victims;
}

}  // namespace

db::Page<PreviewedVersion> preview_retention(Tx& tx, const RetentionPlace& place,
                                             const RepositoryRetention& rules,
                                             const db::ListRequest& request) {
    const auto filters = db::parse_filters<PreviewFilters>(request.filters);
    const std::string listing =
        db::listing_name(list_packages_from, filters, place.repository.tenant, place.repository.repository);
    Preview preview(tx, place, rules, filters, db::page_limit(request.limit));
    const auto next = preview.walk(need_point(request, listing));
    db::Page<PreviewedVersion> page{.items = preview.take(), .next = {}};
    if (next) page.next = db::render_cursor({.key = render_point(*next), .id = next->version}, listing);
    return page;
}

std::int64_t RetentionRounds::run(db::Database& database) {
    std::int64_t retired = 0;
    std::vector<RuledRepository> page;
    std::pair<TenantId, RepositoryId> last;
    do {
        page = database.read_now(db::Unit{}, [&](Tx& tx) {
            return tx.all(list_ruled, last.first, last.second, limits::page_rows);
        });
        for (const RuledRepository& repository : page) {
            if (is_stopped_.load()) return retired;
            retired += run_in(database, repository);
            last = {repository.tenant_id, repository.id};
        }
    } while (!page.empty() && !is_stopped_.load());
    return retired;
}

std::int64_t RetentionRounds::run_in(db::Database& database, const RuledRepository& repository) {
    const Format* const format = find_format(formats_, repository.format);
    const auto rules = find_rules(repository);
    if (format == nullptr || !rules) return 0;
    std::int64_t retired = 0;
    Victims victims;
    do {
        victims = database.read_now(
            db::Unit{}, [&](Tx& tx) { return find_victims(tx, repository, *format, *rules, victims.next); });
        for (const PackageId& package : victims.packages) {
            std::int64_t more = limits::retired_versions;
            while (more == limits::retired_versions && !is_stopped_.load()) {
                more = database.write_now(
                    db::Unit{}, [&](Tx& tx) { return retire_versions(tx, repository, *format, package); });
                retired += more;
            }
        }
    } while (!victims.next.empty() && !is_stopped_.load());
    return retired;
}

}  // namespace lodestone::packages
