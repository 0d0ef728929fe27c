// Custom roles in the database: every statement first, then a function for each verb.
#include "identity/nouns/custom_role.hpp"

#include "base/ensure.hpp"
#include "base/field_problem.hpp"
#include "base/fold_case.hpp"
#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/quota.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/rules/roles.hpp"

namespace lodestone::identity {

using db::Tx;

struct RoleFilters {
    std::optional<RoleStatus> status;
    std::optional<db::Prefix> name;
    std::optional<db::Substring> search;
};
BOOST_DESCRIBE_STRUCT(RoleFilters, (), (status, name, search))

namespace {

const db::Query<CustomRole, TenantId, RoleId> find_by_id{
    "role.find",
    "SELECT id, name, description, status, permissions, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM roles WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"};

const db::Query<CustomRole, TenantId, RoleId> find_deleted{
    "role.find_deleted",
    "SELECT id, name, description, status, permissions, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM roles WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL"};

const db::Query<CustomRole, TenantId, std::string> find_by_name{
    "role.find_by_name",
    "SELECT id, name, description, status, permissions, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM roles WHERE tenant_id = $1 AND name_folded = $2 AND deleted_at IS NULL"};

const db::Query<CustomRole, TenantId> list_active{
    "role.list_active",
    "SELECT id, name, description, status, permissions, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM roles WHERE tenant_id = $1 AND status = 'active' AND deleted_at IS NULL ORDER BY id"};

const db::ListQuery<CustomRole, RoleFilters, std::string, TenantId> list_by_name{
    "role.list_by_name",
    "SELECT id, name, description, status, permissions, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM roles "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR status = $2) "
    "  AND ($4 IS NULL OR name_folded LIKE $4 ESCAPE '!') "
    "  AND (name_folded, id) > (CASE WHEN $5 = '' THEN coalesce($3, '') ELSE $5 END, $6) "
    "  AND name_folded < coalesce($3, '') || '\U0010FFFF' "
    "ORDER BY name_folded, id LIMIT $7"};

const db::ListQuery<CustomRole, RoleFilters, Time, TenantId> list_oldest_first{
    "role.list_oldest_first",
    "SELECT id, name, description, status, permissions, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM roles "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR status = $2) "
    "  AND ($4 IS NULL OR name_folded LIKE $4 ESCAPE '!') "
    "  AND ($3 IS NULL OR substr(name_folded, 1, length($3)) = $3) "
    "  AND (created_at, id) > ($5, $6) "
    "ORDER BY created_at, id LIMIT $7"};

const db::ListQuery<CustomRole, RoleFilters, Time, TenantId> list_newest_first{
    "role.list_newest_first",
    "SELECT id, name, description, status, permissions, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM roles "
    "WHERE tenant_id = $1 AND deleted_at IS NULL AND ($2 IS NULL OR status = $2) "
    "  AND ($4 IS NULL OR name_folded LIKE $4 ESCAPE '!') "
    "  AND ($3 IS NULL OR substr(name_folded, 1, length($3)) = $3) "
    "  AND (created_at, id) < ($5, $6) "
    "ORDER BY created_at DESC, id DESC LIMIT $7"};

const db::Command<TenantId, RoleId, std::string, std::string, std::string, RoleStatus, std::string,
                  std::string, Time, std::string>
    insert{"role.insert",
           "INSERT INTO roles (tenant_id, id, name, name_folded, description, status, permissions, metadata, "
           "                   version, created_at, created_by, updated_at, updated_by) "
           "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $9, $10) ON CONFLICT DO NOTHING"};

// Touches nothing when another role of the tenant has the name.
const db::Command<TenantId, RoleId, db::Version, std::string, std::string, std::string, RoleStatus,
                  std::string, std::string, Time, std::string>
    update{"role.update",
           "UPDATE roles SET name = $4, name_folded = $5, description = $6, status = $7, permissions = $8, "
           "                 metadata = $9, version = version + 1, updated_at = $10, updated_by = $11 "
           "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL "
           "  AND NOT EXISTS (SELECT 1 FROM roles AS other "
           "                  WHERE other.tenant_id = $1 AND other.name_folded = $5 "
           "                    AND other.deleted_at IS NULL AND other.id <> $2)"};

const db::Command<TenantId, RoleId, db::Version, Time, std::string> mark_deleted{
    "role.delete",
    "UPDATE roles SET deleted_at = $4, deleted_by = $5, "
    "                 version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND version = $3 AND deleted_at IS NULL"};

const db::Command<TenantId, RoleId, std::string, Time, std::string> mark_restored{
    "role.restore",
    "UPDATE roles SET deleted_at = NULL, deleted_by = NULL, "
    "                 version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM roles AS other "
    "                  WHERE other.tenant_id = $1 AND other.name_folded = $3 AND other.deleted_at IS NULL)"};

const db::Query<std::int64_t, TenantId> count_all{
    "role.count", "SELECT count(*) FROM roles WHERE tenant_id = $1 AND deleted_at IS NULL"};

constexpr std::string_view kind = "role";

constexpr std::tuple sorts{
    db::Sort{"name", list_by_name, [](const CustomRole& role) { return fold_case(role.name); }},
    db::Sort{"created_at", list_oldest_first, &CustomRole::created_at},
    db::Sort{"-created_at", list_newest_first, &CustomRole::created_at},
};

void check_permissions(const std::string& permissions) {
    std::string fault;
    if (!parse_role_permissions(permissions, fault)) throw field_problem("permissions", fault + ".");
}

void check_role(const CustomRole& role) {
    ensure(!role.id.is_empty(), "a role has an id");
    if (find_built_in_role(role.id.text()) != nullptr) db::refuse_taken_id(kind, role.id.text());
    db::check_name(kind, role.name);
    if (find_built_in_role(fold_case(role.name)) != nullptr)
        db::refuse_taken_name("built-in role", role.name);
    if (role.description.size() > limits::description_bytes)
        throw field_problem("description", "is too long: 4 KiB is the most.");
    check_permissions(role.permissions);
    db::check_metadata(role.metadata);
}
static_assert(limits::description_bytes == 4 * limits::kib, "the sentence above says so");

void record(Tx& tx, const char* action, const TenantId& tenant, const CustomRole& before,
            const CustomRole& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

std::optional<CustomRole> find_role(Tx& tx, const TenantId& tenant, const RoleId& id) {
    return tx.maybe(find_by_id, tenant, id);
}

std::optional<CustomRole> find_role_by_name(Tx& tx, const TenantId& tenant, std::string_view name) {
    return tx.maybe(find_by_name, tenant, fold_case(name));
}

db::Page<CustomRole> list_roles(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<RoleFilters>(tx, request, sorts, tenant);
}

std::vector<CustomRole> list_active_roles(Tx& tx, const TenantId& tenant) {
    return tx.all(list_active, tenant);
}

CustomRole insert_role(Tx& tx, const TenantId& tenant, CustomRole role) {
    check_role(role);
    if (!find_tenant(tx, tenant)) db::refuse_absent("tenant", tenant.text());
    check_room_for_more(tx.one(count_all, tenant), limits::roles_per_tenant, "roles");
    db::stamp_new(tx, role);
    const std::int64_t inserted =
        tx.run(insert, tenant, role.id, role.name, fold_case(role.name), role.description, role.status,
               role.permissions, role.metadata, role.created_at, role.created_by);
    if (inserted == 0) {
        if (find_role_by_name(tx, tenant, role.name)) db::refuse_taken_name(kind, role.name);
        db::refuse_taken_id(kind, role.id.text());
    }
    record(tx, "role.create", tenant, {}, role);
    return role;
}

CustomRole update_role(Tx& tx, const TenantId& tenant, CustomRole role) {
    check_role(role);
    const CustomRole before = db::expect_version(find_role(tx, tenant, role.id), role, kind);
    db::stamp_changed(tx, role, before);
    const std::int64_t updated =
        tx.run(update, tenant, role.id, before.version, role.name, fold_case(role.name), role.description,
               role.status, role.permissions, role.metadata, role.updated_at, role.updated_by);
    if (updated == 0) db::refuse_taken_name(kind, role.name);
    record(tx, "role.update", tenant, before, role);
    return role;
}

CustomRole delete_role(Tx& tx, const TenantId& tenant, CustomRole role) {
    const CustomRole before = db::expect_version(find_role(tx, tenant, role.id), role, kind);
    role = before;
    db::stamp_deleted(tx, role);
    const std::int64_t deleted =
        tx.run(mark_deleted, tenant, role.id, before.version, role.updated_at, role.updated_by);
    if (deleted == 0) db::refuse_outdated(kind, role.id.text());
    record(tx, "role.delete", tenant, before, role);
    return role;
}

CustomRole restore_role(Tx& tx, const TenantId& tenant, const RoleId& id) {
    const std::optional<CustomRole> before = tx.maybe(find_deleted, tenant, id);
    if (!before) db::refuse_absent("deleted role", id.text());
    check_room_for_more(tx.one(count_all, tenant), limits::roles_per_tenant, "roles");
    CustomRole role = *before;
    db::stamp_restored(tx, role);
    const std::int64_t restored =
        tx.run(mark_restored, tenant, id, fold_case(role.name), role.updated_at, role.updated_by);
    if (restored == 0) db::refuse_taken_meanwhile(kind, role.name);
    record(tx, "role.restore", tenant, *before, role);
    return role;
}

void check_role_may_be_given(Tx& tx, const TenantId& tenant, const RoleId& role) {
    if (role.text() == owner_role)
        throw Problem(problems::conflict,
                      "Nobody is given the role owner: make the user the tenant's owner instead.");
    if (find_built_in_role(role.text()) == nullptr && !find_role(tx, tenant, role))
        db::refuse_absent(kind, role.text());
}

std::optional<Role> find_given_role(Tx& tx, const TenantId& tenant, const RoleId& id) {
    if (const BuiltInRole* built_in = find_built_in_role(id.text())) return make_role(*built_in);
    const auto found = find_role(tx, tenant, id);
    if (!found) return std::nullopt;
    std::string fault;
    auto permissions = parse_role_permissions(found->permissions, fault);
    if (!permissions)
        throw Problem(problems::conflict, "The role " + found->name + " cannot be read: " + fault + ".");
    return Role{.name = id.text(), .permissions = *std::move(permissions)};
}

}  // namespace lodestone::identity
