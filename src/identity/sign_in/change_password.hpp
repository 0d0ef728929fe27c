// Passwords that change: by whoever knows the old one, or with a link that an administrator made.
#pragma once

#include <optional>
#include <string>

#include "base/task.hpp"
#include "db/database.hpp"
#include "identity/sign_in/account.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

struct PasswordChange {
    TenantId tenant;
    UserId user;
    std::optional<SessionId> session;  // goes on; the user's other sessions end
    std::string current_password;
    std::string new_password;
    Visitor visitor;
};
// Throws Problem(invalid_input) that names the field: a wrong current password too.
Task<> change_password(Vault& vault, db::Database& database, PasswordChange change, db::Unit unit);

struct PasswordReset {
    std::string link;  // its text
    std::string new_password;
    Visitor visitor;
};
// Ends all sessions of the user, who then signs in: a second factor is still asked for. Throws
// Problem(not_found) for a link that is none, or none any more.
Task<> reset_password(Vault& vault, db::Database& database, PasswordReset reset, db::Unit unit);

// Asks for the password again before something that a stolen session must not do: throws
// Problem(invalid_input) that names `field`. Users who sign in elsewhere have none, and are not asked.
Task<> confirm_password(Vault& vault, db::Database& database, const KnownAccount& known,
                        const TenantId& tenant, std::string_view field, std::string password,
                        const Visitor& visitor, const db::Unit& unit);

}  // namespace lodestone::identity
