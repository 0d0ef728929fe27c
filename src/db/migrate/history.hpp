// The table schema_history: what was done to this database's schema, in order. Rows are added and finished,
// never removed; where a database stands is what its last row about each migration says.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "db/admin_connection.hpp"

namespace lodestone::db {

BOOST_DEFINE_ENUM_CLASS(MigrationKind, versioned, repeatable)
// baseline: it was there before us. repair: an administrator agreed to what a file became; forget: that it is
// no more.
BOOST_DEFINE_ENUM_CLASS(Direction, up, down, baseline, repair, forget)

struct HistoryEntry {
    std::int64_t number = 0;              // of the row, from 1
    std::optional<std::int64_t> version;  // nothing: a repeatable
    std::string name;
    MigrationKind kind = MigrationKind::versioned;
    Direction direction = Direction::up;
    std::string checksum;
    std::string chain;                 // next_link() of this row, given by insert_history()
    std::int64_t statement_index = 0;  // how many statements are done; matters when not all of them are
    Time started_at;
    std::optional<Time> finished_at;
    std::int64_t duration_ms = 0;
    std::string applied_by;
    std::string program_version;
    bool is_done = false;
};

bool has_history(AdminConnection& admin);
void make_history(AdminConnection& admin);
// Nothing where there is no table yet.
std::vector<HistoryEntry> list_history(AdminConnection& admin);
// What a row says, together with the link before it: a row that is removed, changed or moved breaks every
// link behind it; the last rows have none behind them, so that they are gone does not show. How far a row is
// does not count.
std::string next_link(const std::string& link, const HistoryEntry& entry);
// Gives `entry` its number and its link.
void insert_history(AdminConnection& admin, HistoryEntry& entry);
// How far it is: statement index, end, duration, done.
void update_history(AdminConnection& admin, const HistoryEntry& entry);

}  // namespace lodestone::db
