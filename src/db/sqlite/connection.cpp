// Opening, settings, locks and interruption; what each setting is for stands beside it.
#include "db/sqlite/connection.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/problem.hpp"
#include "db/sqlite/result_codes.hpp"

namespace lodestone::db {

namespace {

using namespace std::chrono_literals;

constexpr auto busy_timeout = 5'000ms;
constexpr auto longest_nap = 20ms;          // between two looks at somebody else's lock
constexpr int steps_between_looks = 2'000;  // of SQLite's machine, some 50 µs

constexpr std::array control_texts = {"BEGIN",          "BEGIN IMMEDIATE", "COMMIT",          "ROLLBACK",
                                      "SAVEPOINT unit", "RELEASE unit",    "ROLLBACK TO unit"};

// Settings of every connection. mmap is slower here beside a writer, and turns disk errors into SIGBUS.
constexpr const char* shared_settings[] = {
    "PRAGMA foreign_keys = ON",    "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",        "PRAGMA cache_size = -16384",  "PRAGMA temp_store = MEMORY",
    "PRAGMA secure_delete = FAST",  // overwrites what is deleted where that costs no extra write
};

// Once in a process, before SQLite is used: counting memory takes a lock for every allocation.
void configure_library() {
    static std::once_flag once;
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

// Interrupts a connection from `time` on until it is gone. A check is one step of SQLite's machine, which
// calls no progress handler; between two pages it looks whether it was interrupted.
class Alarm {
  public:
    Alarm(sqlite3* connection, std::chrono::milliseconds time)
        : thread_([this, connection, time] { ring(connection, time); }) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return is_set_; });
    }
    ~Alarm() { stop(); }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

    // Whether it rang.
    bool stop() {
        {
            const std::lock_guard lock(mutex_);
            is_over_ = true;
        }
        changed_.notify_one();
        if (thread_.joinable()) thread_.join();
        return has_rung_;
    }

  private:
    void ring(sqlite3* connection, std::chrono::milliseconds time) {
        std::unique_lock lock(mutex_);
        is_set_ = true;
        changed_.notify_one();
        // Again and again: what has not begun yet does not notice.
        for (auto wait = time; !changed_.wait_for(lock, wait, [this] { return is_over_; }); wait = 1ms) {
            sqlite3_interrupt(connection);
            has_rung_ = true;
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_set_ = false;
    bool is_over_ = false;
    bool has_rung_ = false;
    std::thread thread_;
};

// A check's report has a heading of its own; the finding is what follows.
std::string last_line(const std::string& text) {
    return text.substr(text.rfind('\n') + 1);
}

}  // namespace

void SqliteConnection::Close::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

void SqliteConnection::Finalize::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

SqliteConnection::SqliteConnection(const ConnectionOptions& options, const Clock& clock)
    : clock_(clock), role_(options.role), path_(options.path), patience_(busy_timeout) {
    configure_library();
    sqlite3* opened = nullptr;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    const int result = sqlite3_open_v2(path_.c_str(), &opened, flags, nullptr);
    connection_.reset(opened);
    if (result != SQLITE_OK)
        throw Problem(problems::unavailable,
                      "Cannot open the database " + path_ + ": " + sqlite3_errstr(result) + ".");
    configure(options);
    if (options.role == ConnectionRole::writer) check_file(options.check_time);
}

SqliteConnection::~SqliteConnection() = default;

void SqliteConnection::configure(const ConnectionOptions& options) {
    sqlite3* raw = connection_.get();
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_handler(raw, on_busy, this);
    sqlite3_progress_handler(raw, steps_between_looks, on_progress, this);
    if (sqlite3_db_readonly(raw, "main") == 1) refuse("it can only be read");
    const std::string mode = ask("PRAGMA journal_mode = WAL");
    if (mode != "wal") refuse("it got no write-ahead log but journal mode '" + mode + "'");
    ask(options.is_durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    ask("PRAGMA wal_autocheckpoint = 0");  // the writer chooses the moment (Checkpoints)
    for (const char* setting : shared_settings) ask(setting);
    if (options.role == ConnectionRole::reader) ask("PRAGMA query_only = ON");
    // The first look into the file opens its log, too: later there might be no descriptor left for it.
    ask("PRAGMA schema_version");
}

// One that was interrupted takes pages that it did not come to for lost ones: it has found nothing.
void SqliteConnection::check_file(std::chrono::milliseconds time) {
    deadline_ = clock_.steady_now() + time;  // waiting for a lock included
    Alarm alarm(connection_.get(), time);
    const std::string finding = ask("PRAGMA quick_check(1)");
    deadline_ = SteadyTime::max();
    const bool has_run_out = alarm.stop();
    sqlite3_db_release_memory(connection_.get());  // the pages that were read for this alone
    if (has_run_out) return;
    if (!finding.empty() && finding != "ok") refuse(last_line(finding));
}

// A check that ran out of time has found nothing so far: that is no failure. Two processes that turn a new
// file's log on at once are told BUSY without a word to the busy handler, since waiting inside would lock
// both: whoever comes second asks again.
std::string SqliteConnection::ask(const char* sql) {
    std::string first;
    const auto keep_first = [](void* kept, int, char** values, char**) {
        auto& text = *static_cast<std::string*>(kept);
        if (text.empty() && values[0] != nullptr) text = values[0];
        return 0;
    };
    int result = SQLITE_BUSY;
    for (int tries = 0; result == SQLITE_BUSY && (tries == 0 || on_busy(this, tries - 1) != 0); ++tries)
        result = sqlite3_exec(connection_.get(), sql, keep_first, &first, nullptr) & 0xFF;
    if (result != SQLITE_OK && result != SQLITE_INTERRUPT) refuse(sqlite3_errmsg(connection_.get()));
    return first;
}

void SqliteConnection::refuse(const std::string& reason) const {
    throw Problem(problems::unavailable, "The database " + path_ + " cannot be used: " + reason + ".");
}

int SqliteConnection::control(Control what) {
    const auto at = static_cast<std::size_t>(what);
    int result = SQLITE_OK;
    sqlite3_stmt* prepared = prepare_once(controls_[at], control_texts[at], result);
    if (prepared == nullptr) return result;
    result = sqlite3_step(prepared);
    sqlite3_reset(prepared);
    return result == SQLITE_DONE ? SQLITE_OK : result;
}

// Null: `result` says why not.
sqlite3_stmt* SqliteConnection::prepare_once(std::unique_ptr<sqlite3_stmt, Finalize>& prepared,
                                             const char* sql, int& result) {
    if (prepared) return prepared.get();
    sqlite3_stmt* made = nullptr;
    result = sqlite3_prepare_v3(connection_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    prepared.reset(made);
    return made;
}

// A file that cannot be read at the moment has a version of its own: whoever compares looks again.
std::int64_t SqliteConnection::outside_version() {
    int result = SQLITE_OK;
    sqlite3_stmt* prepared = prepare_once(outside_version_, "PRAGMA data_version", result);
    if (prepared == nullptr) return -1;
    const std::int64_t version =
        sqlite3_step(prepared) == SQLITE_ROW ? sqlite3_column_int64(prepared, 0) : -1;
    sqlite3_reset(prepared);
    return version;
}

bool SqliteConnection::has_transaction() const {
    return sqlite3_get_autocommit(connection_.get()) == 0;
}

bool SqliteConnection::has_open_references() const {
    int violated = 0;
    int unused = 0;
    sqlite3_db_status(connection_.get(), SQLITE_DBSTATUS_DEFERRED_FKS, &violated, &unused, 0);
    return violated != 0;
}

void SqliteConnection::set_default_patience() {
    patience_ = busy_timeout;
}

int SqliteConnection::probe() {
    int version = 0;
    const auto keep = [](void* kept, int, char** values, char**) {
        *static_cast<int*>(kept) = std::atoi(values[0]);
        return 0;
    };
    int result = control(Control::begin_write);
    if (result == SQLITE_OK)
        result = sqlite3_exec(connection_.get(), "PRAGMA user_version", keep, &version, nullptr);
    const std::string rewrite = "PRAGMA user_version = " + std::to_string(version);
    if (result == SQLITE_OK)
        result = sqlite3_exec(connection_.get(), rewrite.c_str(), nullptr, nullptr, nullptr);
    if (result == SQLITE_OK) result = control(Control::commit);
    if (has_transaction()) control(Control::roll_back);
    return result;
}

int SqliteConnection::on_progress(void* self) {
    const auto* connection = static_cast<SqliteConnection*>(self);
    if (connection->deadline_ == SteadyTime::max()) return 0;
    return connection->clock_.steady_now() >= connection->deadline_ ? 1 : 0;
}

// Naps double from 1 ms; their sum, not the clock, says when it has been enough.
int SqliteConnection::on_busy(void* self, int count) {
    auto* connection = static_cast<SqliteConnection*>(self);
    if (count == 0) connection->waited_ = 0ms;
    if (connection->waited_ >= connection->patience_ || on_progress(self) != 0) return 0;
    const auto nap = std::min(longest_nap, std::chrono::milliseconds(1 << std::min(count, 8)));
    sqlite3_sleep(static_cast<int>(nap.count()));
    connection->waited_ += nap;
    return 1;
}

std::string SqliteConnection::error_text(int code, std::string_view doing) const {
    return std::string(doing) + ": " + sqlite3_errmsg(connection_.get()) + " (" + std::to_string(code) + ")";
}

DatabaseError SqliteConnection::error(int code, std::string_view doing) const {
    // A reader's own refusal of a write is our mistake, and says nothing about the disk.
    const bool is_ours = role_ == ConnectionRole::reader && code == SQLITE_READONLY;
    return {is_ours ? Failure::statement : failure_of(code), error_text(code, doing)};
}

DatabaseError SqliteConnection::commit_error(int code) const {
    return {failure_of_commit(code), error_text(code, "COMMIT")};
}

}  // namespace lodestone::db
