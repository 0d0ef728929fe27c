// Up: versions, then repeatables. Down: repeatables that stand on what goes, then versions from the newest.
#include "db/migrate/steps.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/problem.hpp"

namespace lodestone::db {

namespace {

const Script& way_back(const Migration& migration) {
    if (!migration.down)
        throw Problem(problems::conflict,
                      fmt::format("{0:04}_{1} has no way back: there is no {0:04}_{1}.down.sql.",
                                  migration.version, migration.name));
    return *migration.down;
}

std::vector<MigrationStep> list_steps_down(const MigrationSet& set, const SchemaState& state,
                                           std::int64_t target) {
    std::vector<MigrationStep> steps;
    for (auto entry = state.repeatables.rbegin(); entry != state.repeatables.rend(); ++entry) {
        const Repeatable* known = set.find(entry->name);
        if (known != nullptr && known->down)
            steps.push_back({std::nullopt, known->name, Direction::down, &*known->down});
    }
    for (auto entry = state.applied.rbegin(); entry != state.applied.rend(); ++entry) {
        if (*entry->version <= target) break;
        const Migration* known = set.find(*entry->version);
        steps.push_back({known->version, known->name, Direction::down, &way_back(*known)});
    }
    return steps;
}

std::vector<MigrationStep> list_steps_up(const MigrationSet& set, const SchemaState& state,
                                         std::int64_t target) {
    std::vector<MigrationStep> steps;
    for (const std::int64_t version : state.pending) {
        if (version > target) return steps;  // what is repeated fits the newest version only
        const Migration* migration = set.find(version);
        steps.push_back({version, migration->name, Direction::up, &migration->up});
    }
    for (const std::string& name : state.due)
        steps.push_back({std::nullopt, name, Direction::up, &set.find(name)->up});
    return steps;
}

// What was interrupted goes first, and nothing else instead of it. Where nothing was done yet, the file as it
// is now does as well.
MigrationStep resume(const MigrationSet& set, const HistoryEntry& unfinished) {
    const Script* script = find_script(set, unfinished);
    const bool is_good =
        script != nullptr && (script->checksum == unfinished.checksum || unfinished.statement_index == 0);
    if (!is_good)
        throw Problem(problems::conflict,
                      fmt::format("{0} was interrupted after {1} of its statements, and its file has changed "
                                  "since, or is gone: "
                                  "bring it back as it was and run `lodestone migrate up`; or say with "
                                  "`lodestone migrate repair` "
                                  "that the first {1} statements of what it is now are done.",
                                  label_of(unfinished), unfinished.statement_index));
    return {unfinished.version, unfinished.name, unfinished.direction, script};
}

}  // namespace

const Script* find_script(const MigrationSet& set, const HistoryEntry& entry) {
    const auto of = [&entry](const auto* known) -> const Script* {
        if (known == nullptr) return nullptr;
        if (entry.direction != Direction::down) return &known->up;
        return known->down ? &*known->down : nullptr;
    };
    return entry.version ? of(set.find(*entry.version)) : of(set.find(entry.name));
}

std::vector<MigrationStep> list_steps(const MigrationSet& set, const SchemaState& state,
                                      std::optional<std::int64_t> target) {
    refuse_unless_sound(state, set);
    if (state.unfinished) return {resume(set, *state.unfinished)};
    const std::int64_t newest = set.versions.empty() ? 0 : set.versions.back().version;
    if (target && *target != 0 && set.find(*target) == nullptr)
        throw Problem(problems::invalid_input, fmt::format("There is no migration {:04}.", *target));
    const std::int64_t wanted = target.value_or(newest);
    return wanted < state.version() ? list_steps_down(set, state, wanted) : list_steps_up(set, state, wanted);
}

std::int64_t version_below(const SchemaState& state, std::size_t count) {
    if (count >= state.applied.size()) return 0;
    return state.applied[state.applied.size() - count - 1].version.value();
}

}  // namespace lodestone::db
