// Which files have to run, in which order, to bring a schema from where it is to where it shall be.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "db/migrate/schema_state.hpp"

namespace lodestone::db {

struct MigrationStep {
    std::optional<std::int64_t> version;  // nothing: a repeatable
    std::string name;
    Direction direction = Direction::up;
    const Script* script = nullptr;  // the set's

    MigrationKind kind() const { return version ? MigrationKind::versioned : MigrationKind::repeatable; }
};

// The file that made a row, as the set has it now; null: it has none.
const Script* find_script(const MigrationSet& set, const HistoryEntry& entry);

// To `target`, which is 0 or a version of the set; to the newest without one. Throws Problem(conflict) when
// the state is not sound, or when something has no way back.
std::vector<MigrationStep> list_steps(const MigrationSet& set, const SchemaState& state,
                                      std::optional<std::int64_t> target);

// The version where `count` applied ones less would leave it.
std::int64_t version_below(const SchemaState& state, std::size_t count);

}  // namespace lodestone::db
