// SQLite as a server's database: write-ahead log, every commit synced, foreign keys on.
#include "db/database_file.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include "base/problem.hpp"

namespace lodestone::db {

namespace {

constexpr int busy_timeout_ms = 5'000;

// The file's own mode decides that of its -wal and -shm companions: nobody but the owner reads any of them.
class PrivateFiles {
  public:
    PrivateFiles() = default;
    ~PrivateFiles() { ::umask(before_); }
    PrivateFiles(const PrivateFiles&) = delete;
    PrivateFiles& operator=(const PrivateFiles&) = delete;

  private:
    const mode_t before_ = ::umask(0077);
};

// A check's report has a heading of its own; the finding is what follows.
std::string last_line(const std::string& text) {
    return text.substr(text.rfind('\n') + 1);
}

}  // namespace

void DatabaseFile::Close::operator()(sqlite3* connection) const {
    sqlite3_close_v2(connection);
}

DatabaseFile::DatabaseFile(const std::string& path) : path_(path) {
    const PrivateFiles mode;
    sqlite3* opened = nullptr;
    const int result = sqlite3_open_v2(
        path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    connection_.reset(opened);
    if (result != SQLITE_OK)
        throw Problem(problems::unavailable,
                      "Cannot open the database " + path + ": " + sqlite3_errstr(result) + ".");
    sqlite3_busy_timeout(opened, busy_timeout_ms);
    sqlite3_extended_result_codes(opened, 1);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("PRAGMA foreign_keys = ON");
    run("PRAGMA trusted_schema = OFF");
    run("PRAGMA quick_check(1)");
    struct stat found{};
    if (::stat(path.c_str(), &found) == 0) {
        device_ = found.st_dev;
        number_ = found.st_ino;
    }
}

DatabaseFile::~DatabaseFile() = default;

// Every row that a pragma here can return is either of no interest or the word "ok".
void DatabaseFile::run(const char* sql) {
    char* message = nullptr;
    const auto note_fault = [](void* fault, int columns, char** values, char** names) {
        const bool is_check = columns > 0 && std::string_view(names[0]) == "quick_check";
        if (is_check && values[0] != nullptr && std::string_view(values[0]) != "ok")
            *static_cast<std::string*>(fault) = values[0];
        return 0;
    };
    std::string fault;
    const int result = sqlite3_exec(connection_.get(), sql, note_fault, &fault, &message);
    if (message != nullptr) fault = message;
    sqlite3_free(message);
    if (result != SQLITE_OK || !fault.empty())
        throw Problem(problems::unavailable,
                      "The database " + path_ + " cannot be used: " + last_line(fault) + ".");
}

std::optional<std::string> DatabaseFile::find_fault() {
    const std::lock_guard lock(mutex_);
    struct stat found{};
    if (::stat(path_.c_str(), &found) != 0) return "the database file is gone";
    // What we write into the file that we hold open would be lost with us.
    if (found.st_dev != device_ || found.st_ino != number_) return "another file took the database's place";
    const int result =
        sqlite3_exec(connection_.get(), "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
    if (result != SQLITE_OK)
        return std::string("the database does not answer: ") + sqlite3_errmsg(connection_.get());
    return std::nullopt;
}

}  // namespace lodestone::db
