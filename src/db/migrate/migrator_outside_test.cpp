// The runner where PostgreSQL is not transactional, or others hold locks: interrupted files, indexes built
// concurrently, the holder of the lock by name.
#include <gmock/gmock.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "db/failure.hpp"
#include "db/migrate/catalogue.hpp"
#include "db/migrate/check_schema.hpp"
#include "db/migrate/concurrent_index.hpp"
#include "support/migrations.hpp"

namespace lodestone::db {
namespace {

using test::refusal_of;
using ::testing::HasSubstr;

class MigratorOutsideTest : public test::PostgresTest {
  protected:
    std::unique_ptr<AdminConnection> open() { return database().open(); }
    test::EmptyDatabase& database() {
        if (!database_) database_.emplace(EngineKind::postgres);
        return *database_;
    }
    static MigrationSet make_set(const std::vector<MigrationFile>& files) {
        return make_migration_set(files, EngineKind::postgres);
    }
    std::string index_state(const std::string& name) {
        const std::string parameters[] = {name};
        const auto rows = open()->list_rows(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", parameters);
        return rows.empty() ? "none" : rows[0][0] == "1" ? "valid" : "invalid";
    }

    const MigrationFile table_{"0001_things.up.sql",
                               "CREATE TABLE things (id bigint PRIMARY KEY, size bigint NOT NULL);\n"
                               "INSERT INTO things SELECT i, i / 2 FROM generate_series(1, 100) i;\n"};

  private:
    std::optional<test::EmptyDatabase> database_;
};

TEST_F(MigratorOutsideTest, AnInterruptedFileGoesOnWhereItStopped) {
    const std::string text =
        "-- lodestone: no-transaction\n"
        "INSERT INTO things VALUES (1000, 0);\n"
        "CREATE UNIQUE INDEX CONCURRENTLY things_size ON things (size);\n"  // fails: sizes repeat
        "INSERT INTO things VALUES (1001, 2000);\n";
    const MigrationSet set = make_set({table_, {"0002_index.up.sql", text}});
    const std::string fault = refusal_of([&] { Migrator(*open(), set).up(); });
    EXPECT_THAT(fault, HasSubstr("0002_index.up.sql:3 failed: could not create unique index"));
    EXPECT_EQ(index_state("things_size"), "invalid");
    const SchemaState state = read_schema_state(*open(), set);
    ASSERT_TRUE(state.unfinished.has_value());
    EXPECT_EQ(state.unfinished->statement_index, 1);
    EXPECT_EQ(state.version(), 1);
    EXPECT_THAT(refusal_of([&] { check_schema(*open(), set, MigrationPolicy::check, {}); }),
                HasSubstr("0002_index was interrupted"));

    const MigrationSet changed = make_set({table_, {"0002_index.up.sql", text + "-- other\n"}});
    EXPECT_THAT(refusal_of([&] { Migrator(*open(), changed).up(); }),
                HasSubstr("its file has changed since"));
    // Whose program is older than the file knows nothing of it.
    EXPECT_THAT(refusal_of([&] {
                    const auto old = make_set({table_});
                    Migrator(*open(), old).up();
                }),
                HasSubstr("ahead of this program: 0002_index"));

    open()->run("UPDATE things SET size = id");
    EXPECT_EQ(Migrator(*open(), set).up().size(), 1);
    EXPECT_EQ(index_state("things_size"), "valid");
    EXPECT_EQ(open()->list_rows("SELECT count(*) FROM things")[0][0], "102") << "no statement ran twice";
    EXPECT_TRUE(read_schema_state(*open(), set).is_current());
}

// Nothing was done yet: the mended file begins anew, and says so in a row of its own.
TEST_F(MigratorOutsideTest, AWrongFileIsMendedAndRuns) {
    const auto with = [&](const std::string& statements) {
        return make_set({table_, {"0002_index.up.sql", "-- lodestone: no-transaction\n" + statements}});
    };
    const MigrationSet wrong = with("CREATE INDEX CONCURRENTLY things_size ON things (no_such);\n");
    EXPECT_THAT(refusal_of([&] { Migrator(*open(), wrong).up(); }), HasSubstr("\"no_such\" does not exist"));
    ASSERT_TRUE(read_schema_state(*open(), wrong).unfinished.has_value());
    const MigrationSet mended = with("CREATE INDEX CONCURRENTLY things_size ON things (size);\n");
    EXPECT_EQ(refusal_of([&] { Migrator(*open(), mended).up(); }), "");
    EXPECT_EQ(index_state("things_size"), "valid");
    EXPECT_TRUE(read_schema_state(*open(), mended).is_current());
    EXPECT_EQ(list_history(*open()).size(), 3) << "the row of the wrong file stays";
    EXPECT_FALSE(Migrator(*open(), mended).repair().size()) << "nothing is left to agree to";
}

TEST_F(MigratorOutsideTest, RepairGoesOnWithAChangedFileOrWritesItOff) {
    const std::string begin = "-- lodestone: no-transaction\nINSERT INTO things VALUES (1000, 0);\n";
    const MigrationSet wrong =
        make_set({table_, {"0002_more.up.sql", begin + "INSERT INTO nothing VALUES (1);\n"}});
    EXPECT_NE(refusal_of([&] { Migrator(*open(), wrong).up(); }), "");
    const MigrationSet shorter = make_set({table_, {"0002_more.up.sql", "-- lodestone: no-transaction\n"}});
    EXPECT_THAT(refusal_of([&] { Migrator(*open(), shorter).repair(); }), HasSubstr("has fewer"));
    const MigrationSet mended =
        make_set({table_, {"0002_more.up.sql", begin + "INSERT INTO things VALUES (1001, 0);\n"}});
    EXPECT_THAT(
        refusal_of([&] { Migrator(*open(), mended).up(); }),
        HasSubstr("`lodestone migrate repair` that the first 1 statements of what it is now are done"));
    EXPECT_EQ(Migrator(*open(), mended).repair().size(), 1);
    EXPECT_EQ(read_schema_state(*open(), mended).version(), 1) << "agreed to, and not done yet";
    EXPECT_EQ(refusal_of([&] { Migrator(*open(), mended).up(); }), "");
    EXPECT_EQ(open()->list_rows("SELECT count(*) FROM things")[0][0], "102") << "no statement ran twice";
    EXPECT_TRUE(read_schema_state(*open(), mended).is_current());

    const MigrationSet third =
        make_set({table_,
                  {"0002_more.up.sql", begin + "INSERT INTO things VALUES (1001, 0);\n"},
                  {"0003_third.up.sql",
                   "-- lodestone: no-transaction\nUPDATE things SET size = 1;\nDROP TABLE nothing;\n"},
                  {"0004_fourth.up.sql", "CREATE TABLE fourth (id bigint);\n"}});
    EXPECT_NE(refusal_of([&] { Migrator(*open(), third).up(); }), "");
    MigrationSet without = third;
    without.versions.erase(without.versions.begin() + 2);
    EXPECT_THAT(refusal_of([&] { Migrator(*open(), without).up(); }), HasSubstr("or is gone"));
    EXPECT_EQ(Migrator(*open(), without).repair().size(), 1);
    EXPECT_EQ(refusal_of([&] { Migrator(*open(), without).up(); }), "");
    EXPECT_EQ(read_schema_state(*open(), without).version(), 4);
}

// Half taken back, it is still there, and what is looked at is the file that takes it back.
TEST_F(MigratorOutsideTest, AnInterruptedWayBackIsMendedAsWell) {
    const MigrationFile up{"0002_index.up.sql", "CREATE INDEX things_size ON things (size);\n"};
    const std::string begin = "-- lodestone: no-transaction\n";
    const MigrationSet wrong =
        make_set({table_, up, {"0002_index.down.sql", begin + "DROP INDEX CONCURRENTLY no_such;\n"}});
    Migrator(*open(), wrong).up();
    EXPECT_THAT(refusal_of([&] { Migrator(*open(), wrong).down(); }),
                HasSubstr("0002_index.down.sql:2 failed"));
    EXPECT_TRUE(read_schema_state(*open(), wrong).faults.empty());
    EXPECT_EQ(read_schema_state(*open(), wrong).version(), 2);
    const MigrationSet mended =
        make_set({table_, up, {"0002_index.down.sql", begin + "DROP INDEX CONCURRENTLY things_size;\n"}});
    EXPECT_EQ(Migrator(*open(), mended).repair().size(), 1) << "or as if nobody had begun";
    EXPECT_TRUE(read_schema_state(*open(), mended).is_current());
    EXPECT_EQ(refusal_of([&] { Migrator(*open(), mended).down(); }), "");
    EXPECT_EQ(index_state("things_size"), "none");
}

// The process died after the index was built, before it was noted.
TEST_F(MigratorOutsideTest, WhatWasDoneJustBeforeTheEndIsNotDoneAgain) {
    const MigrationSet set = make_set(
        {table_,
         {"0002_index.up.sql",
          "-- lodestone: no-transaction\nCREATE INDEX CONCURRENTLY things_size ON things (size);\n"}});
    Migrator(*open(), set).up();
    open()->run("UPDATE schema_history SET is_done = false, statement_index = 0 WHERE version = 2");
    EXPECT_EQ(refusal_of([&] { Migrator(*open(), set).up(); }), "");
    EXPECT_TRUE(read_schema_state(*open(), set).is_current());
}

// The note of a statement is refused, as when the process dies before it: then the statement did not happen.
TEST_F(MigratorOutsideTest, NotesAStatementInItsOwnTransaction) {
    const MigrationSet set = make_set(
        {table_,
         {"0002_count.up.sql", "-- lodestone: no-transaction\nUPDATE things SET size = size + 1;\n"}});
    Migrator(*open(), make_set({table_})).up();
    const std::string before = open()->list_rows("SELECT sum(size) FROM things")[0][0].value_or("");
    open()->run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no notes''; "
        "END'");
    open()->run(
        "CREATE TRIGGER no_notes BEFORE UPDATE ON schema_history FOR EACH ROW EXECUTE FUNCTION refuse()");
    EXPECT_THAT(refusal_of([&] { Migrator(*open(), set).up(); }), HasSubstr("no notes"));
    EXPECT_EQ(open()->list_rows("SELECT sum(size) FROM things")[0][0], before);
    open()->run("DROP TRIGGER no_notes ON schema_history");
    EXPECT_EQ(refusal_of([&] { Migrator(*open(), set).up(); }), "");
    EXPECT_EQ(open()->list_rows("SELECT sum(size) - count(*) FROM things")[0][0], before);
}

TEST_F(MigratorOutsideTest, NamesTheHolderOfTheLock) {
    const auto holder = open();
    holder->run("SET application_name = 'the other one'");
    const Pause no_pause = [](auto) {};
    const MigrationLock lock(*holder, std::chrono::seconds(1), no_pause);
    const MigrationSet set = make_set({table_});
    const std::string fault = refusal_of(
        [&] { Migrator(*open(), set, {.lock_wait = std::chrono::seconds(2), .pause = no_pause}).up(); });
    const std::string pid = *holder->list_rows("SELECT pg_backend_pid()")[0][0];
    EXPECT_THAT(fault, HasSubstr("process " + pid + " of the server, 'the other one', connected since 20"));
}

// The build waits for every older transaction; a second instance that waited inside the server would be one.
TEST_F(MigratorOutsideTest, AnIndexIsBuiltWhileAnotherInstanceWaits) {
    const MigrationSet set = make_set(
        {table_,
         {"0002_index.up.sql",
          "-- lodestone: no-transaction\nCREATE INDEX CONCURRENTLY things_size ON things (size);\n"}});
    // The second begins to wait when the first holds the lock, and the first goes on when the second waits.
    std::mutex mutex;
    std::condition_variable changed;
    bool first_holds = false;
    bool second_waits = false;
    const auto signal = [&](bool& flag) {
        const std::lock_guard guard(mutex);
        flag = true;
        changed.notify_all();
    };
    const auto await = [&](const bool& flag) {
        std::unique_lock guard(mutex);
        changed.wait(guard, [&] { return flag; });
    };
    std::thread second([&] {
        await(first_holds);
        const auto pause = [&](auto) { signal(second_waits); };
        // Counted in pauses, which take no time here.
        const MigrateOptions options{.lock_wait = std::chrono::hours(1'000), .pause = pause};
        EXPECT_TRUE(Migrator(*open(), set, options).up().empty());
    });
    const auto report = [&](const MigrationStep& step, const HistoryEntry&) {
        if (step.version != 1) return;
        signal(first_holds);
        await(second_waits);
    };
    EXPECT_EQ(Migrator(*open(), set, {.report = report}).up().size(), 2);
    second.join();
    EXPECT_EQ(index_state("things_size"), "valid");
}

TEST_F(MigratorOutsideTest, ATableThatOthersHoldIsTriedAgain) {
    const MigrationFile add{"0002_add.up.sql",
                            "-- lodestone: lock-timeout 20ms\nALTER TABLE things ADD COLUMN more bigint;\n"};
    Migrator(*open(), make_set({table_})).up();
    const MigrationSet set = make_set({table_, add});
    const auto reader = open();
    reader->run("BEGIN");
    reader->list_rows("SELECT id FROM things LIMIT 1");
    int pauses = 0;
    const auto pause = [&](auto) {
        if (++pauses == 2) reader->run("COMMIT");
    };
    EXPECT_EQ(Migrator(*open(), set, {.pause = pause}).up().size(), 1);
    EXPECT_EQ(pauses, 2);

    reader->run("BEGIN");
    reader->list_rows("SELECT id FROM things LIMIT 1");
    const MigrationSet more = make_set(
        {table_, add, {"0003_drop.up.sql", "-- lodestone: lock-timeout 20ms\nDROP TABLE things;\n"}});
    EXPECT_THAT(refusal_of([&] { Migrator(*open(), more, {.attempts = 3, .pause = [](auto) {}}).up(); }),
                HasSubstr("0003_drop.up.sql:2 failed: canceling statement due to lock timeout"));
}

TEST(ConcurrentIndex, FindsTheName) {
    const auto name = [](std::string_view sql) {
        const auto found = find_concurrent_index(sql);
        return found ? found->name + (found->is_dropped ? " dropped" : "") : "";
    };
    EXPECT_EQ(name("CREATE INDEX CONCURRENTLY a ON t (x)"), "a");
    EXPECT_EQ(name("create unique index concurrently if not exists Big ON t (x)"), "big");
    EXPECT_EQ(name("CREATE INDEX /* now */ CONCURRENTLY \"Big One\" ON t (x)"), "Big One");
    EXPECT_EQ(name("CREATE INDEX CONCURRENTLY \"a \"\" b\" ON t (x)"), "a \" b");
    EXPECT_EQ(name("DROP INDEX CONCURRENTLY IF EXISTS a"), "a dropped");
    EXPECT_EQ(name("CREATE INDEX a ON t (x)"), "");
    EXPECT_EQ(name("CREATE INDEX CONCURRENTLY ON t (x)"), "");
    EXPECT_EQ(name("SELECT 1"), "");
}

// But for what is searched: words are a virtual table of SQLite's, which is no table to compare, and a table
// with an index of its own kind in PostgreSQL.
TEST(MigrationFiles, BothEnginesGetTheSameSchema) {
    if (!test::PostgresServer::is_installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    std::vector<std::string> facts[2];
    for (const EngineKind engine : {EngineKind::sqlite, EngineKind::postgres}) {
        const test::EmptyDatabase database(engine);
        const auto admin = database.open();
        migrate_up(*admin);
        facts[static_cast<int>(engine)] = list_facts(read_catalogue(*admin), FactScope::any_engine);
    }
    const auto words = std::erase_if(
        facts[1], [](const std::string& fact) { return fact.starts_with("table package_words: "); });
    EXPECT_GT(words, 0);
    const auto difference = compare_facts(facts[0], facts[1]);
    EXPECT_THAT(difference.missing, ::testing::IsEmpty()) << "SQLite has it, PostgreSQL has not";
    EXPECT_THAT(difference.surplus, ::testing::IsEmpty()) << "PostgreSQL has it, SQLite has not";
    EXPECT_THAT(facts[0],
                ::testing::Contains(
                    "table tenants: unique index tenants_name (name_folded) where deleted_at is null"));
}

// What belongs to a tenant is found, and can be kept apart, by its tenant first. Exceptions: finding by a
// text that names no tenant (a secret's public id, a pipeline's token: "everywhere"), counting what one
// client has begun in all of them, and purging the whole installation. And blobs, which all tenants share:
// whether anybody at all needs one is asked by the blob alone.
TEST(MigrationFiles, TheTenantLeadsEveryKey) {
    const auto admin = open_sqlite_admin(":memory:");
    migrate_up(*admin);
    int seen = 0;
    for (const CatalogueTable& table : read_catalogue(*admin).tables) {
        const auto tenant = std::ranges::find(table.columns, "tenant_id", &CatalogueColumn::name);
        if (tenant == table.columns.end() || tenant->is_nullable) continue;
        ++seen;
        EXPECT_EQ(table.primary_key.front(), "tenant_id") << table.name;
        for (const CatalogueIndex& index : table.indexes) {
            const bool is_exempt = index.name.ends_with("_public_id") || index.name.ends_with("_by_expiry") ||
                                   index.name.ends_with("_deleted") || index.name.ends_with("_by_blob") ||
                                   index.name.ends_with("_by_client") || index.name.ends_with("_everywhere");
            EXPECT_TRUE(is_exempt || index.columns.front() == "tenant_id") << index.name;
        }
        for (const CatalogueReference& reference : table.references)
            if (reference.table != "blobs")
                EXPECT_EQ(reference.columns.front(), "tenant_id") << table.name << " to " << reference.table;
    }
    EXPECT_GT(seen, 15);
}

}  // namespace
}  // namespace lodestone::db
