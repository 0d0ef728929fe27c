// Group commit. A unit that fails goes back to its savepoint alone; when SQLite gave up the whole transaction
// with it (no space, interrupted while writing), the others are run once more without it.
#include "db/sqlite/writer.hpp"

#include <pthread.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>

#include "base/ensure.hpp"
#include "base/log.hpp"
#include "db/sqlite/result_codes.hpp"

namespace lodestone::db {

namespace {

double seconds(SteadyTime::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

SqliteWriter::SqliteWriter(EngineParts& parts)
    : parts_(parts),
      connection_({.path = parts.path.text(),
                   .role = ConnectionRole::writer,
                   .is_durable = !parts.path.is_temporary()},
                  parts.context.clock),
      session_(connection_, parts.measures),
      checkpoints_(connection_, parts),
      line_(parts.options.queue, parts.measures.waiting_writes),
      outside_version_(connection_.outside_version()) {}

SqliteWriter::~SqliteWriter() {
    ensure(!thread_.joinable(), "the engine joined its writer");
}

void SqliteWriter::start() {
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "db-write");
}

void SqliteWriter::join() {
    if (thread_.joinable()) thread_.join();
}

void SqliteWriter::run() {
    for (;;) {
        if (waiting_.empty()) {
            const auto most = patience();
            const WorkLine::Taken taken = line_.take(seat_, waiting_, parts_.tuning.group_units, most);
            if (taken == WorkLine::Taken::closed) return;
            if (taken == WorkLine::Taken::nothing) rest(most.value_or(std::chrono::milliseconds(0)));
        }
        look_outside();
        if (waiting_.empty()) continue;
        rested_ = {};
        if (line_.is_closed()) {
            refuse_waiting({Failure::unavailable, "the database is shutting down"});
            return;
        }
        parts_.busy.fetch_add(1, std::memory_order_relaxed);
        write_group();
        checkpoints_.after_group();
        parts_.busy.fetch_sub(1, std::memory_order_relaxed);
    }
}

// How long to wait for work before there is something else to do.
std::optional<std::chrono::milliseconds> SqliteWriter::patience() const {
    const SqliteTuning& tuning = parts_.tuning;
    const bool has_chores = checkpoints_.has_work() || parts_.fault.is_set();
    if (parts_.outside.is_watched())
        return has_chores ? std::min(tuning.idle_after, tuning.look_outside_after)
                          : tuning.look_outside_after;
    return has_chores ? std::optional(tuning.idle_after) : std::nullopt;
}

// What other processes wrote: only this connection can tell, since its own commits do not count for it.
void SqliteWriter::look_outside() {
    if (!parts_.outside.is_watched()) return;
    const SteadyTime time = std::chrono::steady_clock::now();
    if (time < next_look_) return;
    next_look_ = time + parts_.tuning.look_outside_after / 2;
    const std::int64_t version = connection_.outside_version();
    if (version != outside_version_) parts_.outside.tell();
    outside_version_ = version;
}

// Nobody waits. After a failure of the disk's somebody has to find out when it has healed: with /ready at 503
// no write will come.
void SqliteWriter::rest(std::chrono::milliseconds rested) {
    rested_ += rested;
    if (rested_ < parts_.tuning.idle_after) return;
    rested_ = {};
    checkpoints_.when_idle();
    if (!parts_.fault.is_set() || parts_.path.find_fault()) return;
    if (connection_.probe() == SQLITE_OK) note_healed();
}

// Everybody who comes while the group runs joins it, up to the limits: with many writers the group then holds
// nearly all of them, and the disk is synced once for all.
void SqliteWriter::write_group() {
    // What is written into a file that has lost its name would be acknowledged and gone.
    if (const auto fault = parts_.path.find_fault()) return refuse_waiting({Failure::unavailable, *fault});
    const SteadyTime end = now() + parts_.tuning.group_time;
    room_ = parts_.tuning.group_units;
    while (!waiting_.empty() && room_ > 0) {
        run_next();
        if (now() >= end) break;
        if (waiting_.empty()) line_.take_ready(waiting_, room_);
    }
    finish_group();
}

void SqliteWriter::run_next() {
    std::unique_ptr<Work> work = std::move(waiting_.front());
    waiting_.pop_front();
    --room_;
    const SteadyTime started = now();
    parts_.measures.write_wait.observe(seconds(started - work->submitted));
    if (is_late(*work, started)) {
        parts_.measures.count_error(Failure::too_slow);
        work->finish(std::make_exception_ptr(late_error()));
        return;
    }
    if (const int begun = begin_unit(); begun != SQLITE_OK) {
        const DatabaseError error = connection_.error(begun, "BEGIN");
        note(error);
        waiting_.push_front(std::move(work));
        return refuse_waiting(error);
    }
    Outcome outcome = run_in_group(*work);
    if (outcome.is_good()) {
        ++done_;
        group_.push_back({std::move(work), nullptr});
        return;
    }
    if (outcome.error) note(*outcome.error);
    // A refusal is told after COMMIT as well: it may rest on what others in the group have written.
    if (undo_unit()) {
        group_.push_back({std::move(work), std::move(outcome.exception)});
        return;
    }
    repeat_group();
    work->finish(std::move(outcome.exception));
}

// The first unit of a transaction needs no savepoint: there is nothing before it to go back to.
int SqliteWriter::begin_unit() {
    has_savepoint_ = connection_.has_transaction();
    return connection_.control(has_savepoint_ ? SqliteConnection::Control::savepoint
                                              : SqliteConnection::Control::begin_write);
}

Outcome SqliteWriter::run_in_group(Work& work) {
    Outcome outcome =
        run_unit(work, session_, {.generation = parts_.generation.load(std::memory_order_acquire)});
    if (!outcome.is_good()) return outcome;
    // COMMIT would fail of it for everybody.
    if (connection_.has_open_references())
        return failed({Failure::reference, "deferred foreign keys are violated at the end of the unit"});
    if (!has_savepoint_) return outcome;
    const int released = connection_.control(SqliteConnection::Control::release);
    return released == SQLITE_OK ? outcome : failed(connection_.error(released, "RELEASE"));
}

// Answers whether the rest of the group still stands.
bool SqliteWriter::undo_unit() {
    parts_.measures.rollbacks.add();
    if (has_savepoint_ && connection_.has_transaction() &&
        connection_.control(SqliteConnection::Control::roll_back_to) == SQLITE_OK &&
        connection_.control(SqliteConnection::Control::release) == SQLITE_OK)
        return true;
    if (connection_.has_transaction()) connection_.control(SqliteConnection::Control::roll_back);
    ensure(!connection_.has_transaction(), "ROLLBACK ends a transaction");
    return done_ == 0;
}

// Those before it, and nobody else, come again: however many units fail like this, each costs the others one
// more run of one group.
void SqliteWriter::repeat_group() {
    parts_.measures.group_repeats.add(group_.size());
    room_ = group_.size();
    for (auto member = group_.rbegin(); member != group_.rend(); ++member)
        waiting_.push_front(std::move(member->work));
    group_.clear();
    done_ = 0;
}

std::exception_ptr SqliteWriter::commit_group() {
    if (!connection_.has_transaction()) return nullptr;  // all refused, one by one
    const SteadyTime started = now();
    const int result = connection_.control(SqliteConnection::Control::commit);
    parts_.measures.commit_time.observe(seconds(now() - started));
    if (result == SQLITE_OK) {
        parts_.measures.count_batch(done_);
        note_healed();
        return nullptr;
    }
    const DatabaseError error = connection_.commit_error(result);
    if (connection_.has_transaction()) connection_.control(SqliteConnection::Control::roll_back);
    parts_.measures.rollbacks.add(done_);
    note(error);
    return std::make_exception_ptr(error);
}

void SqliteWriter::finish_group() {
    const std::exception_ptr failure = commit_group();
    for (Member& member : group_) member.work->finish(failure ? failure : member.failure);
    group_.clear();
    done_ = 0;
}

void SqliteWriter::refuse_waiting(const DatabaseError& error) {
    for (const auto& work : waiting_) {
        parts_.measures.count_error(error.failure());
        work->finish(std::make_exception_ptr(error));
    }
    waiting_.clear();
}

void SqliteWriter::note_healed() {
    if (!parts_.fault.is_set()) return;
    parts_.fault.clear();
    parts_.context.log.info("database takes writes again");
}

void SqliteWriter::note(const DatabaseError& error) {
    parts_.measures.count_error(error.failure());
    if (!is_disk_failure(error.failure())) return;
    if (!parts_.fault.is_set())
        parts_.context.log.error("database write failed", {{"error", std::string_view(error.what())}});
    parts_.fault.set(std::string("the last write failed: ") + error.what());
}

}  // namespace lodestone::db
