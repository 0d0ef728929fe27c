// Somebody found a token where it should not be, in a repository or a log, and sends it in: whatever it is of
// ours, it stops working. Nobody learns more than that; who has the text could as well have used it.
#pragma once

#include <string>

#include "base/task.hpp"
#include "db/database.hpp"
#include "identity/sign_in/vault.hpp"

namespace lodestone::identity {

// Whether it was one of ours, now revoked: keys, sessions, invitations and reset links.
Task<bool> revoke_leaked_token(Vault& vault, db::Database& database, std::string text, db::Unit unit);

}  // namespace lodestone::identity
