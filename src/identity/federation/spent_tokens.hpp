// Tokens that were exchanged: remembered until they would have expired, so that none is good twice.
#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "db/tx.hpp"

namespace lodestone::identity {

// Whether this is the first time. Of several at once, one is.
bool spend_token(db::Tx& tx, std::string_view issuer, std::string_view token_id, Time expires_at);

// Removes what expired before `deadline`, a bounded number at a time; answers how many. Zero: done.
std::int64_t purge_spent_tokens(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
