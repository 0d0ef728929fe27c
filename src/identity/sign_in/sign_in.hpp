// Signing in with a password, and the second step where there is a second factor.
//
// Whether there is such a user or not, the answer to a wrong password is the same sentence, after the same
// work: one hash, the same statements.
#pragma once

#include <optional>
#include <string>

#include "base/task.hpp"
#include "db/database.hpp"
#include "identity/sign_in/open_session.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

struct SignInRequest {
    TenantId tenant;
    std::string account;  // a user name or an e-mail address
    std::string password;
    std::string code;  // of the second factor, or a recovery code; may come later
    Visitor visitor;
    std::string goes_on_at{};  // where it may come later: the path of a page of ours; empty: at the API
};

// One of the two.
struct SignInOutcome {
    std::optional<SignedIn> signed_in;
    std::string challenge;  // the password was right, and a code is still to come: for prove_second_factor()
};

// Throw a Problem: unauthenticated, forbidden for what is suspended, too_many_requests, invalid_input for
// what no account could have.
Task<SignInOutcome> sign_in(Vault& vault, db::Database& database, SignInRequest request, db::Unit unit);

struct SecondFactorProof {
    std::string challenge;
    std::string code;
    Visitor visitor;
    std::string goes_on_at{};  // as the sign-in had it, or the challenge is none
};
Task<SignedIn> prove_second_factor(Vault& vault, db::Database& database, SecondFactorProof proof,
                                   db::Unit unit);

}  // namespace lodestone::identity
