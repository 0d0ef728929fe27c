// SQLite without Lodestone: prepared statements on a connection for each thread, with the settings that our
// connections have.
#include <sqlite3.h>

#include <random>

#include "base/ensure.hpp"
#include "cases.hpp"

namespace lodestone::bench {

namespace {

class RawConnection {
  public:
    explicit RawConnection(const std::string& path) {
        const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
        ensure(sqlite3_open_v2(path.c_str(), &connection_, flags, nullptr) == SQLITE_OK, "the file opens");
        sqlite3_busy_timeout(connection_, 5'000);
        for (const char* setting :
             {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
              "PRAGMA mmap_size = 0", "PRAGMA cache_size = -16384"})
            ensure(sqlite3_exec(connection_, setting, nullptr, nullptr, nullptr) == SQLITE_OK, setting);
    }
    ~RawConnection() {
        for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
        sqlite3_close(connection_);
    }
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    sqlite3_stmt* prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        ensure(sqlite3_prepare_v3(connection_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) ==
                   SQLITE_OK,
               sql);
        statements_.push_back(statement);
        return statement;
    }

  private:
    sqlite3* connection_ = nullptr;
    std::vector<sqlite3_stmt*> statements_;
};

void run(sqlite3_stmt* statement, int expected = SQLITE_DONE) {
    ensure(sqlite3_step(statement) == expected, "a statement answers as it should");
    sqlite3_reset(statement);
}

class RawReader {
  public:
    explicit RawReader(const std::string& path) : connection_(path) {}
    void read(Around around) {
        if (around != Around::nothing) run(begin_);
        for (int i = 0; i < (around == Around::ten_in_transaction ? 10 : 1); ++i) find();
        if (around != Around::nothing) run(commit_);
    }

  private:
    void find() {
        sqlite3_bind_int64(find_, 1, accounts_(random_));
        ensure(sqlite3_step(find_) == SQLITE_ROW, "an account is there");
        sum_ += sqlite3_column_int64(find_, 0);
        ensure(sqlite3_step(find_) == SQLITE_DONE, "there is one of it");
        sqlite3_reset(find_);
    }

    RawConnection connection_;
    sqlite3_stmt* begin_ = connection_.prepare("BEGIN");
    sqlite3_stmt* commit_ = connection_.prepare("COMMIT");
    sqlite3_stmt* find_ = connection_.prepare("SELECT abalance FROM pgbench_accounts WHERE aid = ?1");
    std::minstd_rand random_{std::random_device{}()};
    std::uniform_int_distribution<std::int64_t> accounts_{1, account_count};
    std::int64_t sum_ = 0;
};

}  // namespace

// As our program does: counting memory takes a lock.
Rate measure_raw_reads(const CaseOptions& options, Around around) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    std::vector<std::unique_ptr<RawReader>> readers;
    for (std::size_t i = 0; i < options.count; ++i)
        readers.push_back(std::make_unique<RawReader>(options.address));
    const Rate rate =
        measure_on_threads(options.count, options.seconds,
                           [&readers, around](std::size_t client) { readers[client]->read(around); });
    const double rows = around == Around::ten_in_transaction ? 10 : 1;
    return {.per_second = rate.per_second * rows, .cpu_us = rate.cpu_us / rows};
}

Rate measure_raw_commits(const CaseOptions& options) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    RawConnection connection(options.address);
    sqlite3_stmt* insert = connection.prepare("INSERT INTO bench_notes (note) VALUES (?1)");
    return measure_on_threads(1, options.seconds, [insert](std::size_t) {
        sqlite3_bind_text(insert, 1, "a short note that has to last", -1, SQLITE_STATIC);
        run(insert);
    });
}

}  // namespace lodestone::bench
