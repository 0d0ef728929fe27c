// Checking a code against a user's second factor: of the app, or one from paper.
#pragma once

#include <string>
#include <string_view>

#include "identity/sign_in/account.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

// Where a user's secret is sealed, and under which purpose recovery codes are hashed.
std::string second_factor_place(const TenantId& tenant, const UserId& user);

// Whether the code is right; then it is spent, and is right no more. Inside a unit that commits either way.
// Throws Problem(unavailable) when the secret was sealed with a key that this server does not have.
bool spend_code(db::Tx& tx, const TenantId& tenant, const Credentials& credentials, std::string_view code,
                const Vault& vault);

}  // namespace lodestone::identity
