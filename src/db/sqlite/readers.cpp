// Reading: one snapshot around a unit's statements, or a single statement without anything around it.
#include "db/sqlite/readers.hpp"

#include <pthread.h>
#include <sqlite3.h>

#include <algorithm>

#include "base/ensure.hpp"
#include "base/log.hpp"

namespace lodestone::db {

namespace {

// Another process may hold a lock while it recovers the log: rare, and over soon.
constexpr int attempts = 3;

bool is_worth_repeating(const Outcome& outcome, const Work& work, SteadyTime now) {
    return outcome.error && outcome.error->failure() == Failure::contention && !is_late(work, now);
}

}  // namespace

SqliteReaders::Reader::Reader(EngineParts& parts)
    : connection({.path = parts.path.text(),
                  .role = ConnectionRole::reader,
                  .is_durable = !parts.path.is_temporary()},
                 parts.context.clock),
      session(connection, parts.measures) {}

SqliteReaders::SqliteReaders(EngineParts& parts)
    : parts_(parts), line_(parts.options.queue, parts.measures.waiting_reads) {
    const std::size_t count = std::max<std::size_t>(parts.options.readers, 1);
    for (std::size_t i = 0; i < count; ++i) readers_.push_back(std::make_unique<Reader>(parts));
}

SqliteReaders::~SqliteReaders() {
    for (const auto& reader : readers_) ensure(!reader->thread.joinable(), "the engine joined its readers");
}

void SqliteReaders::start() {
    for (const auto& reader : readers_) {
        reader->thread = std::thread([this, &own = *reader] { run(own); });
        ::pthread_setname_np(reader->thread.native_handle(), "db-read");
    }
}

void SqliteReaders::join() {
    for (const auto& reader : readers_)
        if (reader->thread.joinable()) reader->thread.join();
}

void SqliteReaders::run(Reader& reader) {
    WaitingWork taken;
    while (line_.take(reader.seat, taken, 1, std::nullopt) == WorkLine::Taken::some) {
        parts_.busy.fetch_add(1, std::memory_order_relaxed);
        read(reader, *taken.front());
        parts_.busy.fetch_sub(1, std::memory_order_relaxed);
        taken.clear();
    }
}

void SqliteReaders::read(Reader& reader, Work& work) {
    const Clock& clock = parts_.context.clock;
    const SteadyTime started = clock.steady_now();
    parts_.measures.read_wait.observe(std::chrono::duration<double>(started - work.submitted).count());
    Outcome outcome = is_late(work, started) ? failed(late_error()) : attempt(reader, work);
    for (int tried = 1; tried < attempts && is_worth_repeating(outcome, work, clock.steady_now()); ++tried) {
        parts_.measures.read_repeats.add();
        outcome = attempt(reader, work);
    }
    if (outcome.is_good()) parts_.measures.reads.add();
    if (outcome.error) note(*outcome.error);
    line_.announce_return(reader.seat);
    work.finish(std::move(outcome.exception));
}

// Damage is found by reading; a disk that refuses a read may do so for this one only.
void SqliteReaders::note(const DatabaseError& error) {
    parts_.measures.count_error(error.failure());
    if (error.failure() != Failure::damaged) return;
    parts_.context.log.error("database is damaged", {{"error", std::string_view(error.what())}});
    parts_.fault.set(std::string("the last read found damage: ") + error.what());
}

Outcome SqliteReaders::attempt(Reader& reader, Work& work) {
    const std::uint64_t generation = parts_.generation.load(std::memory_order_acquire);
    if (work.kind() == WorkKind::look_up)
        return run_unit(work, reader.session,
                        {.generation = generation, .extent = Tx::Extent::one_statement});
    if (const int begun = reader.connection.control(SqliteConnection::Control::begin_read);
        begun != SQLITE_OK)
        return failed(reader.connection.error(begun, "BEGIN"));
    Outcome outcome = run_unit(work, reader.session, {.generation = generation});
    if (reader.connection.has_transaction()) reader.connection.control(SqliteConnection::Control::commit);
    if (reader.connection.has_transaction()) reader.connection.control(SqliteConnection::Control::roll_back);
    ensure(!reader.connection.has_transaction(), "ROLLBACK ends a transaction");
    return outcome;
}

}  // namespace lodestone::db
