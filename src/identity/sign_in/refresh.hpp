// Going on without the password: a refresh token for a new pair of tokens. And ending it: signing out.
#pragma once

#include <string>

#include "base/task.hpp"
#include "db/database.hpp"
#include "identity/sign_in/open_session.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

// Throws Problem(unauthenticated) for what is no refresh token, or no longer one, and Problem(forbidden) when
// the user or the tenant is suspended by now.
//
// A token that is shown a second time ends the session, since somebody has a copy. One exception, for clients
// whose answer got lost: within seconds, as long as nobody went on from the first answer, it gets another
// answer, and the first is put out of use. So of two who have the same token only one goes on, and the
// other's next step ends both.
Task<SignedIn> refresh_session(Vault& vault, db::Database& database, std::string refresh_text,
                               Visitor visitor, db::Unit unit);

// These two are not refused: what has ended stays so. The session of the token, whichever of the two it is.
Task<> sign_out(Vault& vault, db::Database& database, std::string text, db::Unit unit);

}  // namespace lodestone::identity
