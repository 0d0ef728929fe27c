// The same tests on every database that the program runs on: a SQLite file, and a real PostgreSQL where one
// is installed. Each test has a fresh, migrated database, a clock that stands still, and repeatable chance.
//
//     class TenantTest : public test::OnEveryDatabase {};
//     INSTANTIATE_ON_EVERY_DATABASE(TenantTest);
//     TEST_P(TenantTest, InsertsIt) { … }
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/ensure.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "db/admin_connection.hpp"
#include "db/database.hpp"
#include "db/migrate/migrator.hpp"
#include "db/open_database.hpp"
#include "support/migrated_postgres.hpp"
#include "support/postgres.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::test {

// SeededRandom for several threads: which of them gets which bytes is open, what bytes there are is not.
class SharedSeededRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> bytes) override {
        const std::lock_guard lock(mutex_);
        random_.fill(bytes);
    }

  private:
    std::mutex mutex_;
    SeededRandom random_{1};
};

// Migrated once for all tests of this process; each test gets a copy.
inline const std::string& migrated_sqlite() {
    static const TempFolder folder;
    static const std::string original = [] {
        const std::string file = folder / "migrated";
        db::migrate_up(*db::open_sqlite_admin(file));
        return file;
    }();
    return original;
}

class OnEveryDatabase : public ::testing::TestWithParam<db::EngineKind> {
  protected:
    void SetUp() override {
        if (GetParam() == db::EngineKind::sqlite) {
            std::filesystem::copy_file(migrated_sqlite(), file_);
            admin_ = db::open_sqlite_admin(file_);
            database_ = std::make_unique<db::Database>(open_engine(context_));
            return;
        }
        if (!PostgresServer::is_installed() && std::getenv("LODESTONE_TEST_POSTGRES") == nullptr)
            GTEST_SKIP() << "PostgreSQL is not installed";
        postgres_.emplace();
        admin_ = db::open_postgres_admin((*postgres_)->url(), std::chrono::seconds(10));
        database_ = std::make_unique<db::Database>(open_engine(context_));
    }
    void TearDown() override {
        if (database_) database_->engine().stop();
    }

    // Runs `function` as one transaction and waits for it.
    template <class Function>
    auto write(Function function, db::Unit unit = {.actor = "alice", .request_id = "request-1"}) {
        return database_->write_now(std::move(unit), std::move(function));
    }
    template <class Function>
    auto read(Function function) {
        return database_->read_now(db::Unit{}, std::move(function));
    }
    // What is refused, as "code: sentence"; empty when nothing is.
    template <class Function>
    std::string refusal_of(Function function) {
        try {
            write(std::move(function));
        } catch (const Problem& problem) {
            return std::string(problem.kind().code) + ": " + problem.detail();
        }
        return {};
    }
    // One plain statement on a connection beside the program's; the first value of its answer.
    std::string run_sql(const std::string& sql) {
        const auto rows = admin_->list_rows(sql);
        return rows.empty() ? std::string() : rows.front().front().value_or("");
    }

    // One more on the same database: another node, or process.
    std::unique_ptr<db::Engine> open_engine(Context& context, const db::Lacks& lacks = {}) const {
        if (GetParam() == db::EngineKind::sqlite) return db::open_sqlite({.path = file_}, context);
        return db::open_postgres({.url = (*postgres_)->url(), .lacks = lacks}, context);
    }

    db::Database& database() { return *database_; }
    Context& context() { return context_; }
    FakeClock& clock() { return clock_; }
    template <class IdType>
    IdType new_id() {
        return make_id<IdType>(clock_, random_);
    }

  private:
    TempFolder folder_;
    std::string file_ = folder_ / "database";
    FakeClock clock_;
    SharedSeededRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::info, .file = folder_ / "log"}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
    std::optional<MigratedPostgres> postgres_;
    std::unique_ptr<db::AdminConnection> admin_;
    std::unique_ptr<db::Database> database_;
};

// Runs `function(0)` … `function(count - 1)`, all at the same time.
inline void run_at_once(int count, const std::function<void(int)>& function) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back(function, i);
    for (std::thread& thread : threads) thread.join();
}

}  // namespace lodestone::test

#define INSTANTIATE_ON_EVERY_DATABASE(Suite)                                                           \
    INSTANTIATE_TEST_SUITE_P(                                                                          \
        , Suite,                                                                                       \
        ::testing::Values(::lodestone::db::EngineKind::sqlite, ::lodestone::db::EngineKind::postgres), \
        [](const auto& engine) {                                                                       \
            return engine.param == ::lodestone::db::EngineKind::sqlite ? "sqlite" : "postgres";        \
        })
