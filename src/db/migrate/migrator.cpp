// Step by step: begin, look where the database stands, run the next file, write the row, commit.
#include "db/migrate/migrator.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "base/problem.hpp"
#include "base/user_name.hpp"
#include "db/failure.hpp"
#include "db/migrate/catalogue.hpp"
#include "db/migrate/concurrent_index.hpp"
#include "db/migrate/sql_shape.hpp"
#include "db/migrate/transaction.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{5'000};

std::string name_ourselves() {
    std::array<char, 256> machine{};
    ::gethostname(machine.data(), machine.size() - 1);
    return fmt::format("{}@{}", find_user_name(::geteuid()), machine.data());
}

// SQLite's way of changing a table is to make it anew, during which references point nowhere; they are
// checked before each commit instead. The switch is deaf inside a transaction.
class LooseReferences {
  public:
    explicit LooseReferences(AdminConnection& admin) : admin_(admin) {
        if (is_sqlite()) admin_.run("PRAGMA foreign_keys = OFF");
    }
    ~LooseReferences() {
        if (is_sqlite()) find_problem([this] { admin_.run("PRAGMA foreign_keys = ON"); });
    }
    LooseReferences(const LooseReferences&) = delete;
    LooseReferences& operator=(const LooseReferences&) = delete;

  private:
    bool is_sqlite() const { return admin_.engine() == EngineKind::sqlite; }
    AdminConnection& admin_;
};

// A SQLite file's log is not brought to the disk behind each file, but with the first commit of whoever works
// with the new schema, or with the end of the last connection. A crash before that takes the last files back
// whole, and they are applied again.
class OneSync {
  public:
    explicit OneSync(AdminConnection& admin) : admin_(admin) {
        if (is_sqlite()) admin_.run("PRAGMA synchronous = NORMAL");
    }
    ~OneSync() {
        if (is_sqlite()) find_problem([this] { admin_.run("PRAGMA synchronous = FULL"); });
    }
    OneSync(const OneSync&) = delete;
    OneSync& operator=(const OneSync&) = delete;

  private:
    bool is_sqlite() const { return admin_.engine() == EngineKind::sqlite; }
    AdminConnection& admin_;
};

// For whatever a file does, the commit of it included; before and after, only little things are asked.
class LongPatience {
  public:
    explicit LongPatience(AdminConnection& admin) : admin_(admin) {}
    ~LongPatience() { admin_.set_patience(std::nullopt); }
    LongPatience(const LongPatience&) = delete;
    LongPatience& operator=(const LongPatience&) = delete;

  private:
    AdminConnection& admin_;
};

}  // namespace

Migrator::Migrator(AdminConnection& admin, const MigrationSet& set, MigrateOptions options)
    : admin_(admin), set_(set), options_(std::move(options)) {
    if (options_.applied_by.empty()) options_.applied_by = name_ourselves();
    started_at_ = clock_.now();
    runs_by_statement_ = !admin_.capabilities().has_transactional_ddl;
    if (!options_.pause) options_.pause = [](milliseconds time) { std::this_thread::sleep_for(time); };
}

std::vector<HistoryEntry> Migrator::to(std::optional<std::int64_t> version) {
    MigrationLock lock(admin_, options_.lock_wait, options_.pause);
    run_to(lock, version);
    return std::exchange(made_, {});
}

std::vector<HistoryEntry> Migrator::down(std::size_t count) {
    MigrationLock lock(admin_, options_.lock_wait, options_.pause);
    run_to(lock, version_below(read_schema_state(admin_, set_), count));
    return std::exchange(made_, {});
}

std::vector<HistoryEntry> Migrator::redo() {
    MigrationLock lock(admin_, options_.lock_wait, options_.pause);
    const SchemaState state = read_schema_state(admin_, set_);
    if (state.applied.empty()) throw Problem(problems::conflict, "There is no migration to do again.");
    run_to(lock, version_below(state, 1));
    run_to(lock, state.version());
    return std::exchange(made_, {});
}

// A lock that was not to be had is worth another try, of the whole file where it is one transaction: in the
// meantime those who queued behind us for it got their turn. A database that went away stays that; everything
// else is the end, with its place.
template <class Function>
auto Migrator::try_often(Function function) {
    milliseconds next = first_pause;
    for (int attempt = 1;; ++attempt) {
        try {
            return function();
        } catch (const DatabaseError& error) {
            if (error.failure() == Failure::unavailable || error.failure() == Failure::lost)
                throw DatabaseError(error.failure(), fmt::format("{} failed: {}", at_, error.what()));
            const bool is_postgres = admin_.engine() == EngineKind::postgres;  // SQLite has waited itself
            if (error.failure() != Failure::contention || !is_postgres || attempt >= options_.attempts)
                throw Problem(
                    error.failure() == Failure::contention ? problems::unavailable : problems::internal_error,
                    fmt::format("{} failed: {}.", at_, error.what()));
        }
        options_.pause(next);
        next = std::min(next * 2, longest_pause);
    }
}

void Migrator::run_to(MigrationLock& lock, std::optional<std::int64_t> target) {
    const LooseReferences loose(admin_);
    const OneSync log(admin_);
    while (try_often([&] { return run_next(lock, target); })) {
    }
}

// Everything is read anew for each step: on SQLite another instance may have come in between.
bool Migrator::run_next(MigrationLock& lock, std::optional<std::int64_t> target) {
    at_ = "schema_history";
    const LongPatience patience(admin_);
    lock.renew();
    AdminTransaction transaction(admin_);
    const SchemaState state = read_schema_state(admin_, set_);
    const auto steps = list_steps(set_, state, target);
    if (steps.empty()) return false;
    admin_.set_patience(options_.statement_timeout + limits::migration_answer_grace);
    const bool is_whole = is_for_whole(state, target);
    make_history(admin_);
    if (is_whole) {
        run_whole(lock, transaction);
        return true;
    }
    const MigrationStep& step = steps.front();
    if (step.script->is_transactional && !runs_by_statement_) {
        const HistoryEntry entry = run_inside(step);
        lock.renew();
        transaction.commit();
        note(step, entry);
        return true;
    }
    // A file that was mended before anything of it was done has a row of its own, which stands before the old
    // one's.
    const bool goes_on = state.unfinished && state.unfinished->checksum == step.script->checksum;
    HistoryEntry entry = goes_on ? *state.unfinished : make_entry(step);
    if (!goes_on) insert_history(admin_, entry);
    transaction.commit();
    run_outside(lock, step, entry);
    note(step, entry);
    return true;
}

// A file of everything is for a database that has nothing, neither ours nor somebody else's.
bool Migrator::is_for_whole(const SchemaState& state, std::optional<std::int64_t> target) {
    if (!set_.whole || runs_by_statement_ || (target && *target < set_.whole->version)) return false;
    if (!state.chain.empty() || !state.applied.empty()) return false;
    const Catalogue found = read_catalogue(admin_);
    return found.objects.empty() && std::ranges::all_of(found.tables, [](const auto& table) {
               return table.name == "schema_history";
           });
}

// Each version gets its row in the history, as if it had run by itself.
void Migrator::run_whole(MigrationLock& lock, AdminTransaction& transaction) {
    const Script& script = set_.whole->script;
    set_timeouts(script, true);
    for (const SqlStatement& statement : script.statements()) run_statement(script, statement);
    std::vector<std::pair<MigrationStep, HistoryEntry>> done;
    for (const Migration& migration : set_.versions) {
        if (migration.version > set_.whole->version) break;
        const MigrationStep step{
            .version = migration.version, .name = migration.name, .script = &migration.up};
        HistoryEntry entry = make_entry(step);
        entry.statement_index = static_cast<std::int64_t>(migration.up.statements().size());
        finish(entry);
        insert_history(admin_, entry);
        done.emplace_back(step, std::move(entry));
    }
    lock.renew();
    transaction.commit();
    for (const auto& [step, entry] : done) note(step, entry);
}

HistoryEntry Migrator::run_inside(const MigrationStep& step) {
    HistoryEntry entry = make_entry(step);
    set_timeouts(*step.script, true);
    const auto statements = step.script->statements();
    for (const SqlStatement& statement : statements) run_statement(*step.script, statement);
    check_references(*step.script);
    entry.statement_index = static_cast<std::int64_t>(statements.size());
    finish(entry);
    insert_history(admin_, entry);
    return entry;
}

namespace {

// Whether the engine refuses it inside a transaction. All of these may run twice: an index is looked at
// before (prepare_concurrent_index), the others do the same once more, or fail in words.
bool needs_no_transaction(const SqlStatement& statement, EngineKind engine) {
    if (engine == EngineKind::sqlite) return true;  // parse_script() lets nothing else stand here
    const SqlShape shape = shape_of(statement, engine);
    return shape.has({"CONCURRENTLY"}) || shape.begins({"VACUUM"}) || shape.begins({"REINDEX"}) ||
           shape.begins({"ALTER", "SYSTEM"});
}

bool changes_rows(const SqlStatement& statement, EngineKind engine) {
    const SqlShape shape = shape_of(statement, engine);
    return shape.begins({"INSERT"}) || shape.begins({"UPDATE"}) || shape.begins({"DELETE"}) ||
           shape.begins({"WITH"}) || shape.begins({"MERGE"});
}

}  // namespace

// One statement, one note of it: in one transaction where the statement bears one.
void Migrator::run_outside(MigrationLock& lock, const MigrationStep& step, HistoryEntry& entry) {
    const auto statements = step.script->statements();
    const bool is_resumed = entry.statement_index > 0 || entry.started_at < started_at_;
    const milliseconds longest = set_timeouts(*step.script, false);
    while (entry.statement_index < static_cast<std::int64_t>(statements.size())) {
        const SqlStatement& statement = statements[static_cast<std::size_t>(entry.statement_index)];
        const bool is_alone = needs_no_transaction(statement, admin_.engine()) ||
                              (runs_by_statement_ && !changes_rows(statement, admin_.engine()));
        HistoryEntry noted = entry;
        ++noted.statement_index;
        try_often([&] {
            lock.renew(longest);
            std::optional<AdminTransaction> transaction;
            if (!is_alone) transaction.emplace(admin_);
            if (!is_alone || !prepare_concurrent_index(admin_, statement.text, is_resumed))
                run_statement(*step.script, statement);
            update_history(admin_, noted);
            if (transaction) transaction->commit();
        });
        entry = noted;
    }
    finish(entry);
    update_history(admin_, entry);
}

void Migrator::run_statement(const Script& script, const SqlStatement& statement) {
    at_ = fmt::format("{}:{}", script.file, statement.line);
    admin_.run(statement.text);
}

void Migrator::finish(HistoryEntry& entry) {
    entry.finished_at = clock_.now();
    entry.duration_ms =
        std::chrono::duration_cast<milliseconds>(*entry.finished_at - entry.started_at).count();
    entry.is_done = true;
}

void Migrator::note(const MigrationStep& step, const HistoryEntry& entry) {
    made_.push_back(entry);
    if (options_.report) options_.report(step, entry);
}

HistoryEntry Migrator::make_entry(const MigrationStep& step) const {
    return {.version = step.version,
            .name = step.name,
            .kind = step.kind(),
            .direction = step.direction,
            .checksum = step.script->checksum,
            .started_at = clock_.now(),
            .finished_at = {},
            .applied_by = options_.applied_by,
            .program_version = options_.program_version};
}

// Outside a transaction they hold until the next file sets its own. Answers how long a statement may take.
milliseconds Migrator::set_timeouts(const Script& script, bool is_inside) {
    const milliseconds statement_timeout =
        script.is_transactional ? options_.statement_timeout : milliseconds(0);
    if (admin_.engine() != EngineKind::postgres) return statement_timeout;
    const auto lock = script.lock_timeout.value_or(options_.lock_timeout);
    const auto statement = script.statement_timeout.value_or(statement_timeout);
    const auto longest = statement == milliseconds(0) ? limits::migration_longest_statement : statement;
    admin_.set_patience(longest + limits::migration_answer_grace);
    const std::string settings[] = {std::to_string(lock.count()), std::to_string(statement.count()),
                                    is_inside ? "true" : "false"};
    admin_.list_rows(
        "SELECT set_config('lock_timeout', $1, $3::boolean), set_config('statement_timeout', $2, "
        "$3::boolean)",
        settings);
    return longest;
}

void Migrator::check_references(const Script& script) {
    if (admin_.engine() != EngineKind::sqlite) return;
    const auto rows = admin_.list_rows("PRAGMA foreign_key_check");
    if (rows.empty()) return;
    throw Problem(
        problems::conflict,
        fmt::format("{} would leave rows of {} that refer to nothing in {}. Nothing of it was kept.",
                    script.file, rows.front().at(0).value_or("?"), rows.front().at(2).value_or("?")));
}

std::vector<HistoryEntry> migrate_up(AdminConnection& admin, MigrateOptions options) {
    return Migrator(admin, embedded_migrations(admin.engine()), std::move(options)).up();
}

}  // namespace lodestone::db
