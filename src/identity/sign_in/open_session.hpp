// Opening a session, however somebody showed who they are: password, provider, invitation.
#pragma once

#include <string>

#include "identity/nouns/session.hpp"
#include "identity/sign_in/account.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

// What the client gets: the only time that these texts can be seen.
struct SignedIn {
    TenantId tenant;
    Session session;
    std::string access_text;
    std::string refresh_text;
    Duties duties;  // nothing else is allowed before
};

struct Opening {
    SignInMethod method = SignInMethod::password;
    bool has_second_factor = false;
    Visitor visitor;
};

// Inside a unit that has checked everything.
SignedIn open_session(db::Tx& tx, const TenantId& tenant, const KnownAccount& known, const Opening& opening,
                      const TokenMint& mint);

}  // namespace lodestone::identity
