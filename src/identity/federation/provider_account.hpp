// From what a provider says of a person to a user of the tenant: found by a link, linked by a verified
// address, or made; then given the roles that the person's groups stand for.
#pragma once

#include <vector>

#include "base/context.hpp"
#include "db/tx.hpp"
#include "identity/federation/issued_token.hpp"
#include "identity/nouns/identity_provider.hpp"
#include "identity/nouns/user.hpp"

namespace lodestone::identity {

// `claims`: verified. Refuses with a Problem: forbidden (no link, and the provider may make none; or the user
// is suspended), conflict (the address is another user's).
User admit_provider_account(db::Tx& tx, const TenantId& tenant, const IdentityProvider& provider,
                            const Claims& claims, Context& context);

// What a login replaces: of the roles that the provider's groups stand for, and of those that it gave before,
// exactly the ones that these groups stand for now. Roles that an administrator gave stay.
void replace_provider_roles(db::Tx& tx, const TenantId& tenant, const IdentityProvider& provider,
                            const UserId& user, const std::vector<std::string>& groups);

// A username out of whatever a provider offers: letters, digits and _ - . @, at least three of them.
std::string make_username(std::string_view offered);

}  // namespace lodestone::identity
