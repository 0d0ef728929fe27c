// Folds the history into a state and lays it beside the files.
#include "db/migrate/schema_state.hpp"

#include <fmt/core.h>

#include <map>

#include "base/problem.hpp"

namespace lodestone::db {

namespace {

bool is_there(const HistoryEntry& entry) {
    if (!entry.is_done) return entry.direction == Direction::down;  // half taken back
    return entry.direction != Direction::down && entry.direction != Direction::forget;
}

bool is_about_same(const HistoryEntry& one, const HistoryEntry& other) {
    return one.version == other.version && (one.version || one.name == other.name);
}

void check_chain(SchemaState& state, std::span<const HistoryEntry> history) {
    for (const HistoryEntry& entry : history) {
        if (next_link(state.chain, entry) != entry.chain)
            state.faults.push_back(
                {FaultKind::broken, entry.version,
                 fmt::format("Row {} of schema_history ({}) does not follow from those before it: somebody "
                             "changed or removed rows.",
                             entry.number, label_of(entry))});
        state.chain = entry.chain;
    }
}

// A row whose file is still there. One that is half taken back has the other file's checksum.
void check_applied(SchemaState& state, const HistoryEntry& entry, const Migration& known) {
    if (known.name != entry.name)
        state.faults.push_back(
            {FaultKind::renamed, entry.version,
             fmt::format("{} was applied as {}: a version keeps its name.", known.up.file, label_of(entry))});
    else if (entry.is_done && known.up.checksum != entry.checksum)
        state.faults.push_back(
            {FaultKind::changed, entry.version,
             fmt::format(
                 "{} was changed after it was applied: undo that and write a new migration, or accept it "
                 "with `lodestone migrate repair`.",
                 known.up.file)});
}

void check_pending(SchemaState& state, const Migration& migration) {
    if (migration.version > state.version()) {
        state.pending.push_back(migration.version);
        return;
    }
    state.faults.push_back(
        {FaultKind::inserted, migration.version,
         fmt::format("{} was never applied, but {} was: give it a number above all others.",
                     migration.up.file, label_of(state.applied.back()))});
}

void compare_versions(SchemaState& state, const MigrationSet& set,
                      const std::map<std::int64_t, HistoryEntry>& rows) {
    const std::int64_t newest_known = set.versions.empty() ? 0 : set.versions.back().version;
    for (const auto& [version, entry] : rows) {
        const Migration* known = set.find(version);
        if (!is_there(entry)) {
            if (!entry.is_done && known == nullptr && version > newest_known) state.ahead.push_back(entry);
            continue;
        }
        state.applied.push_back(entry);
        if (known != nullptr) {
            check_applied(state, entry, *known);
        } else if (version > newest_known) {
            state.ahead.push_back(entry);
        } else {
            state.faults.push_back({FaultKind::vanished, version,
                                    fmt::format("{} was applied, and its file is gone: bring it back, or "
                                                "accept that with `lodestone migrate repair`.",
                                                label_of(entry)),
                                    entry.name});
        }
    }
    for (const Migration& migration : set.versions) {
        const auto row = rows.find(migration.version);
        if (row == rows.end() || !is_there(row->second)) check_pending(state, migration);
    }
}

void compare_repeatables(SchemaState& state, const MigrationSet& set,
                         const std::map<std::string, HistoryEntry>& rows) {
    for (const auto& [name, entry] : rows) {
        if (!is_there(entry)) continue;
        state.repeatables.push_back(entry);
        // A newer program's versions bring its repeatables along.
        if (set.find(name) == nullptr && state.ahead.empty())
            state.faults.push_back(
                {FaultKind::vanished, std::nullopt,
                 fmt::format("{} was applied by version {}, and this program has no such file: run that "
                             "version, bring the file back, or accept that with `lodestone migrate repair`.",
                             label_of(entry), entry.program_version),
                 name});
    }
    for (const Repeatable& repeatable : set.repeatables) {
        const auto row = rows.find(repeatable.name);
        const bool fits = row != rows.end() && is_there(row->second) && row->second.is_done &&
                          row->second.checksum == repeatable.up.checksum;
        if (!fits) state.due.push_back(repeatable.name);
    }
}

}  // namespace

std::string label_of(const HistoryEntry& entry) {
    if (!entry.version) return "R__" + entry.name;
    return fmt::format("{:04}_{}", *entry.version, entry.name);
}

SchemaState compare_with_history(const MigrationSet& set, std::span<const HistoryEntry> history) {
    SchemaState state;
    check_chain(state, history);
    std::map<std::int64_t, HistoryEntry> versions;
    std::map<std::string, HistoryEntry> repeatables;
    for (const HistoryEntry& entry : history) {
        (entry.version ? versions[*entry.version] : repeatables[entry.name]) = entry;
        const bool is_same = state.unfinished && is_about_same(*state.unfinished, entry);
        if (!entry.is_done)
            state.unfinished = entry;
        else if (is_same)
            state.unfinished.reset();
    }
    compare_versions(state, set, versions);
    compare_repeatables(state, set, repeatables);
    return state;
}

SchemaState read_schema_state(AdminConnection& admin, const MigrationSet& set) {
    return compare_with_history(set, list_history(admin));
}

void refuse_unless_sound(const SchemaState& state, const MigrationSet& set) {
    if (!state.faults.empty()) {
        std::string text = "The database's schema and this program's migrations have parted:";
        for (const SchemaFault& fault : state.faults) text += " " + fault.sentence;
        throw Problem(problems::conflict, text);
    }
    if (state.ahead.empty()) return;
    const std::int64_t newest = set.versions.empty() ? 0 : set.versions.back().version;
    throw Problem(
        problems::conflict,
        fmt::format("The database is ahead of this program: {} was applied by version {}, and this "
                    "program knows migrations up to {:04} only. Run that version or a newer one; this "
                    "one would spoil data that it does not understand.",
                    label_of(state.ahead.back()), state.ahead.back().program_version, newest));
}

}  // namespace lodestone::db
