// The idempotency keys of units that are known to have happened, and when nobody needs them any more.
#pragma once

#include "db/tx.hpp"

namespace lodestone::db {

// At most limits::purge_rows of those from before `before`; answers how many. Zero: there are no more.
std::int64_t purge_committed_units(Tx& tx, Time before);

}  // namespace lodestone::db
