// Runs migrations. What a file does and the row that says so are one transaction, so there is no state in
// between: a database either has a migration or has not. Only files that ask for no-transaction can be
// interrupted half way; the next run goes on where they stopped.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "db/migrate/migration_lock.hpp"
#include "db/migrate/steps.hpp"

namespace lodestone::db {

class AdminTransaction;

struct MigrateOptions {
    std::string applied_by;  // empty: user@machine
    std::string program_version = "unknown";
    std::chrono::milliseconds lock_wait = limits::migration_lock_wait;
    // Of a file that asks for none of its own.
    std::chrono::milliseconds lock_timeout = limits::migration_lock_timeout;
    std::chrono::milliseconds statement_timeout = limits::migration_statement_timeout;
    int attempts = limits::migration_attempts;  // when a table's lock was not to be had
    Pause pause{};                              // empty: sleeps
    std::function<void(const MigrationStep&, const HistoryEntry&)> report{};  // called after each step
};

class Migrator {
  public:
    Migrator(AdminConnection& admin, const MigrationSet& set, MigrateOptions options = {});

    // Each answers the rows that it added to the history. They throw Problem: conflict when files and history
    // have parted or the database is ahead, unavailable when another instance is at work, internal_error when
    // a statement failed, with its file and line.
    std::vector<HistoryEntry> up() { return to({}); }
    std::vector<HistoryEntry> down(std::size_t count = 1);
    std::vector<HistoryEntry> to(std::optional<std::int64_t> version);
    std::vector<HistoryEntry> redo();
    // Says that versions up to this one are there already; only where the history is empty.
    std::vector<HistoryEntry> baseline(std::int64_t version);
    // Agrees to files that changed, were renamed or vanished, also to one that was interrupted. Changes no
    // table.
    std::vector<HistoryEntry> repair();

  private:
    void run_to(MigrationLock& lock, std::optional<std::int64_t> target);
    bool run_next(MigrationLock& lock, std::optional<std::int64_t> target);
    bool is_for_whole(const SchemaState& state, std::optional<std::int64_t> target);
    void run_whole(MigrationLock& lock, AdminTransaction& transaction);
    HistoryEntry run_inside(const MigrationStep& step);
    void run_outside(MigrationLock& lock, const MigrationStep& step, HistoryEntry& entry);
    void run_statement(const Script& script, const SqlStatement& statement);
    void finish(HistoryEntry& entry);
    void note(const MigrationStep& step, const HistoryEntry& entry);
    void agree(HistoryEntry entry);
    void agree_to_unfinished(const HistoryEntry& unfinished);
    void note_agreement(HistoryEntry entry);
    HistoryEntry make_entry(const MigrationStep& step) const;
    std::chrono::milliseconds set_timeouts(const Script& script, bool is_inside);
    void check_references(const Script& script);
    template <class Function>
    auto try_often(Function function);

    AdminConnection& admin_;
    const MigrationSet& set_;
    MigrateOptions options_;
    SystemClock clock_;
    Time started_at_;
    // Where DDL and the history's row cannot be one transaction, each file runs as if it were marked
    // no-transaction.
    bool runs_by_statement_ = false;
    std::string at_;  // where a failure happens: file and line
    std::vector<HistoryEntry> made_;
};

// What `serve` and tests need: the program's own migrations, to the newest.
std::vector<HistoryEntry> migrate_up(AdminConnection& admin, MigrateOptions options = {});

}  // namespace lodestone::db
