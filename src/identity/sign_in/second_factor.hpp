// Getting a second factor, and losing it: by its owner, who shows the password again, or by an administrator
// for somebody who has lost phone and paper (remove_second_factor() of the credentials).
#pragma once

#include <string>
#include <vector>

#include "base/task.hpp"
#include "db/database.hpp"
#include "identity/sign_in/account.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

struct SecondFactorRequest {
    TenantId tenant;
    UserId user;
    std::string password;  // again; of users who have one
    Visitor visitor;
};

// For the user's app, the only time that it can be seen.
struct SecondFactorOffer {
    std::string secret;  // base32, for typing
    std::string url;     // otpauth://, for scanning
};
// Nothing is asked for before confirm_offer() has seen a code of it.
Task<SecondFactorOffer> offer_second_factor(Vault& vault, db::Database& database, SecondFactorRequest request,
                                            db::Unit unit);

// Answers with recovery codes, the only time that they can be seen. The user's other sessions, which have
// shown no second factor, end. Throws Problem(invalid_input) for a wrong code.
struct OfferConfirmation {
    TenantId tenant;
    UserId user;
    SessionId session;
    std::string code;
    Visitor visitor;
};
Task<std::vector<std::string>> confirm_offer(Vault& vault, db::Database& database,
                                             OfferConfirmation confirmation, db::Unit unit);

// New ones for old ones.
Task<std::vector<std::string>> renew_recovery_codes(Vault& vault, db::Database& database,
                                                    SecondFactorRequest request, db::Unit unit);

// By its owner. Refused (conflict) where the tenant asks for one.
Task<> drop_second_factor(Vault& vault, db::Database& database, SecondFactorRequest request, db::Unit unit);

}  // namespace lodestone::identity
