// Removing for good what was marked as deleted before a deadline, and all that belongs to it.
//
// Each call touches a bounded number of rows (limits::purge_rows) and answers how many: a job repeats it,
// each time in a transaction of its own, until the answer is zero. It may stop anywhere and go on later.
// Whatever has begun to go cannot be restored any more, and its id is spent; its own row goes last.
#pragma once

#include <span>

#include "db/tx.hpp"
#include "identity/nouns/purge_steps.hpp"

namespace lodestone::identity {

// `others` are steps of the floors above, whose rows refer to tenants, apps or users: they run first.
std::int64_t purge_tenants(db::Tx& tx, Time deadline, std::span<const PurgeStep> others = {});
std::int64_t purge_apps(db::Tx& tx, Time deadline, std::span<const PurgeStep> others = {});
std::int64_t purge_users(db::Tx& tx, Time deadline, std::span<const PurgeStep> others = {});
std::int64_t purge_branches(db::Tx& tx, Time deadline, std::span<const PurgeStep> others = {});
std::int64_t purge_roles(db::Tx& tx, Time deadline);
std::int64_t purge_policies(db::Tx& tx, Time deadline);
std::int64_t purge_user_identities(db::Tx& tx, Time deadline);

}  // namespace lodestone::identity
