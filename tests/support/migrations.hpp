// What tests of migrations need: an empty database on either engine, and sets of files made on the spot.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "db/admin_connection.hpp"
#include "db/migrate/migration_set.hpp"
#include "support/postgres.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::test {

// Any number of connections may be opened to it at once.
class EmptyDatabase {
  public:
    explicit EmptyDatabase(db::EngineKind engine) {
        if (engine == db::EngineKind::sqlite)
            folder_.emplace();
        else
            database_.emplace();
    }
    std::unique_ptr<db::AdminConnection> open(const db::Lacks& lacks = {}) const {
        if (folder_) return db::open_sqlite_admin(*folder_ / "test.db");
        return db::open_postgres_admin(database_->url(), std::chrono::seconds(10), db::AdminAccess::write,
                                       lacks);
    }
    // A path, or what libpq takes.
    std::string address() const { return folder_ ? *folder_ / "test.db" : database_->url(); }

  private:
    std::optional<TempFolder> folder_;
    std::optional<PostgresDatabase> database_;
};

// Tests that run on SQLite and on a real PostgreSQL.
class BothEngines : public ::testing::TestWithParam<db::EngineKind> {
  protected:
    void SetUp() override {
        if (GetParam() == db::EngineKind::postgres && !PostgresServer::is_installed() &&
            std::getenv("LODESTONE_TEST_POSTGRES") == nullptr)
            GTEST_SKIP() << "PostgreSQL is not installed";
        database_.emplace(GetParam());
    }
    db::EngineKind engine() const { return GetParam(); }
    bool is_postgres() const { return engine() == db::EngineKind::postgres; }
    std::unique_ptr<db::AdminConnection> open() const { return database_->open(); }
    const EmptyDatabase& database() const { return *database_; }

    // Files of the test's own. Types: `bigint` means the same to both engines.
    db::MigrationSet make_set(const std::vector<db::MigrationFile>& files) const {
        return db::make_migration_set(files, engine());
    }

  private:
    std::optional<EmptyDatabase> database_;
};

inline std::string engine_name(const ::testing::TestParamInfo<db::EngineKind>& info) {
    return info.param == db::EngineKind::sqlite ? "sqlite" : "postgres";
}

// What a Problem said; empty when there was none.
template <class Function>
std::string refusal_of(Function function) {
    return find_problem([&function] { function(); }).value_or("");
}

}  // namespace lodestone::test
