// A connection to a SQLite file with the settings that make it safe for a server. One thread uses it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "db/failure.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace lodestone::db {

enum class ConnectionRole : std::uint8_t { writer, reader };

struct ConnectionOptions {
    std::string path;
    ConnectionRole role = ConnectionRole::reader;
    bool is_durable = true;  // false: of a file that nobody needs after a crash
    // What a writer may spend on looking for damage: enough for all of a small file, and for the first tables
    // of a large one.
    std::chrono::milliseconds check_time{100};
};

class SqliteConnection {
  public:
    // Throws Problem(unavailable) in one sentence when the file cannot be opened, is damaged, or cannot be
    // written to.
    SqliteConnection(const ConnectionOptions& options, const Clock& clock);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    sqlite3* raw() const { return connection_.get(); }
    const Clock& clock() const { return clock_; }

    // The statements around a unit of work, prepared once. Each answers with SQLITE_OK or an extended code.
    enum class Control : std::uint8_t {
        begin_read,
        begin_write,
        commit,
        roll_back,
        savepoint,
        release,
        roll_back_to
    };
    int control(Control what);
    bool has_transaction() const;
    // Whether deferred foreign keys are violated at the moment.
    bool has_open_references() const;

    // A statement that runs longer is interrupted, waiting for a lock included.
    void set_deadline(SteadyTime deadline) { deadline_ = deadline; }
    SteadyTime deadline() const { return deadline_; }
    // How long to wait for other processes' locks.
    void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }
    void set_default_patience();

    // Changes when another connection has committed, and never of what this one commits.
    std::int64_t outside_version();

    // Writes the file's header as it is, in a transaction of its own: whether the disk takes writes.
    int probe();

    DatabaseError error(int code, std::string_view doing) const;
    DatabaseError commit_error(int code) const;

  private:
    struct Close {
        void operator()(sqlite3* connection) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    static constexpr std::size_t control_count = 7;
    sqlite3_stmt* prepare_once(std::unique_ptr<sqlite3_stmt, Finalize>& prepared, const char* sql,
                               int& result);

    static int on_progress(void* self);
    static int on_busy(void* self, int count);
    std::string error_text(int code, std::string_view doing) const;
    std::string ask(const char* sql);  // the first value of the answer
    void configure(const ConnectionOptions& options);
    void check_file(std::chrono::milliseconds time);
    [[noreturn]] void refuse(const std::string& reason) const;

    const Clock& clock_;
    const ConnectionRole role_;
    std::string path_;
    SteadyTime deadline_ = SteadyTime::max();
    std::chrono::milliseconds patience_;
    std::chrono::milliseconds waited_{0};
    std::unique_ptr<sqlite3, Close> connection_;
    std::array<std::unique_ptr<sqlite3_stmt, Finalize>, control_count> controls_;
    std::unique_ptr<sqlite3_stmt, Finalize> outside_version_;
};

}  // namespace lodestone::db
