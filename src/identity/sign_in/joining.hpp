// Becoming a user: with an invitation, or by registering where the tenant lets anybody. Both end signed in.
#pragma once

#include <optional>
#include <string>

#include "base/task.hpp"
#include "db/database.hpp"
#include "identity/sign_in/open_session.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

// What somebody may choose about themselves, and nothing else: no id, no role, no status.
struct Newcomer {
    std::string username;
    std::optional<std::string> email;  // an invitation's own wins
    std::string full_name;
    std::string password;
    Visitor visitor;
};

// Throw a Problem: not_found for an invitation that is none, or none any more; forbidden where registration
// is not open, and where the tenant is suspended; invalid_input that names the field; conflict for a name
// that is taken.
Task<SignedIn> accept_invitation(Vault& vault, db::Database& database, std::string invitation,
                                 Newcomer newcomer, db::Unit unit);
// The new user may do nothing until somebody grants it something.
Task<SignedIn> register_user(Vault& vault, db::Database& database, TenantId tenant, Newcomer newcomer,
                             db::Unit unit);

}  // namespace lodestone::identity
