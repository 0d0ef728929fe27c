// Comparing what is given with what the giver has: roles with roles, scopes with scopes, keys with the key
// that was shown.
#include "api/giving.hpp"

#include <algorithm>
#include <vector>

#include "api/signed_in_view.hpp"
#include "base/field_problem.hpp"
#include "base/problem.hpp"
#include "base/tenant_limits.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/held_roles.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/session.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/rules/policy.hpp"
#include "identity/rules/rights.hpp"
#include "identity/rules/roles.hpp"
#include "identity/sign_in/change_password.hpp"

namespace lodestone::api {

namespace {

using identity::AppId;
using identity::Principal;
using identity::PrincipalKind;
using identity::Role;

Role ownership() {
    return identity::make_role(*identity::find_built_in_role(identity::owner_role));
}

bool is_oneself(const Principal& asker, const TenantId& tenant, const identity::UserId& user) {
    return asker.kind == PrincipalKind::person && asker.tenant == tenant && asker.user == user;
}

// What policies allow somebody, whoever becomes that one has.
void check_policies(const Principal& asker, const Principal& person) {
    if (!asker.rights || !asker.rights->policies) return;
    for (const identity::Policy& policy : asker.rights->policies->policies) {
        if (policy.effect != identity::PolicyEffect::allow || !identity::names(policy, person)) continue;
        if (identity::names_everywhere(policy, asker))
            identity::check_is_within_scopes(asker, policy.actions);
        else
            identity::check_may_give(asker, policy.app, {.name = policy.name, .permissions = policy.actions});
    }
}

// All that the user may do, the asker may.
void check_may_become(db::Tx& tx, const Principal& asker, const TenantId& tenant,
                      const identity::UserId& user) {
    if (!asker.is_platform_admin && identity::find_platform_admin(tx, tenant, user))
        identity::refuse_more_than_own(
            "this user administers the installation; ask a platform administrator.");
    Principal person;
    person.kind = PrincipalKind::person;
    person.tenant = tenant;
    person.user = user;
    person.rights = identity::find_held_roles(tx, tenant, user, identity::InactiveRoles::counted);
    for (const Role& role : person.rights->roles) identity::check_may_give(asker, std::nullopt, role);
    for (const auto& [app, roles] : person.rights->app_roles)
        for (const Role& role : roles) identity::check_may_give(asker, app, role);
    check_policies(asker, person);
    const auto own = identity::permissions_for_oneself();
    identity::check_is_within_scopes(asker, {own.begin(), own.end()});
}

// Of somebody without a password: that the session has just begun says as much.
Task<> check_is_recent(Call& call, TenantId tenant, identity::SessionId session) {
    auto find = [&](db::Tx& tx) { return identity::find_session(tx, tenant, session); };
    const auto found = co_await call.read(find);
    const Time now = call.context().clock.now();
    if (found && now - found->created_at < limits::session_proof) co_return;
    throw Problem(problems::forbidden, "Sign in again for this: it has to be certain that it is you.");
}

Task<> confirm_oneself(Call& call, TenantId tenant, identity::UserId user,
                       std::optional<SecretText> password) {
    const Principal& who = call.principal();
    if (!who.session)
        throw Problem(problems::forbidden,
                      "With a key nobody changes how they themselves sign in: sign in for this.");
    auto find = [&](db::Tx& tx) { return identity::find_account(tx, tenant, user); };
    const auto known = co_await call.read(find);
    if (!known) db::refuse_absent("user", user.text());
    if (!known->credentials.password_hash) co_return co_await check_is_recent(call, tenant, *who.session);
    if (!password)
        throw Problem(problems::forbidden,
                      "It is your own account: send your password as the field current_password too, or "
                      "use the addresses under /api/v1/me.");
    co_await identity::confirm_password(call.vault(), call.database(), *known, tenant, "current_password",
                                        std::move(password->value), visitor_of(call), call.unit());
}

}  // namespace

void check_may_give_permissions(const Principal& giver, std::string_view permissions,
                                std::string_view field) {
    std::string fault;
    auto read = identity::parse_role_permissions(permissions, fault);
    if (!read) throw field_problem(field, fault + ".");
    identity::check_may_give(giver, std::nullopt, {.name = "new", .permissions = *std::move(read)});
}

void check_may_give_ownership(const Principal& giver) {
    if (giver.kind != PrincipalKind::operators) identity::check_may_give(giver, std::nullopt, ownership());
}

void check_may_give_platform_administration(const Principal& giver) {
    identity::check_is_within_scopes(giver, {"tenant:*", "platform_admin:*"});
}

void check_may_have_keys_of(const Principal& who, const TenantId& tenant, const identity::UserId& user) {
    if (is_oneself(who, tenant, user)) return;
    throw Problem(problems::forbidden,
                  "A person's keys are made and changed by that person alone; others may revoke them.");
}

void check_is_not_shown(const Principal& who, const identity::KeyId& key) {
    if (!who.key || *who.key != key) return;
    throw Problem(problems::forbidden, "A key does not change itself; sign in for that.");
}

void StandIn::check(db::Tx& tx) const {
    if (!is_confirmed_) check_may_become(tx, *asker_, tenant_, user_);
}

void check_may_take_from(db::Tx& tx, const Principal& asker, const TenantId& tenant,
                         const identity::UserId& user) {
    if (!is_oneself(asker, tenant, user)) check_may_become(tx, asker, tenant, user);
}

Task<StandIn> stand_in_for(Call& call, TenantId tenant, identity::UserId user,
                           std::optional<SecretText> password) {
    const bool is_own = is_oneself(call.principal(), tenant, user);
    if (is_own) co_await confirm_oneself(call, tenant, user, std::move(password));
    co_return StandIn(call.principal(), std::move(tenant), std::move(user), is_own);
}

}  // namespace lodestone::api
