// Memberships in the database: every statement first, then a function for each verb.
#include "identity/nouns/membership.hpp"

#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/listing.hpp"
#include "db/noun.hpp"
#include "identity/nouns/app.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::identity {

using db::Tx;

struct MembershipFilters {
    std::optional<RoleId> role;
    std::optional<MembershipStatus> status;
};
BOOST_DESCRIBE_STRUCT(MembershipFilters, (), (role, status))

namespace {

const db::Query<Membership, TenantId, AppId, UserId> find{
    "membership.find",
    "SELECT app_id, user_id, role, status, granted_at, granted_by, revoked_at, revoked_by "
    "FROM memberships WHERE tenant_id = $1 AND app_id = $2 AND user_id = $3"};

const db::Query<std::int64_t, TenantId, AppId, UserId> count_access{
    "membership.count_access",
    "SELECT count(*) FROM memberships AS m "
    "JOIN apps ON apps.tenant_id = m.tenant_id AND apps.id = m.app_id "
    "JOIN users ON users.tenant_id = m.tenant_id AND users.id = m.user_id "
    "JOIN tenants ON tenants.id = m.tenant_id "
    "WHERE m.tenant_id = $1 AND m.app_id = $2 AND m.user_id = $3 AND m.status = 'active' "
    "  AND apps.status = 'active' AND apps.deleted_at IS NULL "
    "  AND users.status = 'active' AND users.deleted_at IS NULL "
    "  AND tenants.status = 'active' AND tenants.deleted_at IS NULL"};

// What belongs to a deleted user or app is not shown, though it comes back with them.
const db::ListQuery<Membership, MembershipFilters, std::string, TenantId, AppId> list_by_user_id{
    "membership.list_by_user_id",
    "SELECT app_id, user_id, role, status, granted_at, granted_by, revoked_at, revoked_by "
    "FROM memberships AS m "
    "WHERE tenant_id = $1 AND app_id = $2 AND ($3 IS NULL OR role = $3) AND ($4 IS NULL OR status = $4) "
    "  AND (user_id, user_id) > ($5, $6) "
    "  AND EXISTS (SELECT 1 FROM users WHERE users.tenant_id = $1 AND users.id = m.user_id "
    "                AND users.deleted_at IS NULL) "
    "ORDER BY user_id LIMIT $7"};

const db::ListQuery<Membership, MembershipFilters, std::string, TenantId, UserId> list_by_app_id{
    "membership.list_by_app_id",
    "SELECT app_id, user_id, role, status, granted_at, granted_by, revoked_at, revoked_by "
    "FROM memberships AS m "
    "WHERE tenant_id = $1 AND user_id = $2 AND ($3 IS NULL OR role = $3) AND ($4 IS NULL OR status = $4) "
    "  AND (app_id, app_id) > ($5, $6) "
    "  AND EXISTS (SELECT 1 FROM apps WHERE apps.tenant_id = $1 AND apps.id = m.app_id "
    "                AND apps.deleted_at IS NULL) "
    "ORDER BY app_id LIMIT $7"};

const db::Query<Membership, TenantId, UserId> list_active{
    "membership.list_active",
    "SELECT app_id, user_id, role, m.status, granted_at, granted_by, revoked_at, revoked_by "
    "FROM memberships AS m "
    "JOIN apps ON apps.tenant_id = m.tenant_id AND apps.id = m.app_id "
    "WHERE m.tenant_id = $1 AND m.user_id = $2 AND m.status = 'active' "
    "  AND apps.status = 'active' AND apps.deleted_at IS NULL "
    "ORDER BY app_id"};

const db::Command<TenantId, AppId, UserId, RoleId, Time, std::string> grant{
    "membership.grant",
    "INSERT INTO memberships (tenant_id, app_id, user_id, role, status, granted_at, granted_by) "
    "VALUES ($1, $2, $3, $4, 'active', $5, $6) "
    "ON CONFLICT (tenant_id, app_id, user_id) DO UPDATE "
    "SET role = excluded.role, status = 'active', granted_at = excluded.granted_at, "
    "    granted_by = excluded.granted_by, revoked_at = NULL, revoked_by = NULL"};

const db::Command<TenantId, AppId, UserId, Time, std::string> revoke{
    "membership.revoke",
    "UPDATE memberships SET status = 'revoked', revoked_at = $4, revoked_by = $5 "
    "WHERE tenant_id = $1 AND app_id = $2 AND user_id = $3 AND status = 'active'"};

constexpr std::tuple sorts_of_members{
    db::Sort{"user_id", list_by_user_id, [](const Membership& m) { return m.user_id.text(); },
             [](const Membership& m) { return m.user_id.text(); }},
};
constexpr std::tuple sorts_of_memberships{
    db::Sort{"app_id", list_by_app_id, [](const Membership& m) { return m.app_id.text(); },
             [](const Membership& m) { return m.app_id.text(); }},
};

// The subject is the user: that is whom people look for in the log.
void record(Tx& tx, const char* action, const TenantId& tenant, const Membership& before,
            const Membership& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = after.user_id.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

std::optional<Membership> find_membership(Tx& tx, const TenantId& tenant, const AppId& app,
                                          const UserId& user) {
    return tx.maybe(find, tenant, app, user);
}

bool has_access(Tx& tx, const TenantId& tenant, const AppId& app, const UserId& user) {
    return tx.one(count_access, tenant, app, user) > 0;
}

db::Page<Membership> list_members(Tx& tx, const TenantId& tenant, const AppId& app,
                                  const db::ListRequest& request) {
    return db::list_page<MembershipFilters>(tx, request, sorts_of_members, tenant, app);
}

db::Page<Membership> list_memberships(Tx& tx, const TenantId& tenant, const UserId& user,
                                      const db::ListRequest& request) {
    return db::list_page<MembershipFilters>(tx, request, sorts_of_memberships, tenant, user);
}

std::vector<Membership> list_active_memberships(Tx& tx, const TenantId& tenant, const UserId& user) {
    return tx.all(list_active, tenant, user);
}

Membership grant_membership(Tx& tx, const TenantId& tenant, const AppId& app, const UserId& user,
                            const RoleId& role) {
    if (!find_app(tx, tenant, app)) db::refuse_absent("app", app.text());
    if (!find_user(tx, tenant, user)) db::refuse_absent("user", user.text());
    check_role_may_be_given(tx, tenant, role);
    const std::optional<Membership> before = find_membership(tx, tenant, app, user);
    Membership granted{.app_id = app,
                       .user_id = user,
                       .role = role,
                       .status = MembershipStatus::active,
                       .granted_at = tx.now(),
                       .granted_by = tx.unit().actor,
                       .revoked_at = {},
                       .revoked_by = {}};
    if (before && before->status == granted.status && before->role == role) return *before;
    tx.run(grant, tenant, app, user, role, granted.granted_at, granted.granted_by);
    record(tx, "membership.grant", tenant, before.value_or(Membership{}), granted);
    return granted;
}

Membership revoke_membership(Tx& tx, const TenantId& tenant, const AppId& app, const UserId& user) {
    const std::optional<Membership> before = find_membership(tx, tenant, app, user);
    if (!before || before->status == MembershipStatus::revoked)
        throw Problem(problems::not_found,
                      "The user " + user.text() + " has no membership of the app " + app.text() + ".");
    Membership revoked = *before;
    revoked.status = MembershipStatus::revoked;
    revoked.revoked_at = tx.now();
    revoked.revoked_by = tx.unit().actor;
    tx.run(revoke, tenant, app, user, tx.now(), tx.unit().actor);
    record(tx, "membership.revoke", tenant, *before, revoked);
    return revoked;
}

}  // namespace lodestone::identity
