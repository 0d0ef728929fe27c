// What an administrator may say about a schema without changing a table: that it was there before us, and
// that what became of the files is meant so.
#include <fmt/core.h>

#include "base/problem.hpp"
#include "db/migrate/migrator.hpp"
#include "db/migrate/transaction.hpp"

namespace lodestone::db {

void Migrator::agree(const HistoryEntry& entry) {
    HistoryEntry added = entry;
    added.started_at = clock_.now();
    added.applied_by = options_.applied_by;
    added.program_version = options_.program_version;
    finish(added);
    insert_history(admin_, added);
    made_.push_back(added);
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
        const Migration* known = set_.find(*fault.version);
        agree({.version = fault.version,
               .name = known == nullptr ? "" : known->name,
               .direction = known == nullptr ? Direction::forget : Direction::repair,
               .checksum = known == nullptr ? "" : known->up.checksum,
               .finished_at = {}});
    }
    transaction.commit();
    return std::exchange(made_, {});
}

}  // namespace lodestone::db
