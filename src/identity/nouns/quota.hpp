// How much a tenant may have, looked at before another one is kept: max_users and max_apps of its settings,
// and what nobody sets.
#pragma once

#include <cstdint>
#include <string_view>

#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

// Refuse when the tenant is not there (not_found), or has as many as it may have (conflict). Two units that
// run at the same time cannot both take the last place.
void check_room_for_user(db::Tx& tx, const TenantId& tenant);
void check_room_for_app(db::Tx& tx, const TenantId& tenant);

// Refuses (conflict) another one of what there are `most` of already. These bound what one tenant may lay up,
// and not to the last one: two units at the same time may both find room.
void check_room_for_more(std::int64_t had, std::int64_t most, std::string_view what);

}  // namespace lodestone::identity
