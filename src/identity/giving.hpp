// Nobody gives away more than they have: whoever gives a role, makes a key or trusts a pipeline may do
// everything that comes of it, and with a key no more than the key is good for. The permission to do such a
// thing at all was asked about before.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/tenant_id.hpp"
#include "db/tx.hpp"
#include "identity/nouns/key.hpp"
#include "identity/rules/principal.hpp"
#include "identity/rules/rights.hpp"
#include "identity/rules/scopes.hpp"

namespace lodestone::identity {

// All throw Problem(forbidden), and are asked inside the unit that does it where they take a Tx.

[[noreturn]] void refuse_more_than_own(std::string_view what);

// What the role allows, in one app or in the whole tenant.
void check_may_give(const Principal& giver, const std::optional<AppId>& app, const Role& role);
// The same of permissions, by what was shown alone: what is given with a key of few scopes must not bring
// back what the key was denied.
void check_is_within_scopes(const Principal& giver, const std::vector<std::string>& permissions);

// A role in one app, or in the whole tenant.
void check_may_give_role(db::Tx& tx, const Principal& giver, const TenantId& tenant,
                         const std::optional<AppId>& app, const RoleId& role);

// What a key will be good for, from where, and until when: with a key, within its own terms.
struct GivenKey {
    Scopes scopes;
    std::vector<std::string> networks;
    std::optional<Time> expires_at;  // none: it has an end that is bounded elsewhere, or is no key
    KeyEnvironment environment = KeyEnvironment::live;
};
void check_may_give_key(const Principal& giver, const GivenKey& given);

}  // namespace lodestone::identity
