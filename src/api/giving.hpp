// Nobody gives away more than they have: whoever makes a role, gives one, makes a key or acts in somebody's
// place may do everything that comes of it. The route's permission says that somebody may give at all; this,
// how much.
#pragma once

#include <optional>
#include <string_view>

#include "base/tenant_id.hpp"
#include "db/tx.hpp"
#include "identity/rules/principal.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::api {

// All throw Problem(forbidden).

// A role in one app, or in the whole tenant. Inside the unit that gives it.
void check_may_give_role(db::Tx& tx, const identity::Principal& giver, const TenantId& tenant,
                         const std::optional<identity::AppId>& app, const identity::RoleId& role);
// What a tenant's own role allows, as it is stored.
void check_may_give_permissions(const identity::Principal& giver, std::string_view permissions);
// What a new key is good for.
void check_may_give_scopes(const identity::Principal& giver, const identity::Scopes& scopes);
// A change by which somebody could become this user: another sign-in name, another provider, a reset link.
// Inside the unit that makes it.
void check_may_stand_in_for(db::Tx& tx, const identity::Principal& asker, const TenantId& tenant,
                            const identity::UserId& user);

}  // namespace lodestone::api
