// The runner, on both engines: up, down, redo, what it refuses, and what two of them do at once.
#include "db/migrate/migrator.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "db/migrate/catalogue.hpp"
#include "support/migrations.hpp"

namespace lodestone::db {
namespace {

using test::refusal_of;
using ::testing::HasSubstr;

class MigratorTest : public test::BothEngines {
  protected:
    std::vector<MigrationFile> files_{
        {"0001_first.up.sql", "CREATE TABLE first (id bigint PRIMARY KEY);\n"},
        {"0001_first.down.sql", "DROP TABLE first;\n"},
        {"0003_third.up.sql", "CREATE TABLE third (id bigint PRIMARY KEY);\nINSERT INTO third VALUES (1);\n"},
        {"0003_third.down.sql", "DROP TABLE third;\n"}};

    std::vector<std::string> facts() { return list_facts(read_catalogue(*open()), FactScope::one_engine); }
    std::string up(const std::vector<MigrationFile>& files) {
        const MigrationSet set = make_set(files);
        return refusal_of([&] { Migrator(*open(), set).up(); });
    }
    std::int64_t version() {
        const MigrationSet set = make_set(files_);
        return read_schema_state(*open(), set).version();
    }
};

TEST_P(MigratorTest, EveryMigrationGoesUpAndDownAndUp) {
    const auto admin = open();
    const MigrationSet& set = embedded_migrations(engine());
    Migrator migrator(*admin, set);
    std::vector<std::vector<std::string>> before{{}};
    for (const Migration& migration : set.versions) {
        EXPECT_EQ(migrator.to(migration.version).size(), 1);
        before.push_back(facts());
        migrator.redo();
        EXPECT_EQ(facts(), before.back()) << migration.up.file;
    }
    EXPECT_TRUE(migrator.up().empty()) << "no repeatables yet";
    for (std::size_t left = set.versions.size(); left > 1; --left) {
        migrator.down();
        EXPECT_EQ(facts(), before[left - 1]) << set.versions[left - 1].down->file;
    }
    migrator.down();
    EXPECT_EQ(read_catalogue(*admin).tables.size(), 1) << "only the history is left";
    migrator.up();
    EXPECT_EQ(facts(), before.back());
}

TEST_P(MigratorTest, WritesDownWhatHappened) {
    const MigrationSet set = make_set(files_);
    const auto admin = open();
    Migrator migrator(*admin, set, {.applied_by = "me@here", .program_version = "7.0"});
    migrator.up();
    migrator.down();
    const auto history = list_history(*open());
    ASSERT_EQ(history.size(), 3);
    EXPECT_EQ(history[1].version, 3);
    EXPECT_EQ(history[1].name, "third");
    EXPECT_EQ(history[1].statement_index, 2);
    EXPECT_EQ(history[1].applied_by, "me@here");
    EXPECT_EQ(history[1].program_version, "7.0");
    EXPECT_EQ(history[1].checksum, set.find(3)->up.checksum);
    EXPECT_EQ(history[1].chain, next_link(history[0].chain, history[1]));
    EXPECT_TRUE(history[1].is_done && history[1].finished_at >= history[1].started_at);
    EXPECT_EQ(history[2].direction, Direction::down);
}

TEST_P(MigratorTest, NothingOfAFailedFileIsKept) {
    files_.push_back(
        {"0004_wrong.up.sql", "CREATE TABLE fourth (id bigint);\n\nINSERT INTO nowhere VALUES (1);\n"});
    EXPECT_THAT(up(files_), HasSubstr("0004_wrong.up.sql:3 failed: "));
    EXPECT_EQ(version(), 3);
    EXPECT_EQ(read_catalogue(*open()).find("fourth"), nullptr);
    files_.back().text = "CREATE TABLE fourth (id bigint);\n";
    EXPECT_EQ(up(files_), "") << "no dirty state: the mended file just runs";
    EXPECT_EQ(version(), 4);
}

TEST_P(MigratorTest, RefusesFilesThatChanged) {
    ASSERT_EQ(up(files_), "");
    auto changed = files_;
    changed[0].text += "-- a comment\n";
    EXPECT_THAT(up(changed), HasSubstr("0001_first.up.sql was changed after it was applied"));
    auto resaved = files_;
    resaved[0].text =
        "\xef\xbb\xbf"
        "CREATE TABLE first (id bigint PRIMARY KEY);\r\n";
    EXPECT_EQ(up(resaved), "") << "line ends and byte order marks are not changes";
    const MigrationSet set = make_set(changed);
    EXPECT_EQ(Migrator(*open(), set).repair().size(), 1);
    EXPECT_EQ(up(changed), "");
    EXPECT_THAT(up(files_), HasSubstr("0001_first.up.sql was changed"));
}

TEST_P(MigratorTest, RefusesFilesThatVanished) {
    ASSERT_EQ(up(files_), "");
    const std::vector<MigrationFile> rest(files_.begin() + 2, files_.end());
    EXPECT_THAT(up(rest), HasSubstr("0001_first was applied, and its file is gone"));
    const MigrationSet set = make_set(rest);
    Migrator(*open(), set).repair();
    EXPECT_EQ(up(rest), "");
}

TEST_P(MigratorTest, RefusesFilesThatAppearedInBetween) {
    ASSERT_EQ(up(files_), "");
    files_.push_back({"0002_second.up.sql", "CREATE TABLE second (id bigint);\n"});
    EXPECT_THAT(up(files_), HasSubstr("0002_second.up.sql was never applied, but 0003_third was"));
    const MigrationSet set = make_set(files_);
    EXPECT_NE(refusal_of([&] { Migrator(*open(), set).repair(); }), "") << "that cannot be repaired away";
}

TEST_P(MigratorTest, RefusesRenamedFilesAndTouchedHistory) {
    ASSERT_EQ(up(files_), "");
    auto renamed = files_;
    renamed[0].name = "0001_other.up.sql";
    renamed[1].name = "0001_other.down.sql";
    EXPECT_THAT(up(renamed), HasSubstr("0001_other.up.sql was applied as 0001_first"));
    open()->run("UPDATE schema_history SET name = 'x' WHERE number = 1");
    EXPECT_THAT(up(files_), HasSubstr("Row 1 of schema_history (0001_x) does not follow"));
}

TEST_P(MigratorTest, AnOldProgramRefusesANewerSchema) {
    ASSERT_EQ(up(files_), "");
    const std::vector<MigrationFile> old(files_.begin(), files_.begin() + 2);
    EXPECT_THAT(up(old), HasSubstr("ahead of this program: 0003_third"));
    const MigrationSet set = make_set(old);
    EXPECT_NE(refusal_of([&] { Migrator(*open(), set).down(); }), "");
    const SchemaState state = read_schema_state(*open(), set);
    EXPECT_EQ(state.ahead.size(), 1);
    EXPECT_TRUE(state.faults.empty()) << "ahead is not diverged";
}

TEST_P(MigratorTest, RepeatablesRunWhenTheyChange) {
    files_.push_back(
        {"R__names.sql", "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT id FROM first;\n"});
    files_.push_back({"R__names.down.sql", "DROP VIEW names;\n"});
    ASSERT_EQ(up(files_), "");
    const auto size = list_history(*open()).size();
    ASSERT_EQ(up(files_), "");
    EXPECT_EQ(list_history(*open()).size(), size);
    files_[4].text = "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT id AS other FROM first;\n";
    ASSERT_EQ(up(files_), "");
    EXPECT_EQ(list_history(*open()).size(), size + 1);
    const MigrationSet set = make_set(files_);
    Migrator(*open(), set).down(2);
    EXPECT_TRUE(read_catalogue(*open()).objects.empty()) << "the view went before its table";
    Migrator(*open(), set).up();
    EXPECT_EQ(read_catalogue(*open()).objects.size(), 1);
}

TEST_P(MigratorTest, RefusesARepeatableThatVanished) {
    const MigrationFile view{"R__names.sql",
                             "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT id FROM first;\n"};
    auto with = files_;
    with.push_back(view);
    ASSERT_EQ(up(with), "");
    EXPECT_THAT(up(files_), HasSubstr("R__names was applied by version"));
    const std::vector<MigrationFile> old(files_.begin(), files_.begin() + 2);
    EXPECT_THAT(up(old), HasSubstr("ahead of this program: 0003_third")) << "an older program";
    const MigrationSet set = make_set(files_);
    const auto agreed = Migrator(*open(), set).repair();
    ASSERT_EQ(agreed.size(), 1);
    EXPECT_EQ(label_of(agreed[0]), "R__names");
    EXPECT_EQ(agreed[0].direction, Direction::forget);
    EXPECT_EQ(up(files_), "");
    EXPECT_EQ(up(with), "") << "when it comes back, it runs";
    EXPECT_EQ(list_history(*open()).back().name, "names");
}

TEST_P(MigratorTest, WhatHasNoWayBackStays) {
    files_.erase(files_.begin() + 3);
    ASSERT_EQ(up(files_), "");
    const MigrationSet set = make_set(files_);
    EXPECT_THAT(refusal_of([&] { Migrator(*open(), set).down(); }),
                HasSubstr("there is no 0003_third.down.sql"));
    EXPECT_EQ(version(), 3);
}

TEST_P(MigratorTest, ABaselineMarksWhatIsThere) {
    open()->run("CREATE TABLE first (id bigint PRIMARY KEY)");
    const MigrationSet set = make_set(files_);
    EXPECT_EQ(Migrator(*open(), set).baseline(1).size(), 1);
    EXPECT_EQ(up(files_), "");
    EXPECT_EQ(version(), 3);
    EXPECT_NE(refusal_of([&] { Migrator(*open(), set).baseline(1); }), "") << "there is a history now";
}

TEST_P(MigratorTest, TwoOfThemAtOnceDoEverythingOnce) {
    const MigrationSet set = make_set(files_);
    for (int round = 0; round < 50; ++round) {
        const test::EmptyDatabase database(engine());
        std::vector<HistoryEntry> made[2];
        const auto migrate = [&](std::vector<HistoryEntry>& entries) {
            entries = Migrator(*database.open(), set).up();
        };
        std::thread other(migrate, std::ref(made[1]));
        migrate(made[0]);
        other.join();
        EXPECT_EQ(made[0].size() + made[1].size(), 2);
        EXPECT_TRUE(read_schema_state(*database.open(), set).is_current());
    }
}

INSTANTIATE_TEST_SUITE_P(On, MigratorTest, ::testing::Values(EngineKind::sqlite, EngineKind::postgres),
                         test::engine_name);

}  // namespace
}  // namespace lodestone::db
