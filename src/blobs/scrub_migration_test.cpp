// Taking the migration for scrubbing back: rows that lose their copy say so, and nobody is told that there is
// one.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "db/migrate/migrator.hpp"
#include "support/migrations.hpp"

namespace lodestone::blobs {
namespace {

class ScrubMigrationTest : public test::BothEngines {
  protected:
    void SetUp() override {
        BothEngines::SetUp();
        if (IsSkipped()) return;
        admin_ = open();
        migrate_to(17);
    }
    void migrate_to(std::int64_t version) {
        db::Migrator(*admin_, db::embedded_migrations(engine())).to(version);
    }
    // Of the content "a", "b" …
    void insert(int id, char content, const std::string& copy) {
        const std::string sha256 =
            (is_postgres() ? R"('\x)" : "x'") + std::to_string(60 + content - 'a') + "'";
        admin_->run("INSERT INTO blobs (id, sha256, size_bytes, state, state_at, created_at, copy_id) " +
                    ("VALUES (" + std::to_string(id)) + ", " + sha256 + ", 5, 'live', 7, 1, " + copy + ")");
    }
    std::string state_of(int id) {
        const auto rows =
            admin_->list_rows("SELECT state, withdrawn_at FROM blobs WHERE id = " + std::to_string(id));
        return rows.at(0).at(0).value_or("") + " " + rows.at(0).at(1).value_or("-");
    }

    std::unique_ptr<db::AdminConnection> admin_;
};
INSTANTIATE_TEST_SUITE_P(Engines, ScrubMigrationTest,
                         ::testing::Values(db::EngineKind::sqlite, db::EngineKind::postgres),
                         test::engine_name);

TEST_P(ScrubMigrationTest, WhatLosesItsCopyIsSentAgain) {
    insert(1, 'a', "NULL");
    insert(2, 'b', "3");
    migrate_to(16);
    EXPECT_EQ(state_of(1), "live -");
    EXPECT_EQ(state_of(2), "quarantined 7") << "or whoever sends the bytes is told that they are there";
    migrate_to(17);
    EXPECT_EQ(state_of(2), "quarantined 7");
}

}  // namespace
}  // namespace lodestone::blobs
