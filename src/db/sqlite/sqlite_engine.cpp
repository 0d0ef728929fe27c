// Handing work in, stopping, and telling how it is.
#include "db/sqlite/sqlite_engine.hpp"

#include <sqlite3.h>

#include "base/clock.hpp"
#include "db/work_await.hpp"

namespace lodestone::db {

// The readers close before the writer, which as the last one empties the write-ahead log.
SqliteEngine::SqliteEngine(const SqliteOptions& options, const SqliteTuning& tuning, Context& context)
    : parts_(options, tuning, context), writer_(parts_), readers_(parts_), loop_readers_(parts_) {
    parts_.path.remember();
    writer_.start();
    readers_.start();
}

SqliteEngine::~SqliteEngine() {
    stop();
}

void SqliteEngine::submit(std::unique_ptr<Work> work) {
    if (loop_readers_.run(work)) return;
    work->submitted = parts_.context.clock.steady_now();
    WorkLine& line = work->kind() == WorkKind::write ? writer_.line() : readers_.line();
    switch (line.join(work)) {
        case WorkLine::Joined::yes: return;
        case WorkLine::Joined::full: return refuse(*work, "too many units of work wait for the database");
        case WorkLine::Joined::closed: return refuse(*work, "the database is shutting down");
    }
}

void SqliteEngine::refuse(Work& work, const char* reason) {
    parts_.measures.count_error(Failure::unavailable);
    work.finish(std::make_exception_ptr(DatabaseError(Failure::unavailable, reason)));
}

void SqliteEngine::stop() {
    if (is_stopped_) return;
    is_stopped_ = true;
    loop_readers_.close();
    for (WorkLine* line : {&writer_.line(), &readers_.line()})
        for (const auto& work : line->close()) refuse(*work, "the database is shutting down");
    writer_.join();
    readers_.join();
}

EngineStatus SqliteEngine::status() const {
    EngineStatus status;
    status.engine = std::string("SQLite ") + sqlite3_libversion();
    status.size = static_cast<std::int64_t>(readers_.size() + loop_readers_.size()) + 1;
    status.in_use = parts_.busy.load(std::memory_order_relaxed);
    status.idle = status.size - status.in_use;
    status.waiting = static_cast<std::int64_t>(writer_.line().size() + readers_.line().size());
    status.wal_bytes = parts_.path.wal_bytes();
    status.fault = parts_.path.find_fault();
    if (!status.fault) status.fault = parts_.fault.sentence();
    return status;
}

void SqliteEngine::forget_statements() {
    parts_.generation.fetch_add(1, std::memory_order_release);
}

// Whatever another process wrote: there is one channel.
std::unique_ptr<ChangeWatch> SqliteEngine::watch_changes(const std::string& /*channel*/,
                                                         ChangeCallback callback) {
    auto watch = parts_.outside.watch(std::move(callback));
    // The writer may sleep without an end: work that does nothing lets it see that somebody watches.
    submit(make_work(WorkKind::write, {}, [](Tx&) {}, [](const std::exception_ptr&, const Kept<void>&) {}));
    return watch;
}

std::unique_ptr<Engine> open_sqlite(const SqliteOptions& options, Context& context) {
    return std::make_unique<SqliteEngine>(options, SqliteTuning{}, context);
}

}  // namespace lodestone::db
