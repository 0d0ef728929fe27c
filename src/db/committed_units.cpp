// One statement over the index by time. A fence's time is negative: it counts by how long ago it was.
#include "db/committed_units.hpp"

#include "base/limits.hpp"

namespace lodestone::db {

namespace {

const Command<std::int64_t, std::int64_t> purge{
    "db.committed_unit.purge",
    "DELETE FROM committed_units WHERE key IN "
    "(SELECT key FROM committed_units WHERE committed_at > -$1 AND committed_at < $1 "
    " ORDER BY committed_at LIMIT $2)"};

}  // namespace

std::int64_t purge_committed_units(Tx& tx, Time before) {
    return tx.run(purge, before.time_since_epoch().count(), limits::purge_rows);
}

}  // namespace lodestone::db
