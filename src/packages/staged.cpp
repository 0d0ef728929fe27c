// Staged publications in the database.
#include "packages/staged.hpp"

#include "base/stage_limits.hpp"
#include "db/noun.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

const db::Query<Staged, TenantId, RepositoryId, StagedId, Time> find_by_id{
    "staged.find",
    "SELECT id, number, package_name, package_key, version_name, version_key, tags, facts, size_bytes, "
    "       file_count, created_at, created_by, expires_at "
    "FROM staged_publications WHERE tenant_id = $1 AND repository_id = $2 AND id = $3 AND expires_at > $4"};

const db::Query<Staged, TenantId, RepositoryId, std::string, std::string, Time> find_by_version{
    "staged.find_by_version",
    "SELECT id, number, package_name, package_key, version_name, version_key, tags, facts, size_bytes, "
    "       file_count, created_at, created_by, expires_at "
    "FROM staged_publications WHERE tenant_id = $1 AND repository_id = $2 AND package_key = $3 "
    "  AND version_key = $4 AND expires_at > $5"};

const db::Query<std::string, TenantId, RepositoryId, StagedId, Time> find_content{
    "staged.find_content",
    "SELECT content FROM staged_publications "
    "WHERE tenant_id = $1 AND repository_id = $2 AND id = $3 AND expires_at > $4"};

const db::Query<Staged, TenantId, RepositoryId, std::string, Time, std::int64_t> list{
    "staged.list",
    "SELECT id, number, package_name, package_key, version_name, version_key, tags, facts, size_bytes, "
    "       file_count, created_at, created_by, expires_at "
    "FROM staged_publications WHERE tenant_id = $1 AND repository_id = $2 "
    "  AND ($3 = '' OR package_key = $3) AND expires_at > $4 "
    "ORDER BY created_at, id LIMIT $5"};

const db::Query<std::int64_t, TenantId, RepositoryId, std::string, Time> count{
    "staged.count",
    "SELECT count(*) FROM staged_publications WHERE tenant_id = $1 AND repository_id = $2 "
    "  AND ($3 = '' OR package_key = $3) AND expires_at > $4"};

const db::Command<TenantId, RepositoryId, StagedId, std::int64_t, std::string, std::string, std::string,
                  std::string, std::string, std::string, std::int64_t, std::int64_t, Time, std::string, Time,
                  std::string>
    insert{"staged.insert",
           "INSERT INTO staged_publications (tenant_id, repository_id, id, number, package_name, "
           "                                 package_key, version_name, version_key, tags, facts, "
           "                                 size_bytes, file_count, created_at, created_by, expires_at, "
           "                                 content) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) "
           "ON CONFLICT DO NOTHING"};

const db::Command<TenantId, RepositoryId, StagedId> remove{
    "staged.delete",
    "DELETE FROM staged_publications WHERE tenant_id = $1 AND repository_id = $2 AND id = $3"};

const db::Query<EndedStaged, Time, std::int64_t> remove_expired{
    "staged.delete_expired",
    "DELETE FROM staged_publications WHERE (tenant_id, repository_id, id) IN "
    "(SELECT tenant_id, repository_id, id FROM staged_publications WHERE expires_at <= $1 "
    " ORDER BY expires_at LIMIT $2) "
    "RETURNING tenant_id, repository_id, id, number, package_name, version_name"};

const db::Query<EndedStaged, TenantId, RepositoryId, std::string, std::string, Time> remove_expired_version{
    "staged.delete_expired_version",
    "DELETE FROM staged_publications WHERE tenant_id = $1 AND repository_id = $2 AND package_key = $3 "
    "  AND version_key = $4 AND expires_at <= $5 "
    "RETURNING tenant_id, repository_id, id, number, package_name, version_name"};

}  // namespace

std::optional<Staged> find_staged(Tx& tx, const RepositoryPlace& place, const StagedId& id) {
    return tx.maybe(find_by_id, place.tenant, place.repository, id, tx.now());
}

Staged need_staged(Tx& tx, const RepositoryPlace& place, const StagedId& id) {
    auto staged = find_staged(tx, place, id);
    if (!staged) db::refuse_absent("staged publication", id.text());
    return *std::move(staged);
}

std::optional<Staged> find_staged_version(Tx& tx, const RepositoryPlace& place, std::string_view package_key,
                                          std::string_view version_key) {
    return tx.maybe(find_by_version, place.tenant, place.repository, std::string(package_key),
                    std::string(version_key), tx.now());
}

std::optional<std::string> find_staged_content(Tx& tx, const RepositoryPlace& place, const StagedId& id) {
    return tx.maybe(find_content, place.tenant, place.repository, id, tx.now());
}

std::vector<Staged> list_staged(Tx& tx, const RepositoryPlace& place, std::string_view package_key) {
    return tx.all(list, place.tenant, place.repository, std::string(package_key), tx.now(),
                  limits::staged_per_repository);
}

std::int64_t count_staged(Tx& tx, const RepositoryPlace& place, std::string_view package_key) {
    return tx.one(count, place.tenant, place.repository, std::string(package_key), tx.now());
}

bool insert_staged(Tx& tx, const RepositoryPlace& place, const Staged& staged, std::string_view content) {
    return tx.run(insert, place.tenant, place.repository, staged.id, staged.number, staged.package_name,
                  staged.package_key, staged.version_name, staged.version_key, staged.tags, staged.facts,
                  staged.size_bytes, staged.file_count, staged.created_at, staged.created_by,
                  staged.expires_at, std::string(content)) != 0;
}

bool delete_staged(Tx& tx, const RepositoryPlace& place, const StagedId& id) {
    return tx.run(remove, place.tenant, place.repository, id) != 0;
}

std::vector<EndedStaged> delete_expired_staged(Tx& tx, Time deadline) {
    return tx.all(remove_expired, deadline, limits::ended_staged);
}

std::optional<EndedStaged> delete_expired_staged(Tx& tx, const RepositoryPlace& place,
                                                 std::string_view package_key, std::string_view version_key) {
    return tx.maybe(remove_expired_version, place.tenant, place.repository, std::string(package_key),
                    std::string(version_key), tx.now());
}

}  // namespace lodestone::packages
