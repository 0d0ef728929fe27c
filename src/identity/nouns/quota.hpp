// How much a tenant may have: max_users and max_apps of its settings, looked at before another one is kept.
#pragma once

#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

// Refuse when the tenant is not there (not_found), or has as many as it may have (conflict). Two units that
// run at the same time cannot both take the last place.
void check_room_for_user(db::Tx& tx, const TenantId& tenant);
void check_room_for_app(db::Tx& tx, const TenantId& tenant);

}  // namespace lodestone::identity
