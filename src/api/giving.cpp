// Comparing what is given with what the giver has: roles with roles, scopes with scopes.
#include "api/giving.hpp"

#include <algorithm>
#include <vector>

#include "base/problem.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/membership.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "identity/nouns/user_role.hpp"
#include "identity/rules/rights.hpp"
#include "identity/rules/roles.hpp"

namespace lodestone::api {

namespace {

using identity::Principal;
using identity::Role;

[[noreturn]] void refuse(std::string_view what) {
    throw Problem(problems::forbidden, "That allows more than you may do yourself: " + std::string(what));
}

// What the giver has in the whole tenant, and in the app that it is about.
std::vector<Role> roles_of(const Principal& giver, const std::optional<identity::AppId>& app) {
    std::vector<Role> roles;
    if (!giver.rights) return roles;
    roles = giver.rights->roles;
    const auto* in_app = app ? giver.rights->find_app_roles(*app) : nullptr;
    if (in_app != nullptr) roles.insert(roles.end(), in_app->begin(), in_app->end());
    return roles;
}

void check(const Principal& giver, const std::optional<identity::AppId>& app, const Role& role) {
    if (!identity::is_within(role, roles_of(giver, app))) refuse("ask somebody who has all of it.");
    // A role that is given with a key of few scopes must not bring back what the key was denied.
    if (!identity::are_scopes_within({{{.actions = role.permissions, .resources = {}, .tags = {}}}},
                                     giver.scopes))
        refuse("the key that you showed is good for less.");
}

std::vector<std::string> read_permissions(std::string_view stored) {
    std::string fault;
    auto permissions = identity::parse_role_permissions(stored, fault);
    if (!permissions) throw Problem(problems::invalid_input, "/permissions: " + fault + ".");
    return *std::move(permissions);
}

}  // namespace

void check_may_give_role(db::Tx& tx, const Principal& giver, const TenantId& tenant,
                         const std::optional<identity::AppId>& app, const identity::RoleId& id) {
    if (const auto* built_in = identity::find_built_in_role(id.text()))
        return check(giver, app, identity::make_role(*built_in));
    // One that is not there gives nothing; the noun says so.
    const auto found = identity::find_role(tx, tenant, id);
    if (found) check(giver, app, {.name = id.text(), .permissions = read_permissions(found->permissions)});
}

void check_may_give_permissions(const Principal& giver, std::string_view permissions) {
    check(giver, std::nullopt, {.name = "new", .permissions = read_permissions(permissions)});
}

void check_may_give_scopes(const Principal& giver, const identity::Scopes& scopes) {
    if (!identity::are_scopes_within(scopes, giver.scopes))
        refuse("a key makes no key that is good for more than itself; name scopes within its own.");
}

void check_may_stand_in_for(db::Tx& tx, const Principal& asker, const TenantId& tenant,
                            const identity::UserId& user) {
    if (asker.kind == identity::PrincipalKind::person && asker.tenant == tenant && asker.user == user) return;
    if (identity::is_tenant_owner(tx, tenant, user))
        check(asker, std::nullopt, identity::make_role(*identity::find_built_in_role(identity::owner_role)));
    for (const identity::UserRole& had : identity::list_user_roles(tx, tenant, user))
        check_may_give_role(tx, asker, tenant, std::nullopt, had.role);
    for (const identity::Membership& had : identity::list_active_memberships(tx, tenant, user))
        check_may_give_role(tx, asker, tenant, had.app_id, had.role);
}

}  // namespace lodestone::api
