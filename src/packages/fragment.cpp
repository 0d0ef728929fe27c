// Fragments in the database.
#include "packages/fragment.hpp"

#include "base/package_limits.hpp"
#include "base/problem.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Command<TenantId, RepositoryId, PackageId, std::string, VersionId, std::string, std::string> put{
    "fragment.put",
    "INSERT INTO fragments (tenant_id, repository_id, package_id, kind, version_id, name, body) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (tenant_id, repository_id, package_id, kind, version_id, name) DO UPDATE SET body = "
    "excluded.body"};

const db::Command<TenantId, RepositoryId, PackageId, VersionId, std::string> remove_some{
    "fragment.delete",
    "DELETE FROM fragments WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND version_id = $4 AND ($5 = '' OR name = $5)"};

const db::Query<FoundFragment, TenantId, RepositoryId, PackageId, std::string> list_of_package{
    "fragment.list",
    "SELECT v.name AS version_name, v.name_key AS version_key, f.name, f.body, v.state, v.yank_reason, "
    "       v.deprecation, v.published_at "
    "FROM versions AS v "
    "JOIN fragments AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "                   AND f.package_id = v.package_id AND f.kind = $4 AND f.version_id = v.id "
    "WHERE v.tenant_id = $1 AND v.repository_id = $2 AND v.package_id = $3 AND v.deleted_at IS NULL "
    "ORDER BY v.published_at, v.id, f.name"};

const db::Query<FoundFragment, TenantId, RepositoryId, PackageId, std::string, VersionId> list_of_kind{
    "fragment.list_of_kind",
    "SELECT v.name AS version_name, v.name_key AS version_key, f.name, f.body, v.state, v.yank_reason, "
    "       v.deprecation, v.published_at "
    "FROM versions AS v "
    "JOIN fragments AS f ON f.tenant_id = v.tenant_id AND f.repository_id = v.repository_id "
    "                   AND f.package_id = v.package_id AND f.kind = $4 AND f.version_id = v.id "
    "WHERE v.tenant_id = $1 AND v.repository_id = $2 AND v.package_id = $3 AND v.id = $5 "
    "  AND v.deleted_at IS NULL "
    "ORDER BY f.name"};

const db::Query<std::int64_t, TenantId, RepositoryId, PackageId, std::string> measure{
    "fragment.measure",
    db::Sql("SELECT CAST(COALESCE(SUM(OCTET_LENGTH(body)), 0) AS bigint) FROM fragments "
            "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND kind = $4",
            "SELECT COALESCE(SUM(LENGTH(CAST(body AS BLOB))), 0) FROM fragments "
            "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND kind = $4")};

const db::Query<std::string, TenantId, RepositoryId, PackageId, std::string, VersionId, std::string> find{
    "fragment.find",
    "SELECT body FROM fragments WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 "
    "  AND kind = $4 AND version_id = $5 AND name = $6"};

const db::Query<Fragment, TenantId, RepositoryId, PackageId, VersionId> list_of_version{
    "fragment.list_of_version",
    "SELECT kind, name, body FROM fragments "
    "WHERE tenant_id = $1 AND repository_id = $2 AND package_id = $3 AND version_id = $4 "
    "ORDER BY kind, name"};

}  // namespace

void check_fragment(const Fragment& fragment) {
    if (fragment.body.size() > limits::fragment_bytes)
        throw Problem(problems::invalid_input, "What is said about this version is longer than " +
                                                   std::to_string(limits::fragment_bytes / 1024) +
                                                   " KiB: shorten its metadata.");
}

void put_fragment(Tx& tx, const VersionPlace& place, const Fragment& fragment) {
    check_fragment(fragment);
    const PackagePlace& in = place.package;
    tx.send(put, in.tenant, in.repository, in.package, fragment.kind, place.version, fragment.name,
            fragment.body);
}

void delete_fragments(Tx& tx, const VersionPlace& place, std::string_view name) {
    const PackagePlace& in = place.package;
    tx.send(remove_some, in.tenant, in.repository, in.package, place.version, std::string(name));
}

std::int64_t measure_fragments(Tx& tx, const PackagePlace& place, std::string_view kind) {
    return tx.one(measure, place.tenant, place.repository, place.package, std::string(kind));
}

std::vector<FoundFragment> list_fragments(Tx& tx, const PackagePlace& place, std::string_view kind) {
    if (measure_fragments(tx, place, kind) > limits::index_bytes)
        throw Problem(problems::unavailable,
                      "The index of this package is too large to be rendered: delete versions of it.");
    return tx.all(list_of_package, place.tenant, place.repository, place.package, std::string(kind));
}

std::vector<FoundFragment> list_version_fragments(Tx& tx, const VersionPlace& place, std::string_view kind) {
    const PackagePlace& in = place.package;
    return tx.all(list_of_kind, in.tenant, in.repository, in.package, std::string(kind), place.version);
}

std::optional<std::string> find_fragment(Tx& tx, const VersionPlace& place, std::string_view kind,
                                         std::string_view name) {
    const PackagePlace& in = place.package;
    return tx.maybe(find, in.tenant, in.repository, in.package, std::string(kind), place.version,
                    std::string(name));
}

std::vector<Fragment> list_fragments_of(Tx& tx, const VersionPlace& place) {
    const PackagePlace& in = place.package;
    return tx.all(list_of_version, in.tenant, in.repository, in.package, place.version);
}

}  // namespace lodestone::packages
