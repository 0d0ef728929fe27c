// Repositories in the database: every statement first, then a function for each verb.
#include "packages/repository.hpp"

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/ids.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/app.hpp"
#include "packages/quota.hpp"
#include "packages/repository_rules.hpp"

namespace lodestone::packages {

using db::Tx;

struct RepositoryFilters {
    std::optional<std::string> format;
    std::optional<RepositoryKind> kind;
    std::optional<RepositoryVisibility> visibility;
    std::optional<AppId> app_id;
    std::optional<db::Prefix> name;
    std::optional<db::Substring> search;
};
BOOST_DESCRIBE_STRUCT(RepositoryFilters, (), (format, kind, visibility, app_id, name, search))

namespace {

const db::Query<Repository, TenantId, RepositoryId> find_by_id{
    "repository.find",
    "SELECT id, app_id, name, format, kind, visibility, description, settings, upstream_secret, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM repositories WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"};

// Not what is being purged: its id is spent already.
const db::Query<Repository, TenantId, RepositoryId> find_deleted{
    "repository.find_deleted",
    "SELECT id, app_id, name, format, kind, visibility, description, settings, upstream_secret, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM repositories WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM spent_ids WHERE kind = 'repository' AND spent_ids.id = $1 || '/' || "
    "$2)"};

const db::Query<Repository, TenantId, std::string> find_by_name{
    "repository.find_by_name",
    "SELECT id, app_id, name, format, kind, visibility, description, settings, upstream_secret, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM repositories WHERE tenant_id = $1 AND name = $2 AND deleted_at IS NULL"};

const db::ListQuery<Repository, RepositoryFilters, std::string, TenantId> list_by_name{
    "repository.list_by_name",
    "SELECT id, app_id, name, format, kind, visibility, description, settings, upstream_secret, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM repositories "
    "WHERE tenant_id = $1 AND deleted_at IS NULL "
    "  AND ($2 IS NULL OR format = $2) AND ($3 IS NULL OR kind = $3) AND ($4 IS NULL OR visibility = $4) "
    "  AND ($5 IS NULL OR app_id = $5) AND ($7 IS NULL OR name LIKE $7 ESCAPE '!') "
    "  AND (name, id) > (CASE WHEN $8 = '' THEN coalesce($6, '') ELSE $8 END, $9) "
    "  AND name < coalesce($6, '') || '\U0010FFFF' "
    "ORDER BY name, id LIMIT $10"};

const db::ListQuery<Repository, RepositoryFilters, Time, TenantId> list_oldest_first{
    "repository.list_oldest_first",
    "SELECT id, app_id, name, format, kind, visibility, description, settings, upstream_secret, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM repositories "
    "WHERE tenant_id = $1 AND deleted_at IS NULL "
    "  AND ($2 IS NULL OR format = $2) AND ($3 IS NULL OR kind = $3) AND ($4 IS NULL OR visibility = $4) "
    "  AND ($5 IS NULL OR app_id = $5) AND ($6 IS NULL OR substr(name, 1, length($6)) = $6) "
    "  AND ($7 IS NULL OR name LIKE $7 ESCAPE '!') "
    "  AND (created_at, id) > ($8, $9) "
    "ORDER BY created_at, id LIMIT $10"};

const db::ListQuery<Repository, RepositoryFilters, Time, TenantId> list_newest_first{
    "repository.list_newest_first",
    "SELECT id, app_id, name, format, kind, visibility, description, settings, upstream_secret, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM repositories "
    "WHERE tenant_id = $1 AND deleted_at IS NULL "
    "  AND ($2 IS NULL OR format = $2) AND ($3 IS NULL OR kind = $3) AND ($4 IS NULL OR visibility = $4) "
    "  AND ($5 IS NULL OR app_id = $5) AND ($6 IS NULL OR substr(name, 1, length($6)) = $6) "
    "  AND ($7 IS NULL OR name LIKE $7 ESCAPE '!') "
    "  AND (created_at, id) < ($8, $9) "
    "ORDER BY created_at DESC, id DESC LIMIT $10"};

const db::Command<TenantId, RepositoryId, AppId, std::int64_t, std::string, std::string, RepositoryKind,
                  RepositoryVisibility, std::string, std::string, std::optional<db::Secret<std::string>>,
                  std::string, Time, std::string>
    insert{"repository.insert",
           "INSERT INTO repositories (tenant_id, id, app_id, number, name, format, kind, visibility, "
           "                          description, settings, upstream_secret, metadata, "
           "                          version, created_at, created_by, updated_at, updated_by) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $13, $14) "
           "ON CONFLICT DO NOTHING"};

const db::Command<TenantId, RepositoryId> insert_usage{
    "repository.insert_usage",
    "INSERT INTO repository_usage (tenant_id, repository_id, bytes, package_count, version_count, "
    "file_count) "
    "VALUES ($1, $2, 0, 0, 0, 0)"};

const db::Query<std::int64_t, TenantId, std::int64_t> count{
    "repository.count",
    "SELECT count(*) FROM (SELECT 1 FROM repositories WHERE tenant_id = $1 AND deleted_at IS NULL LIMIT $2) "
    "AS counted"};

// Touches nothing when another repository of the tenant has the name.
const db::Command<TenantId, RepositoryId, db::Version, std::string, RepositoryVisibility, std::string,
                  std::string, std::optional<db::Secret<std::string>>, std::string, Time, std::string>
    update{"repository.update",
           "UPDATE repositories SET name = $4, visibility = $5, description = $6, settings = $7, "
           "                        upstream_secret = $8, metadata = $9, "
           "                        version = version + 1, updated_at = $10, updated_by = $11 "
           "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL "
           "  AND NOT EXISTS (SELECT 1 FROM repositories AS other "
           "                  WHERE other.tenant_id = $1 AND other.name = $4 "
           "                    AND other.deleted_at IS NULL AND other.id <> $2)"};

const db::Command<TenantId, RepositoryId, db::Version, Time, std::string> mark_deleted{
    "repository.delete",
    "UPDATE repositories SET deleted_at = $4, deleted_by = $5, "
    "                        version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, RepositoryId, std::string, Time, std::string> mark_restored{
    "repository.restore",
    "UPDATE repositories SET deleted_at = NULL, deleted_by = NULL, "
    "                        version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM repositories AS other "
    "                  WHERE other.tenant_id = $1 AND other.name = $3 AND other.deleted_at IS NULL)"};

constexpr std::string_view kind = "repository";

constexpr std::tuple sorts{
    db::Sort{"name", list_by_name, &Repository::name},
    db::Sort{"created_at", list_oldest_first, &Repository::created_at},
    db::Sort{"-created_at", list_newest_first, &Repository::created_at},
};

void check_repository(const Repository& repository) {
    ensure(!repository.id.is_empty(), "a repository has an id");
    if (!is_repository_name(repository.name))
        throw field_problem(
            "name",
            "must be 1 to 100 lower-case letters and digits, with one of . _ - between them at a "
            "time, and no UUID.");
    if (repository.description.size() > limits::description_bytes)
        throw field_problem("description", "must be a text of at most 4 KiB.");
    check_settings_of_kind(repository);
    db::check_metadata(repository.metadata);
}
static_assert(limits::repository_name_bytes == 100 && limits::description_bytes == 4 * limits::kib,
              "the sentences above say so");

void record(Tx& tx, const char* action, const TenantId& tenant, const Repository& before,
            const Repository& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

void check_room(Tx& tx, const TenantId& tenant) {
    if (tx.one(count, tenant, limits::repositories_per_tenant) < limits::repositories_per_tenant) return;
    throw Problem(problems::conflict, "The tenant " + tenant.text() +
                                          " has all the repositories that it may "
                                          "have, " +
                                          std::to_string(limits::repositories_per_tenant) + ": delete one.");
}

}  // namespace

bool is_repository_name(std::string_view name) {
    if (name.empty() || name.size() > limits::repository_name_bytes || parse_uuid(name)) return false;
    bool may_separate = false;  // not at the start, not twice, not at the end
    for (const char c : name) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool is_separator = c == '.' || c == '_' || c == '-';
        if (!is_letter && !(is_separator && may_separate)) return false;
        may_separate = is_letter;
    }
    return may_separate;
}

std::optional<Repository> find_repository(Tx& tx, const TenantId& tenant, const RepositoryId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<Repository> find_repository_by_name(Tx& tx, const TenantId& tenant, std::string_view name) {
    return tx.maybe(find_by_name, tenant, std::string(name));
}

std::optional<Repository> find_repository_called(Tx& tx, const TenantId& tenant,
                                                 std::string_view name_or_id) {
    if (is_repository_name(name_or_id)) return find_repository_by_name(tx, tenant, name_or_id);
    const auto id = parse_id<RepositoryId>(name_or_id);
    return id ? find_repository(tx, tenant, *id) : std::nullopt;
}

db::Page<Repository> list_repositories(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<RepositoryFilters>(tx, request, sorts, tenant);
}

Repository insert_repository(Tx& tx, const TenantId& tenant, NewRepository made) {
    Repository& repository = made.repository;
    check_is_served(repository, made.formats);
    check_repository(repository);
    find_added_members(tx, tenant, repository);
    if (!identity::find_app(tx, tenant, repository.app_id))
        db::refuse_absent("app", repository.app_id.text());
    check_room(tx, tenant);
    db::stamp_new(tx, repository);
    const std::int64_t inserted = tx.run(
        insert, tenant, repository.id, repository.app_id, made.number, repository.name, repository.format,
        repository.kind, repository.visibility, repository.description, repository.settings,
        repository.upstream_secret, repository.metadata, repository.created_at, repository.created_by);
    if (inserted == 0) {
        if (find_repository_by_name(tx, tenant, repository.name))
            db::refuse_taken_name(kind, repository.name);
        db::refuse_taken_id(kind, repository.id.text());
    }
    tx.send(insert_usage, tenant, repository.id);
    record(tx, "repository.create", tenant, {}, repository);
    return std::move(repository);
}

Repository update_repository(Tx& tx, const TenantId& tenant, Repository repository) {
    check_repository(repository);
    const Repository before =
        db::expect_version(find_repository(tx, tenant, repository.id), repository, kind);
    check_secret_stays(before, repository);
    find_added_members(tx, tenant, repository, &before);
    db::stamp_changed(tx, repository, before);
    const std::int64_t updated =
        tx.run(update, tenant, repository.id, before.version, repository.name, repository.visibility,
               repository.description, repository.settings, repository.upstream_secret, repository.metadata,
               repository.updated_at, repository.updated_by);
    if (updated == 0) db::refuse_taken_name(kind, repository.name);
    record(tx, "repository.update", tenant, before, repository);
    return repository;
}

Repository delete_repository(Tx& tx, const TenantId& tenant, Repository repository) {
    const Repository before =
        db::expect_version(find_repository(tx, tenant, repository.id), repository, kind);
    repository = before;
    db::stamp_deleted(tx, repository);
    const std::int64_t deleted = tx.run(mark_deleted, tenant, repository.id, before.version,
                                        repository.updated_at, repository.updated_by);
    if (deleted == 0) db::refuse_outdated(kind, repository.id.text());
    record(tx, "repository.delete", tenant, before, repository);
    return repository;
}

Repository restore_repository(Tx& tx, const TenantId& tenant, const RepositoryId& id) {
    const std::optional<Repository> before = tx.maybe(find_deleted, tenant, id);
    if (!before || !identity::find_app(tx, tenant, before->app_id))
        db::refuse_absent("deleted repository", id.text());
    check_room_to_return(tx, tenant, *before);
    Repository repository = *before;
    db::stamp_restored(tx, repository);
    const std::int64_t restored =
        tx.run(mark_restored, tenant, id, repository.name, repository.updated_at, repository.updated_by);
    if (restored == 0) db::refuse_taken_meanwhile(kind, repository.name);
    record(tx, "repository.restore", tenant, *before, repository);
    return repository;
}

}  // namespace lodestone::packages
