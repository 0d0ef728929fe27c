// What an administrator may say about a schema without changing a table: that it was there before us, and
// that what became of the files is meant so.
#include <fmt/core.h>

#include "base/problem.hpp"
#include "db/migrate/migrator.hpp"
#include "db/migrate/transaction.hpp"

namespace lodestone::db {

void Migrator::agree(HistoryEntry entry) {
    entry.started_at = clock_.now();
    finish(entry);
    note_agreement(entry);
}

void Migrator::note_agreement(HistoryEntry entry) {
    entry.applied_by = options_.applied_by;
    entry.program_version = options_.program_version;
    insert_history(admin_, entry);
    made_.push_back(entry);
}

std::vector<HistoryEntry> Migrator::baseline(std::int64_t version) {
    const MigrationLock lock(admin_, options_.lock_wait, options_.pause);
    AdminTransaction transaction(admin_);
    if (!list_history(admin_).empty())
        throw Problem(problems::conflict,
                      "This database has a history of migrations; a baseline is for one that has none.");
    if (set_.find(version) == nullptr)
        throw Problem(problems::invalid_input, fmt::format("There is no migration {:04}.", version));
    make_history(admin_);
    for (const Migration& migration : set_.versions) {
        if (migration.version > version) break;
        agree({.version = migration.version,
               .name = migration.name,
               .direction = Direction::baseline,
               .checksum = migration.up.checksum,
               .finished_at = {}});
    }
    transaction.commit();
    return std::exchange(made_, {});
}

// Of what was interrupted, when its file is not what it was: nothing was done, or nobody will go on with it,
// so the row is written off; or as many statements of the new file count as done.
void Migrator::agree_to_unfinished(const HistoryEntry& unfinished) {
    const Script* script = find_script(set_, unfinished);
    if (script != nullptr && script->checksum == unfinished.checksum) return;  // `up` goes on with it
    const bool is_down = unfinished.direction == Direction::down;
    HistoryEntry added = unfinished;
    if (unfinished.statement_index == 0 || (script == nullptr && !is_down)) {
        added.direction = is_down ? Direction::repair : Direction::forget;  // it is there still, or never was
        const Script* whole = is_down ? find_script(set_, added) : nullptr;
        if (is_down && whole == nullptr) return;  // the whole migration vanished, and that was agreed to
        added.checksum = is_down ? whole->checksum : "";
        return agree(added);
    }
    const auto done = static_cast<std::size_t>(unfinished.statement_index);
    if (script == nullptr || script->is_transactional || script->statements().size() < done)
        throw Problem(problems::conflict,
                      fmt::format("{} was interrupted after {} of its statements; what its file is now has "
                                  "fewer, or is one transaction, or is gone: bring it back as it was.",
                                  label_of(unfinished), done));
    added.checksum = script->checksum;
    added.started_at = clock_.now();
    note_agreement(added);
}

std::vector<HistoryEntry> Migrator::repair() {
    const MigrationLock lock(admin_, options_.lock_wait, options_.pause);
    AdminTransaction transaction(admin_);
    const SchemaState state = read_schema_state(admin_, set_);
    for (const SchemaFault& fault : state.faults) {
        if (fault.kind == FaultKind::inserted) throw Problem(problems::conflict, fault.sentence);
        if (fault.kind == FaultKind::broken)
            throw Problem(problems::conflict,
                          fault.sentence +
                              " What really happened to this database nobody can say from here: "
                              "restore the table from a backup.");
        const Migration* known = fault.version ? set_.find(*fault.version) : nullptr;
        agree({.version = fault.version,
               .name = known == nullptr ? fault.name : known->name,
               .kind = fault.version ? MigrationKind::versioned : MigrationKind::repeatable,
               .direction = known == nullptr ? Direction::forget : Direction::repair,
               .checksum = known == nullptr ? "" : known->up.checksum,
               .finished_at = {}});
    }
    if (state.unfinished && state.ahead.empty()) agree_to_unfinished(*state.unfinished);
    transaction.commit();
    return std::exchange(made_, {});
}

}  // namespace lodestone::db
