// Apps in the database: every statement first, then a function for each verb.
#include "identity/nouns/app.hpp"

#include "base/ensure.hpp"
#include "base/fold_case.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/app_config.hpp"
#include "identity/nouns/quota.hpp"

namespace lodestone::identity {

using db::Tx;

struct AppFilters {
    std::optional<AppType> type;
    std::optional<AppStatus> status;
    std::optional<db::Prefix> name;
    std::optional<db::Substring> search;
};
BOOST_DESCRIBE_STRUCT(AppFilters, (), (type, status, name, search))

namespace {

const db::Query<App, TenantId, AppId> find_by_id{
    "app.find",
    "SELECT id, name, type, status, config, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM apps WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"};

// Not what is being purged: its id is spent already.
const db::Query<App, TenantId, AppId> find_deleted{
    "app.find_deleted",
    "SELECT id, name, type, status, config, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM apps WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM spent_ids WHERE kind = 'app' AND spent_ids.id = $1 || '/' || $2)"};

const db::Query<App, TenantId, std::string> find_by_name{
    "app.find_by_name",
    "SELECT id, name, type, status, config, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM apps WHERE tenant_id = $1 AND name_folded = $2 AND deleted_at IS NULL"};

const db::ListQuery<App, AppFilters, std::string, TenantId> list_by_name{
    "app.list_by_name",
    "SELECT id, name, type, status, config, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM apps "
    "WHERE tenant_id = $1 AND deleted_at IS NULL "
    "  AND ($2 IS NULL OR type = $2) AND ($3 IS NULL OR status = $3) "
    "  AND ($5 IS NULL OR name_folded LIKE $5 ESCAPE '!') "
    "  AND (name_folded, id) > (CASE WHEN $6 = '' THEN coalesce($4, '') ELSE $6 END, $7) "
    "  AND name_folded < coalesce($4, '') || '\U0010FFFF' "
    "ORDER BY name_folded, id LIMIT $8"};

const db::ListQuery<App, AppFilters, Time, TenantId> list_oldest_first{
    "app.list_oldest_first",
    "SELECT id, name, type, status, config, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM apps "
    "WHERE tenant_id = $1 AND deleted_at IS NULL "
    "  AND ($2 IS NULL OR type = $2) AND ($3 IS NULL OR status = $3) "
    "  AND ($4 IS NULL OR substr(name_folded, 1, length($4)) = $4) "
    "  AND ($5 IS NULL OR name_folded LIKE $5 ESCAPE '!') "
    "  AND (created_at, id) > ($6, $7) "
    "ORDER BY created_at, id LIMIT $8"};

const db::ListQuery<App, AppFilters, Time, TenantId> list_newest_first{
    "app.list_newest_first",
    "SELECT id, name, type, status, config, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM apps "
    "WHERE tenant_id = $1 AND deleted_at IS NULL "
    "  AND ($2 IS NULL OR type = $2) AND ($3 IS NULL OR status = $3) "
    "  AND ($4 IS NULL OR substr(name_folded, 1, length($4)) = $4) "
    "  AND ($5 IS NULL OR name_folded LIKE $5 ESCAPE '!') "
    "  AND (created_at, id) < ($6, $7) "
    "ORDER BY created_at DESC, id DESC LIMIT $8"};

const db::Command<TenantId, AppId, std::string, std::string, AppType, AppStatus, std::string, std::string,
                  Time, std::string>
    insert{"app.insert",
           "INSERT INTO apps (tenant_id, id, name, name_folded, type, status, config, metadata, "
           "                  version, created_at, created_by, updated_at, updated_by) "
           "SELECT $1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $9, $10 "
           "WHERE NOT EXISTS (SELECT 1 FROM spent_ids "
           "                  WHERE kind = 'app' AND spent_ids.id = $1 || '/' || $2) "
           "ON CONFLICT DO NOTHING"};

// Touches nothing when another app of the tenant has the name.
const db::Command<TenantId, AppId, db::Version, std::string, std::string, AppType, AppStatus, std::string,
                  std::string, Time, std::string>
    update{"app.update",
           "UPDATE apps SET name = $4, name_folded = $5, type = $6, status = $7, config = $8, metadata = $9, "
           "                version = version + 1, updated_at = $10, updated_by = $11 "
           "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL "
           "  AND NOT EXISTS (SELECT 1 FROM apps AS other "
           "                  WHERE other.tenant_id = $1 AND other.name_folded = $5 "
           "                    AND other.deleted_at IS NULL AND other.id <> $2)"};

const db::Command<TenantId, AppId, db::Version, Time, std::string> mark_deleted{
    "app.delete",
    "UPDATE apps SET deleted_at = $4, deleted_by = $5, "
    "                version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, AppId, std::string, Time, std::string> mark_restored{
    "app.restore",
    "UPDATE apps SET deleted_at = NULL, deleted_by = NULL, "
    "                version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM apps AS other "
    "                  WHERE other.tenant_id = $1 AND other.name_folded = $3 AND other.deleted_at IS NULL)"};

constexpr std::string_view kind = "app";

constexpr std::tuple sorts{
    db::Sort{"name", list_by_name, [](const App& app) { return fold_case(app.name); }},
    db::Sort{"created_at", list_oldest_first, &App::created_at},
    db::Sort{"-created_at", list_newest_first, &App::created_at},
};

void check_app(const App& app) {
    ensure(!app.id.is_empty(), "an app has an id");
    db::check_name(kind, app.name);
    parse_app_config(app.config);
    db::check_metadata(app.metadata);
}

void record(Tx& tx, const char* action, const TenantId& tenant, const App& before, const App& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

App set_status(Tx& tx, const TenantId& tenant, const AppId& id, AppStatus status) {
    std::optional<App> app = find_app(tx, tenant, id);
    if (!app) db::refuse_absent(kind, id.text());
    if (app->status == status) return *std::move(app);
    app->status = status;
    return update_app(tx, tenant, *std::move(app));
}

}  // namespace

std::optional<App> find_app(Tx& tx, const TenantId& tenant, const AppId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<App> find_app_by_name(Tx& tx, const TenantId& tenant, std::string_view name) {
    return tx.maybe(find_by_name, tenant, fold_case(name));
}

db::Page<App> list_apps(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<AppFilters>(tx, request, sorts, tenant);
}

App insert_app(Tx& tx, const TenantId& tenant, App app) {
    check_app(app);
    check_room_for_app(tx, tenant);
    db::stamp_new(tx, app);
    const std::int64_t inserted =
        tx.run(insert, tenant, app.id, app.name, fold_case(app.name), app.type, app.status, app.config,
               app.metadata, app.created_at, app.created_by);
    if (inserted == 0) {
        if (find_app_by_name(tx, tenant, app.name)) db::refuse_taken_name(kind, app.name);
        db::refuse_taken_id(kind, app.id.text());
    }
    record(tx, "app.create", tenant, {}, app);
    return app;
}

App update_app(Tx& tx, const TenantId& tenant, App app) {
    check_app(app);
    const App before = db::expect_version(find_app(tx, tenant, app.id), app, kind);
    db::stamp_changed(tx, app, before);
    const std::int64_t updated =
        tx.run(update, tenant, app.id, before.version, app.name, fold_case(app.name), app.type, app.status,
               app.config, app.metadata, app.updated_at, app.updated_by);
    if (updated == 0) db::refuse_taken_name(kind, app.name);
    record(tx, "app.update", tenant, before, app);
    return app;
}

App disable_app(Tx& tx, const TenantId& tenant, const AppId& id) {
    return set_status(tx, tenant, id, AppStatus::disabled);
}

App activate_app(Tx& tx, const TenantId& tenant, const AppId& id) {
    return set_status(tx, tenant, id, AppStatus::active);
}

App delete_app(Tx& tx, const TenantId& tenant, App app) {
    const App before = db::expect_version(find_app(tx, tenant, app.id), app, kind);
    app = before;
    db::stamp_deleted(tx, app);
    const std::int64_t deleted =
        tx.run(mark_deleted, tenant, app.id, before.version, app.updated_at, app.updated_by);
    if (deleted == 0) db::refuse_outdated(kind, app.id.text());
    record(tx, "app.delete", tenant, before, app);
    return app;
}

App restore_app(Tx& tx, const TenantId& tenant, const AppId& id) {
    const std::optional<App> before = tx.maybe(find_deleted, tenant, id);
    if (!before) db::refuse_absent("deleted app", id.text());
    check_room_for_app(tx, tenant);
    App app = *before;
    db::stamp_restored(tx, app);
    const std::int64_t restored =
        tx.run(mark_restored, tenant, id, fold_case(app.name), app.updated_at, app.updated_by);
    if (restored == 0) db::refuse_taken_meanwhile(kind, app.name);
    record(tx, "app.restore", tenant, *before, app);
    return app;
}

void check_app_is_there(Tx& tx, const TenantId& tenant, const AppId& id) {
    if (!find_app(tx, tenant, id)) db::refuse_absent(kind, id.text());
}

}  // namespace lodestone::identity
