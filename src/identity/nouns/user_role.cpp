// User roles in the database: every statement first, then a function for each verb.
#include "identity/nouns/user_role.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "db/noun.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

const db::Query<UserRole, TenantId, UserId> list_of_user{
    "user_role.list",
    "SELECT user_id, role, granted_at, granted_by FROM user_roles "
    "WHERE tenant_id = $1 AND user_id = $2 ORDER BY role"};

const db::Query<UserRole, TenantId, RoleId, std::int64_t> list_of_role{
    "user_role.list_of_role",
    "SELECT user_id, role, granted_at, granted_by FROM user_roles "
    "WHERE tenant_id = $1 AND role = $2 ORDER BY user_id LIMIT $3"};

const db::Query<UserId, TenantId, std::int64_t> list_holders{
    "user_role.list_holders",
    "SELECT DISTINCT user_id FROM user_roles WHERE tenant_id = $1 ORDER BY user_id LIMIT $2"};

const db::Command<TenantId, UserId, RoleId, Time, std::string> insert{
    "user_role.insert",
    "INSERT INTO user_roles (tenant_id, user_id, role, granted_at, granted_by) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"};

const db::Command<TenantId, UserId, RoleId> remove{
    "user_role.remove", "DELETE FROM user_roles WHERE tenant_id = $1 AND user_id = $2 AND role = $3"};

void record(Tx& tx, const char* action, const TenantId& tenant, const UserId& user, const UserRole& before,
            const UserRole& after) {
    tx.record({.action = action,
               .tenant = tenant.text(),
               .subject = user.text(),
               .details = db::render_changes(before, after)});
}

}  // namespace

std::vector<UserRole> list_user_roles(Tx& tx, const TenantId& tenant, const UserId& user) {
    return tx.all(list_of_user, tenant, user);
}

std::vector<UserRole> list_users_with_role(Tx& tx, const TenantId& tenant, const RoleId& role,
                                           std::int64_t limit) {
    return tx.all(list_of_role, tenant, role, limit);
}

std::vector<UserId> list_role_holders(Tx& tx, const TenantId& tenant, std::int64_t limit) {
    return tx.all(list_holders, tenant, limit);
}

UserRole grant_role(Tx& tx, const TenantId& tenant, const UserId& user, const RoleId& role) {
    if (!find_user(tx, tenant, user)) db::refuse_absent("user", user.text());
    check_role_may_be_given(tx, tenant, role);
    const std::vector<UserRole> held = list_user_roles(tx, tenant, user);
    if (const auto same = std::ranges::find(held, role, &UserRole::role); same != held.end()) return *same;
    if (held.size() >= limits::roles_per_user)
        throw Problem(problems::conflict, "The user " + user.text() + " has " + std::to_string(held.size()) +
                                              " roles, which is the most; take one away first.");
    const UserRole granted{
        .user_id = user, .role = role, .granted_at = tx.now(), .granted_by = tx.unit().actor};
    tx.run(insert, tenant, user, role, granted.granted_at, granted.granted_by);
    record(tx, "user_role.grant", tenant, user, {}, granted);
    return granted;
}

void revoke_role(Tx& tx, const TenantId& tenant, const UserId& user, const RoleId& role) {
    const std::vector<UserRole> held = list_user_roles(tx, tenant, user);
    const auto found = std::ranges::find(held, role, &UserRole::role);
    if (found == held.end())
        throw Problem(problems::not_found, "The user " + user.text() + " has no role " + role.text() + ".");
    tx.run(remove, tenant, user, role);
    record(tx, "user_role.revoke", tenant, user, *found, {});
}

std::vector<UserRole> replace_roles(Tx& tx, const TenantId& tenant, const UserId& user,
                                    const std::vector<RoleId>& roles) {
    for (const UserRole& held : list_user_roles(tx, tenant, user))
        if (std::ranges::count(roles, held.role) == 0) revoke_role(tx, tenant, user, held.role);
    for (const RoleId& role : roles) grant_role(tx, tenant, user, role);
    return list_user_roles(tx, tenant, user);
}

}  // namespace lodestone::identity
