// Platform administrators in the database: every statement first, then a function for each verb.
#include "identity/nouns/platform_admin.hpp"

#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "db/noun.hpp"
#include "identity/nouns/reset_link.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::identity {

using db::Tx;

struct PlatformAdminFilters {
    std::optional<TenantId> tenant_id;
};
BOOST_DESCRIBE_STRUCT(PlatformAdminFilters, (), (tenant_id))

namespace {

const db::Query<PlatformAdmin, TenantId, UserId> find{
    "platform_admin.find",
    "SELECT tenant_id, user_id, granted_at, granted_by FROM platform_admins "
    "WHERE tenant_id = $1 AND user_id = $2"};

const db::Query<std::int64_t, TenantId, UserId> count_active{
    "platform_admin.count_active",
    "SELECT count(*) FROM platform_admins AS a "
    "JOIN users ON users.tenant_id = a.tenant_id AND users.id = a.user_id "
    "JOIN tenants ON tenants.id = a.tenant_id "
    "WHERE a.tenant_id = $1 AND a.user_id = $2 AND users.status = 'active' AND users.deleted_at IS NULL "
    "  AND tenants.status = 'active' AND tenants.deleted_at IS NULL"};

const db::Query<std::int64_t, TenantId> count_of_tenant{
    "platform_admin.count_of_tenant", "SELECT count(*) FROM platform_admins WHERE tenant_id = $1"};

const db::ListQuery<PlatformAdmin, PlatformAdminFilters, Time> list_oldest_first{
    "platform_admin.list_oldest_first",
    "SELECT tenant_id, user_id, granted_at, granted_by FROM platform_admins "
    "WHERE ($1 IS NULL OR tenant_id = $1) AND (granted_at, tenant_id || '/' || user_id) > ($2, $3) "
    "ORDER BY granted_at, tenant_id || '/' || user_id LIMIT $4"};

const db::Command<TenantId, UserId, Time, std::string> insert{
    "platform_admin.insert",
    "INSERT INTO platform_admins (tenant_id, user_id, granted_at, granted_by) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"};

// Whoever suspends or deletes the user or the tenant at this moment changes the same rows: one of the two is
// run again, and sees what the other did.
const db::Command<TenantId, UserId> touch_user{
    "platform_admin.touch_user",
    "UPDATE users SET status = status "
    "WHERE tenant_id = $1 AND id = $2 AND status = 'active' AND deleted_at IS NULL"};
const db::Command<TenantId> touch_tenant{
    "platform_admin.touch_tenant",
    "UPDATE tenants SET status = status WHERE id = $1 AND status = 'active' AND deleted_at IS NULL"};

// All rows are changed, so that two who take each other's right away at one time do not both succeed.
const db::Command<> touch_all{"platform_admin.touch_all",
                              "UPDATE platform_admins SET granted_by = granted_by"};

const db::Query<std::int64_t> count_all{
    "platform_admin.count",
    "SELECT count(*) FROM platform_admins AS a "
    "JOIN users ON users.tenant_id = a.tenant_id AND users.id = a.user_id "
    "WHERE users.status = 'active' AND users.deleted_at IS NULL"};

const db::Command<TenantId, UserId> remove{
    "platform_admin.remove", "DELETE FROM platform_admins WHERE tenant_id = $1 AND user_id = $2"};

constexpr std::tuple sorts{
    db::Sort{"granted_at", list_oldest_first, &PlatformAdmin::granted_at,
             [](const PlatformAdmin& a) { return a.tenant_id.text() + "/" + a.user_id.text(); }},
};

// Belongs to the installation, not to the tenant whose user it is.
void record(Tx& tx, const char* action, const PlatformAdmin& before, const PlatformAdmin& after,
            const UserId& user) {
    tx.record({.action = action,
               .tenant = {},
               .subject = user.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

bool is_platform_admin(Tx& tx, const TenantId& tenant, const UserId& user) {
    return tx.one(count_active, tenant, user) > 0;
}

std::optional<PlatformAdmin> find_platform_admin(Tx& tx, const TenantId& tenant, const UserId& user) {
    return tx.maybe(find, tenant, user);
}

bool has_platform_admins(Tx& tx, const TenantId& tenant) {
    return tx.one(count_of_tenant, tenant) > 0;
}

db::Page<PlatformAdmin> list_platform_admins(Tx& tx, const db::ListRequest& request) {
    return db::list_page<PlatformAdminFilters>(tx, request, sorts);
}

PlatformAdmin grant_platform_admin(Tx& tx, const TenantId& tenant, const UserId& user) {
    if (!find_user(tx, tenant, user)) db::refuse_absent("user", user.text());
    if (const auto existing = tx.maybe(find, tenant, user)) return *existing;
    if (tx.run(touch_user, tenant, user) == 0 || tx.run(touch_tenant, tenant) == 0)
        throw Problem(problems::conflict, "The user " + user.text() +
                                              " or their tenant is suspended; who administers the "
                                              "installation has to be able to.");
    PlatformAdmin granted{
        .tenant_id = tenant, .user_id = user, .granted_at = tx.now(), .granted_by = tx.unit().actor};
    if (tx.run(insert, tenant, user, granted.granted_at, granted.granted_by) == 0)
        return tx.one(find, tenant, user);  // somebody else was quicker, and it is theirs
    close_reset_links(tx, tenant, user);    // made by who may not stand in for an administrator
    record(tx, "platform_admin.grant", {}, granted, user);
    return granted;
}

void revoke_platform_admin(Tx& tx, const TenantId& tenant, const UserId& user) {
    tx.run(touch_all);
    const auto existing = tx.maybe(find, tenant, user);
    if (!existing) db::refuse_absent("platform administrator", user.text());
    tx.run(remove, tenant, user);
    if (tx.one(count_all) == 0)
        throw Problem(problems::conflict, "The user " + user.text() +
                                              " is the last platform administrator; name another one first.");
    record(tx, "platform_admin.revoke", *existing, {}, user);
}

}  // namespace lodestone::identity
