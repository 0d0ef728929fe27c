// Where statements end, in both engines, and what a file of a migration may be and may hold.
#include "db/migrate/splitter.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "db/migrate/migration_set.hpp"
#include "support/files.hpp"

namespace lodestone::db {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> split(EngineKind engine, std::string_view text) {
    std::vector<std::string> parts;
    for (const SqlStatement& statement : split_statements(text, engine))
        parts.push_back(std::to_string(statement.line) + " " + std::string(statement.text));
    return parts;
}

std::string refusal(EngineKind engine, std::string_view text) {
    return find_problem([&] { split_statements(text, engine); }).value_or("");
}

constexpr auto sqlite = EngineKind::sqlite;
constexpr auto postgres = EngineKind::postgres;

TEST(Splitter, EndsStatementsAtSemicolons) {
    for (const EngineKind engine : {sqlite, postgres}) {
        EXPECT_THAT(split(engine, "SELECT 1;\n\n SELECT 2 ;SELECT 3"),
                    ElementsAre("1 SELECT 1", "3 SELECT 2", "3 SELECT 3"));
        EXPECT_THAT(split(engine, " ;; -- nothing\n/* ; */;"), ElementsAre());
        EXPECT_THAT(split(engine, "-- one;\nSELECT /* ; */ 1; -- two;\n"), ElementsAre("2 SELECT /* ; */ 1"));
        EXPECT_THAT(split(engine, "SELECT ';', 'it''s;', \"a;\"\"b\";SELECT 2"),
                    ElementsAre("1 SELECT ';', 'it''s;', \"a;\"\"b\"", "1 SELECT 2"));
        EXPECT_THAT(split(engine, "SELECT 1--2;\n;"), ElementsAre("1 SELECT 1"));
        EXPECT_THAT(split(engine, "SELECT 1 -\n-1; SELECT 'a\\'; SELECT 2"),
                    ElementsAre("1 SELECT 1 -\n-1", "2 SELECT 'a\\'", "2 SELECT 2"));
    }
}

TEST(Splitter, KnowsPostgresQuotes) {
    EXPECT_THAT(split(postgres, R"(SELECT E'a\';b', e'\\'; SELECT 2)"),
                ElementsAre(R"(1 SELECT E'a\';b', e'\\')", "1 SELECT 2"));
    EXPECT_THAT(split(postgres, "SELECT $$;$$, $a$;$$;$b$;$a$;SELECT 2"),
                ElementsAre("1 SELECT $$;$$, $a$;$$;$b$;$a$", "1 SELECT 2"));
    EXPECT_THAT(split(postgres, "SELECT a$b$ FROM t;SELECT $1;"),
                ElementsAre("1 SELECT a$b$ FROM t", "1 SELECT $1"));
    EXPECT_THAT(split(postgres, "/* a /* b; */ c; */ SELECT U&'d;';"), ElementsAre("1 SELECT U&'d;'"));
    EXPECT_THAT(split(postgres, "SELECT a[1];SELECT '[';"), ElementsAre("1 SELECT a[1]", "1 SELECT '['"));
    EXPECT_THAT(
        split(postgres,
              "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES "
              "(2));SELECT 1"),
        ElementsAre(
            "1 CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))",
            "1 SELECT 1"));
}

TEST(Splitter, KnowsPostgresRoutines) {
    const std::string body =
        "CREATE OR REPLACE FUNCTION f(x int) RETURNS int BEGIN ATOMIC\n SELECT CASE WHEN x > 1 THEN 2 END;\n "
        "SELECT 3;\nEND";
    EXPECT_THAT(split(postgres, body + ";\nSELECT 1"), ElementsAre("1 " + body, "5 SELECT 1"));
    const std::string quoted =
        "CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END; $$";
    EXPECT_THAT(split(postgres, quoted + ";SELECT 1"), ElementsAre("1 " + quoted, "1 SELECT 1"));
    EXPECT_THAT(split(postgres, "CREATE TRIGGER t BEFORE UPDATE ON a EXECUTE FUNCTION g();SELECT 1"),
                ElementsAre("1 CREATE TRIGGER t BEFORE UPDATE ON a EXECUTE FUNCTION g()", "1 SELECT 1"));
}

TEST(Splitter, KnowsSqliteTriggers) {
    const std::string body =
        "CREATE TEMP TRIGGER t AFTER INSERT ON a WHEN new.\"end\" = 1 BEGIN\n"
        "  UPDATE b SET c = CASE WHEN new.d THEN 1 ELSE 2 END;\n  SELECT [;], `;`; /* END; */\nEND";
    EXPECT_THAT(split(sqlite, body + ";\nSELECT 1;"), ElementsAre("1 " + body, "5 SELECT 1"));
    EXPECT_THAT(split(sqlite, body), ElementsAre("1 " + body));
    EXPECT_THAT(split(sqlite, "CREATE TABLE trigger_x (a);SELECT 1"),
                ElementsAre("1 CREATE TABLE trigger_x (a)", "1 SELECT 1"));
    EXPECT_THAT(split(sqlite, "DROP TRIGGER t;SELECT $$;SELECT 2"),
                ElementsAre("1 DROP TRIGGER t", "1 SELECT $$", "1 SELECT 2"));
    EXPECT_THAT(split(sqlite, "/* a /* b */ SELECT 1;"), ElementsAre("1 SELECT 1"));
}

TEST(Splitter, RefusesWhatIsNotWhole) {
    EXPECT_EQ(refusal(postgres, "SELECT 1;\nSELECT 'a"), "line 2: what begins here is never closed");
    EXPECT_NE(refusal(postgres, "SELECT $a$ $$ $b$"), "");
    EXPECT_NE(refusal(postgres, "/* /* */ SELECT 1"), "");
    EXPECT_NE(refusal(sqlite, "SELECT [a"), "");
    EXPECT_NE(refusal(postgres, "SELECT (1;"), "");
    EXPECT_NE(refusal(postgres, "SELECT 1);"), "");
    EXPECT_NE(refusal(sqlite, "CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;"), "");
    EXPECT_THAT(refusal(postgres, "\nCOPY t FROM stdin;"), HasSubstr("line 2: COPY cannot be used"));
    EXPECT_THAT(refusal(postgres, "SELECT 1;\\copy t from 'x'"), HasSubstr("psql's own commands"));
}

std::string set_refusal(const std::vector<MigrationFile>& files) {
    return find_problem([&] { make_migration_set(files, postgres); }).value_or("");
}

TEST(MigrationFileNames, SayWhatTheyAre) {
    const MigrationSet set =
        make_migration_set(std::vector<MigrationFile>{{"0002_b.up.sql", "SELECT 2;"},
                                                      {"0001_a.sqlite.up.sql", "SELECT 1;"},
                                                      {"0001_a.postgres.up.sql", "SELECT 3;"},
                                                      {"R__v.sql", "SELECT 4;"}},
                           postgres);
    ASSERT_EQ(set.versions.size(), 2);
    EXPECT_EQ(set.versions[0].up.file, "0001_a.postgres.up.sql");
    EXPECT_EQ(set.repeatables[0].name, "v");
    for (const char* name :
         {"1_a.up.sql", "0001_a.sql", "0001_A.up.sql", "0001.up.sql", "0001_.up.sql", "0000_a.up.sql",
          "R__.sql", "R__a.up.sql", "a.sql", "0001_a.mysql.up.sql", "0001_a.up.txt"})
        EXPECT_THAT(set_refusal({{name, ""}}), HasSubstr(name));
    EXPECT_THAT(set_refusal({{"0001_a.up.sql", ""}, {"0001_b.up.sql", ""}}),
                HasSubstr("another file has this version"));
    EXPECT_THAT(set_refusal({{"0001_a.up.sql", ""}, {"0001_a.postgres.up.sql", ""}}), HasSubstr("two files"));
    EXPECT_THAT(set_refusal({{"0001_a.sqlite.up.sql", ""}}),
                HasSubstr("no file to apply this on PostgreSQL"));
    EXPECT_THAT(set_refusal({{"0001_a.down.sql", ""}}), HasSubstr("no file to apply"));
}

TEST(MigrationScript, ReadsDirectives) {
    const Script script =
        parse_script("f.sql",
                     "-- What for.\n-- lodestone: no-transaction\n-- lodestone: lock-timeout 2s\n\n"
                     "-- lodestone: statement-timeout 30min\n"
                     "-- lodestone: lint-ignore drop-table because it was never used\nDROP TABLE a;\n",
                     postgres);
    EXPECT_FALSE(script.is_transactional);
    EXPECT_EQ(script.lock_timeout, std::chrono::seconds(2));
    EXPECT_EQ(script.statement_timeout, std::chrono::minutes(30));
    ASSERT_EQ(script.ignores.size(), 1);
    EXPECT_EQ(script.ignores[0].rule, "drop-table");
    EXPECT_EQ(script.ignores[0].reason, "it was never used");
    const auto refusal = [](std::string_view text, EngineKind engine = postgres) {
        return find_problem([&] { parse_script("f.sql", text, engine); }).value_or("");
    };
    EXPECT_THAT(refusal("-- lodestone: no-transactions\n"), HasSubstr("f.sql:1"));
    EXPECT_THAT(refusal("-- lodestone: lock-timeout 2\n"), HasSubstr("500ms, 2s or 30min"));
    EXPECT_THAT(refusal("-- lodestone: lock-timeout 25h\n"), HasSubstr("500ms, 2s or 30min"));
    EXPECT_THAT(refusal("-- lodestone: lint-ignore drop-table\n"), HasSubstr("because REASON"));
    EXPECT_THAT(refusal("SELECT 1;\n-- lodestone: no-transaction\n"),
                HasSubstr("f.sql:2: directives stand at the top"));
    EXPECT_THAT(refusal("SELECT 1;\nCOMMIT;\n"), HasSubstr("f.sql:2: transactions are the runner's"));
    EXPECT_THAT(refusal("ATTACH 'x' AS y;\n", sqlite), HasSubstr("one database only"));
    EXPECT_THAT(refusal("-- lodestone: no-transaction\nDROP TABLE a;\n", sqlite),
                HasSubstr("f.sql:2: outside"));
    EXPECT_THAT(refusal("SELECT '\xff';"), HasSubstr("not UTF-8"));
    EXPECT_THAT(refusal("SELECT 'a"), HasSubstr("line 1"));
}

}  // namespace
}  // namespace lodestone::db
