// The one place that answers: may this caller, through what was shown, give that, stand in for this person,
// change that key? The route's permission says that somebody may do such a thing at all; this, how much.
//
// Nobody gives away more than they have (identity/giving.hpp); whoever acts in somebody's place may do
// everything that comes of it. A session is no proof of the person: a change of how somebody signs in asks
// for the password again.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/call.hpp"
#include "api/json_types.hpp"
#include "base/tenant_id.hpp"
#include "db/tx.hpp"
#include "identity/giving.hpp"
#include "identity/nouns/key.hpp"
#include "identity/rules/principal.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::api {

// All throw Problem(forbidden), and are asked inside the unit that does it where they take a Tx.

using identity::check_may_give_key;
using identity::check_may_give_role;
using identity::GivenKey;

// What a tenant's own role allows, as it is stored.
void check_may_give_permissions(const identity::Principal& giver, std::string_view permissions,
                                std::string_view field);
// The whole tenant, or the right to administer the installation.
void check_may_give_ownership(const identity::Principal& giver);
void check_may_give_platform_administration(const identity::Principal& giver);

// Whose keys these are says whether they may be made and changed; all may be revoked.
void check_may_have_keys_of(const identity::Principal& who, const TenantId& tenant,
                            const identity::UserId& user);
// No key changes itself.
void check_is_not_shown(const identity::Principal& who, const identity::KeyId& key);

// A change by which somebody could become this user: another sign-in name, another provider, a reset link, no
// second factor. There is none without asking first; the unit that makes the change asks check().
class StandIn {
  public:
    void check(db::Tx& tx) const;

  private:
    friend Task<StandIn> stand_in_for(Call& call, TenantId tenant, identity::UserId user,
                                      std::optional<SecretText> password);
    StandIn(const identity::Principal& asker, TenantId tenant, identity::UserId user, bool is_confirmed)
        : asker_(&asker), tenant_(std::move(tenant)), user_(std::move(user)), is_confirmed_(is_confirmed) {}

    const identity::Principal* asker_;
    TenantId tenant_;
    identity::UserId user_;
    bool is_confirmed_;  // it is the asker, who has given the password again
};
// Of oneself it takes a session and `password`, the body's field current_password; whoever has no password
// must have signed in a moment ago.
Task<StandIn> stand_in_for(Call& call, TenantId tenant, identity::UserId user,
                           std::optional<SecretText> password = std::nullopt);

// Taking a way to sign in from somebody gives it to nobody: of oneself it takes nothing more.
void check_may_take_from(db::Tx& tx, const identity::Principal& asker, const TenantId& tenant,
                         const identity::UserId& user);

}  // namespace lodestone::api
