// Where a database stands beside what the program knows: what is to be done, and what does not fit together.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "db/migrate/history.hpp"
#include "db/migrate/migration_set.hpp"

namespace lodestone::db {

// changed, renamed: the file is not what was applied. vanished: it is gone. inserted: it appeared below what
// is applied. broken: rows of the history itself were changed.
BOOST_DEFINE_ENUM_CLASS(FaultKind, changed, renamed, vanished, inserted, broken)

struct SchemaFault {
    FaultKind kind;
    std::optional<std::int64_t> version;
    std::string sentence;  // names the file
    std::string name{};    // that the history knows it by
};

struct SchemaState {
    std::vector<HistoryEntry> applied;       // versions, ascending: the row that made each what it is
    std::vector<HistoryEntry> repeatables;   // that are there, by name
    std::vector<std::int64_t> pending;       // versions
    std::vector<std::string> due;            // repeatables that are new or changed
    std::vector<HistoryEntry> ahead;         // versions that only a newer program knows
    std::vector<SchemaFault> faults;         // diverged
    std::optional<HistoryEntry> unfinished;  // outside a transaction, and interrupted: one at most
    std::string chain;                       // the history's last link

    std::int64_t version() const { return applied.empty() ? 0 : applied.back().version.value(); }
    bool is_current() const {
        return pending.empty() && due.empty() && ahead.empty() && faults.empty() && !unfinished;
    }
};

SchemaState compare_with_history(const MigrationSet& set, std::span<const HistoryEntry> history);
SchemaState read_schema_state(AdminConnection& admin, const MigrationSet& set);

// "0002_tenants"; for a repeatable "R__views".
std::string label_of(const HistoryEntry& entry);

// Throws Problem(conflict) with every fault, or with what to do about a schema that is ahead.
void refuse_unless_sound(const SchemaState& state, const MigrationSet& set);

}  // namespace lodestone::db
