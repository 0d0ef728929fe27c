// Tenants in the database: every statement first, then a function for each verb.
#include "identity/nouns/tenant.hpp"

#include "base/ensure.hpp"
#include "base/fold_case.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "identity/nouns/addresses.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/tenant_settings.hpp"

namespace lodestone::identity {

using db::Tx;

struct TenantFilters {
    std::optional<TenantStatus> status;
    std::optional<db::Prefix> name;
    std::optional<db::Substring> search;
};
BOOST_DESCRIBE_STRUCT(TenantFilters, (), (status, name, search))

namespace {

const db::Query<Tenant, TenantId> find_by_id{
    "tenant.find",
    "SELECT id, name, status, domain, config, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM tenants WHERE id = $1 AND deleted_at IS NULL"};

// Not what is being purged: its id is spent already.
const db::Query<Tenant, TenantId> find_deleted{
    "tenant.find_deleted",
    "SELECT id, name, status, domain, config, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM tenants WHERE id = $1 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM spent_ids WHERE kind = 'tenant' AND spent_ids.id = $1)"};

const db::Query<Tenant, std::string> find_by_name{
    "tenant.find_by_name",
    "SELECT id, name, status, domain, config, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM tenants WHERE name_folded = $1 AND deleted_at IS NULL"};

const db::Query<Tenant, std::string> find_by_domain{
    "tenant.find_by_domain",
    "SELECT id, name, status, domain, config, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM tenants WHERE domain = $1 AND deleted_at IS NULL"};

// Names with one beginning stand together in this order: the walk begins and ends with them.
const db::ListQuery<Tenant, TenantFilters, std::string> list_by_name{
    "tenant.list_by_name",
    "SELECT id, name, status, domain, config, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM tenants "
    "WHERE deleted_at IS NULL AND ($1 IS NULL OR status = $1) "
    "  AND ($3 IS NULL OR name_folded LIKE $3 ESCAPE '!') "
    "  AND (name_folded, id) > (CASE WHEN $4 = '' THEN coalesce($2, '') ELSE $4 END, $5) "
    "  AND name_folded < coalesce($2, '') || '\U0010FFFF' "
    "ORDER BY name_folded, id LIMIT $6"};

const db::ListQuery<Tenant, TenantFilters, Time> list_oldest_first{
    "tenant.list_oldest_first",
    "SELECT id, name, status, domain, config, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM tenants "
    "WHERE deleted_at IS NULL AND ($1 IS NULL OR status = $1) "
    "  AND ($2 IS NULL OR substr(name_folded, 1, length($2)) = $2) "
    "  AND ($3 IS NULL OR name_folded LIKE $3 ESCAPE '!') "
    "  AND (created_at, id) > ($4, $5) "
    "ORDER BY created_at, id LIMIT $6"};

const db::ListQuery<Tenant, TenantFilters, Time> list_newest_first{
    "tenant.list_newest_first",
    "SELECT id, name, status, domain, config, settings, metadata, "
    "       version, created_at, created_by, updated_at, updated_by, deleted_at, deleted_by "
    "FROM tenants "
    "WHERE deleted_at IS NULL AND ($1 IS NULL OR status = $1) "
    "  AND ($2 IS NULL OR substr(name_folded, 1, length($2)) = $2) "
    "  AND ($3 IS NULL OR name_folded LIKE $3 ESCAPE '!') "
    "  AND (created_at, id) < ($4, $5) "
    "ORDER BY created_at DESC, id DESC LIMIT $6"};

const db::Command<TenantId, std::string, std::string, TenantStatus, std::optional<std::string>, std::string,
                  std::string, std::string, Time, std::string>
    insert{"tenant.insert",
           "INSERT INTO tenants (id, name, name_folded, status, domain, config, settings, metadata, "
           "                     version, created_at, created_by, updated_at, updated_by) "
           "SELECT $1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $9, $10 "
           "WHERE NOT EXISTS (SELECT 1 FROM spent_ids WHERE kind = 'tenant' AND spent_ids.id = $1) "
           "ON CONFLICT DO NOTHING"};

// Touches nothing when another tenant has the name or the domain.
const db::Command<TenantId, db::Version, std::string, std::string, TenantStatus, std::optional<std::string>,
                  std::string, std::string, std::string, Time, std::string>
    update{"tenant.update",
           "UPDATE tenants SET name = $3, name_folded = $4, status = $5, domain = $6, config = $7, "
           "                   settings = $8, metadata = $9, "
           "                   version = version + 1, updated_at = $10, updated_by = $11 "
           "WHERE id = $1 AND version = $2 AND deleted_at IS NULL "
           "  AND NOT EXISTS (SELECT 1 FROM tenants AS other "
           "                  WHERE other.name_folded = $4 AND other.deleted_at IS NULL "
           "                    AND other.id <> $1) "
           "  AND NOT EXISTS (SELECT 1 FROM tenants AS other "
           "                  WHERE other.domain = $6 AND other.deleted_at IS NULL AND other.id <> $1)"};

const db::Command<TenantId, db::Version, Time, std::string> mark_deleted{
    "tenant.delete",
    "UPDATE tenants SET deleted_at = $3, deleted_by = $4, "
    "                   version = version + 1, updated_at = $3, updated_by = $4 "
    "WHERE id = $1 AND version = $2 AND deleted_at IS NULL"};

const db::Command<TenantId, std::string, std::optional<std::string>, Time, std::string> mark_restored{
    "tenant.restore",
    "UPDATE tenants SET deleted_at = NULL, deleted_by = NULL, "
    "                   version = version + 1, updated_at = $4, updated_by = $5 "
    "WHERE id = $1 AND deleted_at IS NOT NULL "
    "  AND NOT EXISTS (SELECT 1 FROM tenants AS other "
    "                  WHERE other.name_folded = $2 AND other.deleted_at IS NULL) "
    "  AND NOT EXISTS (SELECT 1 FROM tenants AS other "
    "                  WHERE other.domain = $3 AND other.deleted_at IS NULL)"};

constexpr std::string_view kind = "tenant";

constexpr std::tuple sorts{
    db::Sort{"name", list_by_name, [](const Tenant& tenant) { return fold_case(tenant.name); }},
    db::Sort{"created_at", list_oldest_first, &Tenant::created_at},
    db::Sort{"-created_at", list_newest_first, &Tenant::created_at},
};

void check_tenant(const Tenant& tenant) {
    ensure(!tenant.id.is_empty(), "a tenant has an id");
    db::check_name(kind, tenant.name);
    if (tenant.domain) check_domain("domain", *tenant.domain);
    parse_tenant_config(tenant.config);
    parse_tenant_settings(tenant.settings);
    db::check_metadata(tenant.metadata);
}

[[noreturn]] void refuse_taken_name_or_domain(Tx& tx, const Tenant& tenant) {
    const auto named = find_tenant_by_name(tx, tenant.name);
    if ((named && named->id != tenant.id) || !tenant.domain) db::refuse_taken_name(kind, tenant.name);
    throw Problem(problems::conflict,
                  "There is a tenant with the domain " + *tenant.domain + " already; choose another domain.");
}

std::optional<std::string> fold_domain(const Tenant& tenant) {
    return tenant.domain ? std::optional(fold_case(*tenant.domain)) : std::nullopt;
}

// Nobody would be left to let it in again.
void check_may_go(Tx& tx, const TenantId& id) {
    check_is_organisation(id, "it is neither suspended nor deleted");
    if (has_platform_admins(tx, id))
        throw Problem(problems::conflict,
                      "The tenant " + id.text() +
                          " has platform administrators: take that right away from them first.");
}

Tenant set_status(Tx& tx, const TenantId& id, TenantStatus status) {
    std::optional<Tenant> tenant = find_tenant(tx, id);
    if (!tenant) db::refuse_absent(kind, id.text());
    if (tenant->status == status) return *std::move(tenant);
    tenant->status = status;
    return update_tenant(tx, *std::move(tenant));
}

void record(Tx& tx, const char* action, const Tenant& before, const Tenant& after) {
    tx.record({.action = action,
               .tenant = after.id.text(),
               .subject = after.id.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

void check_is_organisation(const TenantId& id, std::string_view what) {
    if (id.text() == platform_tenant)
        throw Problem(problems::conflict, "The tenant " + id.text() +
                                              " is the installation's own, and nobody's organisation: " +
                                              std::string(what) + ".");
}

std::optional<Tenant> find_tenant(Tx& tx, const TenantId& id) {
    return tx.maybe(find_by_id, id);
}

std::optional<Tenant> find_tenant_by_name(Tx& tx, std::string_view name) {
    return tx.maybe(find_by_name, fold_case(name));
}

std::optional<Tenant> find_tenant_by_domain(Tx& tx, std::string_view domain) {
    return tx.maybe(find_by_domain, fold_case(domain));
}

db::Page<Tenant> list_tenants(Tx& tx, const db::ListRequest& request) {
    return db::list_page<TenantFilters>(tx, request, sorts);
}

Tenant insert_tenant(Tx& tx, Tenant tenant) {
    check_tenant(tenant);
    tenant.domain = fold_domain(tenant);
    db::stamp_new(tx, tenant);
    const std::int64_t inserted =
        tx.run(insert, tenant.id, tenant.name, fold_case(tenant.name), tenant.status, tenant.domain,
               tenant.config, tenant.settings, tenant.metadata, tenant.created_at, tenant.created_by);
    if (inserted == 0) {
        if (find_tenant_by_name(tx, tenant.name) ||
            (tenant.domain && find_tenant_by_domain(tx, *tenant.domain)))
            refuse_taken_name_or_domain(tx, tenant);
        db::refuse_taken_id(kind, tenant.id.text());
    }
    record(tx, "tenant.create", {}, tenant);
    return tenant;
}

Tenant update_tenant(Tx& tx, Tenant tenant) {
    check_tenant(tenant);
    const Tenant before = db::expect_version(find_tenant(tx, tenant.id), tenant, kind);
    if (before.status == TenantStatus::active && tenant.status != before.status) check_may_go(tx, tenant.id);
    tenant.domain = fold_domain(tenant);
    db::stamp_changed(tx, tenant, before);
    const std::int64_t updated = tx.run(
        update, tenant.id, before.version, tenant.name, fold_case(tenant.name), tenant.status, tenant.domain,
        tenant.config, tenant.settings, tenant.metadata, tenant.updated_at, tenant.updated_by);
    if (updated == 0) refuse_taken_name_or_domain(tx, tenant);
    record(tx, "tenant.update", before, tenant);
    return tenant;
}

Tenant suspend_tenant(Tx& tx, const TenantId& id) {
    return set_status(tx, id, TenantStatus::suspended);
}

Tenant activate_tenant(Tx& tx, const TenantId& id) {
    return set_status(tx, id, TenantStatus::active);
}

Tenant delete_tenant(Tx& tx, Tenant tenant) {
    const Tenant before = db::expect_version(find_tenant(tx, tenant.id), tenant, kind);
    check_may_go(tx, tenant.id);
    tenant = before;
    db::stamp_deleted(tx, tenant);
    const std::int64_t deleted =
        tx.run(mark_deleted, tenant.id, before.version, tenant.updated_at, tenant.updated_by);
    if (deleted == 0) db::refuse_outdated(kind, tenant.id.text());
    record(tx, "tenant.delete", before, tenant);
    return tenant;
}

Tenant restore_tenant(Tx& tx, const TenantId& id) {
    const std::optional<Tenant> before = tx.maybe(find_deleted, id);
    if (!before) db::refuse_absent("deleted tenant", id.text());
    Tenant tenant = *before;
    db::stamp_restored(tx, tenant);
    const std::int64_t restored = tx.run(mark_restored, id, fold_case(tenant.name), tenant.domain,
                                         tenant.updated_at, tenant.updated_by);
    if (restored == 0) db::refuse_taken_meanwhile(kind, tenant.name);
    record(tx, "tenant.restore", *before, tenant);
    return tenant;
}

}  // namespace lodestone::identity
