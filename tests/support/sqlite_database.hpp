// A database in a file of the test's own, for tests of the SQLite engine and of what stands on it.
#pragma once

#include <gtest/gtest.h>

#include <sqlite3.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "db/database.hpp"
#include "db/sqlite/sqlite_engine.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::test {

// The first value that SQL gives on a connection of the test's own: another process, as far as the engine
// can tell. Throws std::runtime_error in SQLite's words.
inline std::string ask_sqlite(const std::string& path, const std::string& sql) {
    sqlite3* opened = nullptr;
    const int result = sqlite3_open(path.c_str(), &opened);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> connection(opened, sqlite3_close);
    sqlite3_busy_timeout(opened, 30'000);
    std::string value;
    const auto keep = [](void* to, int, char** values, char**) {
        auto& text = *static_cast<std::string*>(to);
        if (text.empty() && values[0] != nullptr) text = values[0];
        return 0;
    };
    if (result != SQLITE_OK || sqlite3_exec(opened, sql.c_str(), keep, &value, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(opened));
    return value;
}

class SqliteDatabase {
  public:
    // `schema` is run before the engine opens the file. A clock of the test's own outlives this.
    explicit SqliteDatabase(const std::string& schema, db::SqliteOptions options = {},
                            db::SqliteTuning tuning = {}, Clock* clock = nullptr)
        : clock_(clock != nullptr ? clock : &system_clock_),
          path_(options.path.empty() ? folder_ / "lodestone.db" : options.path) {
        if (!schema.empty()) ask_sqlite(path_, schema);
        options.path = path_;
        auto engine = std::make_unique<db::SqliteEngine>(options, tuning, context_);
        engine_ = engine.get();
        database_ = std::make_unique<db::Database>(std::move(engine));
    }

    db::Database& operator*() { return *database_; }
    db::Database* operator->() { return database_.get(); }
    db::SqliteEngine& engine() { return *engine_; }
    Context& context() { return context_; }
    Metrics& metrics() { return metrics_; }
    const std::string& path() const { return path_; }
    const TempFolder& folder() const { return folder_; }
    // What another process sees.
    std::string ask(const std::string& sql) const { return ask_sqlite(path_, sql); }

    // Hands a function in without waiting for it; the future throws what it failed of, as the engine says it.
    template <class Function>
    std::future<void> submit(db::WorkKind kind, Function function, db::Unit unit = {}) {
        auto promise = std::make_shared<std::promise<void>>();
        auto tell = [promise](std::exception_ptr failure, auto) {
            if (failure)
                promise->set_exception(std::move(failure));
            else
                promise->set_value();
        };
        std::future<void> future = promise->get_future();
        engine_->submit(db::make_work(kind, std::move(unit), std::move(function), std::move(tell)));
        return future;
    }

  private:
    TempFolder folder_;
    SystemClock system_clock_;
    Clock* clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::off, .file = {}}, *clock_};
    Context context_{*clock_, random_, log_, metrics_, health_};
    std::string path_;
    db::SqliteEngine* engine_ = nullptr;
    std::unique_ptr<db::Database> database_;
};

// How work failed in the engine's words, or nothing when it did not.
inline std::optional<db::Failure> failure_of(std::future<void>& future) {
    try {
        future.get();
        return std::nullopt;
    } catch (const db::DatabaseError& error) {
        return error.failure();
    }
}

}  // namespace lodestone::test
