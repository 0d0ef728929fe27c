// What goes with a tenant, an app or a user that is purged, table by table. There are no cascades: one
// statement could take a whole tenant away, and would hold its locks until it had.
//
// Whoever adds a table that refers to one of the three adds a step here (a test asks for it), or, on a floor
// above, gives it to purge_tenants() and its like.
#pragma once

#include <span>
#include <string_view>

#include "db/query.hpp"

namespace lodestone::identity {

struct PurgeStep {
    std::string_view table;
    // Removes rows of what was deleted before $1, at most $2 of them.
    const db::Command<Time, std::int64_t>& remove;
};

// The leaves first: no step leaves rows behind that refer to what it removes, if those before it are through.
std::span<const PurgeStep> tenant_purge_steps();
std::span<const PurgeStep> app_purge_steps();
std::span<const PurgeStep> user_purge_steps();

}  // namespace lodestone::identity
