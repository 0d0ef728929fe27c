// Each rule of lint: what it catches, what it lets pass; and our own migrations break none.
#include "db/migrate/lint.hpp"

#include <gmock/gmock.h>

#include <set>

#include "db/migrate/plan.hpp"

namespace lodestone::db {
namespace {

struct Case {
    const char* rule;
    const char* caught;
    const char* allowed;
};

constexpr const char* no_transaction = "-- lodestone: no-transaction\n";

std::vector<Case> rule_cases() {
    return {
        {"non-concurrent-index", "CREATE UNIQUE INDEX a ON t (x);",
         "CREATE TABLE t (x bigint); CREATE INDEX a ON t (x);"},
        {"non-concurrent-drop-index", "DROP INDEX a;", "DROP VIEW a;"},
        {"non-concurrent-reindex", "REINDEX TABLE t;", "ANALYZE t;"},
        {"concurrent-in-transaction", "CREATE INDEX CONCURRENTLY a ON t (x);", "SELECT 'CONCURRENTLY';"},
        {"vacuum-in-transaction", "VACUUM t;", "ANALYZE t;"},
        {"required-column", "ALTER TABLE t ADD x bigint NOT NULL;",
         "ALTER TABLE t ADD COLUMN x bigint NOT NULL DEFAULT 0;"},
        {"volatile-default", "ALTER TABLE t ADD COLUMN x bigint DEFAULT (random() * 9)::bigint;",
         "ALTER TABLE t ADD COLUMN x bigint DEFAULT 0;"},
        {"volatile-default", "ALTER TABLE t ADD COLUMN x bigint DEFAULT next_id();",
         "ALTER TABLE t ADD COLUMN x bigint DEFAULT 0 CHECK (x > 0) REFERENCES u (y);"},
        {"volatile-default", "ALTER TABLE t ADD COLUMN x text DEFAULT lower(\"Other\"());",
         "ALTER TABLE t ADD COLUMN x numeric DEFAULT CAST(now() AS numeric(9)) + '1'::numeric(3, 1);"},
        {"generated-column", "ALTER TABLE t ADD COLUMN x bigint GENERATED ALWAYS AS (y) STORED;",
         "ALTER TABLE t ADD COLUMN x bigint;"},
        {"set-not-null", "ALTER TABLE t ALTER COLUMN x SET NOT NULL;",
         "ALTER TABLE t ALTER COLUMN x SET DEFAULT 1;"},
        {"drop-not-null", "ALTER TABLE t ALTER x DROP NOT NULL;", "ALTER TABLE t ALTER x DROP DEFAULT;"},
        {"type-change", "ALTER TABLE t ALTER x TYPE text;", "ALTER TABLE t ADD COLUMN type bigint;"},
        {"rename", "ALTER TABLE t RENAME TO u;", "ALTER TABLE t ADD COLUMN rename bigint;"},
        {"rename", "ALTER TABLE t RENAME x TO y;", "CREATE TABLE t (x bigint); ALTER TABLE t RENAME x TO y;"},
        {"foreign-key-in-place", "ALTER TABLE t ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES u (y);",
         "ALTER TABLE t ADD FOREIGN KEY (x) REFERENCES u (y) NOT VALID;"},
        {"check-in-place", "ALTER TABLE t ADD CHECK (x > 0);",
         "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID;"},
        {"unique-in-place", "ALTER TABLE t ADD CONSTRAINT c UNIQUE (x);",
         "ALTER TABLE t ADD CONSTRAINT c UNIQUE USING INDEX i;"},
        {"validate-at-once",
         "ALTER TABLE t ADD CONSTRAINT c CHECK (x > 0) NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT c;",
         "ALTER TABLE t VALIDATE CONSTRAINT c;"},
    };
}

std::vector<Case> type_and_loss_cases() {
    return {
        {"serial", "CREATE TABLE t (x bigserial);", "CREATE TABLE serial (x bigint);"},
        {"narrow-integer", "CREATE TABLE t (x int);", "CREATE TABLE t (int bigint);"},
        {"limited-text", "ALTER TABLE t ADD COLUMN x varchar(9);",
         "ALTER TABLE t ADD COLUMN x text COLLATE \"C\";"},
        {"time-type", "CREATE TABLE t (x timestamp);", "CREATE TABLE t (timestamp bigint);"},
        {"text-collation", "CREATE TABLE t (x text NOT NULL);",
         "CREATE TABLE t (x text COLLATE \"C\" NOT NULL);"},
        {"drop-table", "DROP TABLE t;", "CREATE TABLE t (x bigint); DROP TABLE t;"},
        {"drop-column", "ALTER TABLE t DROP COLUMN x;", "ALTER TABLE t DROP CONSTRAINT x;"},
        {"drop-everything", "DROP SCHEMA s;", "DROP VIEW schema;"},
        {"drop-cascade", "DROP VIEW v CASCADE;", "DROP VIEW v;"},
        {"truncate", "TRUNCATE t CASCADE;", "DELETE FROM t WHERE x = 1;"},
        {"unbounded-write", "UPDATE t SET x = 1;", "UPDATE t SET x = 1 WHERE y = 2;"},
        {"whole-table-lock", "LOCK TABLE t;", "SELECT 1;"},
        {"long-name",
         "CREATE VIEW a234567890123456789012345678901234567890123456789012345678901234 AS SELECT 1;",
         "SELECT 'a2345678901234567890123456789012345678901234567890123456789012345';"},
        {"cascade-from-tenant", "CREATE TABLE t (x bigint REFERENCES tenants (id) ON DELETE CASCADE);",
         "CREATE TABLE t (x bigint REFERENCES apps (id) ON DELETE CASCADE);"},
        {"session-setting", "SET lock_timeout = 0;", "SET LOCAL work_mem = '1GB';"},
        {"named-schema", "UPDATE public.t SET x = 1 WHERE y = 2;",
         "UPDATE t SET x = 'public.t' WHERE t.y = 2;"},
    };
}

// What Squawk looks for as well, and other spellings.
std::vector<Case> other_cases() {
    return {
        {"drop-table", "CREATE TABLE IF NOT EXISTS t (x bigint); DROP TABLE t;",
         "CREATE TABLE t (x bigint); DROP TABLE IF EXISTS t;"},
        {"if-not-exists", "CREATE TABLE IF NOT EXISTS t (x bigint);", "CREATE TABLE t (x bigint);"},
        {"whole-table-lock", "VACUUM (ANALYZE, FULL) t;", "VACUUM (ANALYZE) t;"},
        {"whole-table-lock", "VACUUM FULL t;", "VACUUM t;"},
        {"do-block", "DO $$ BEGIN DROP TABLE t; END $$;", "SELECT 'DO';"},
        {"check-in-place", "ALTER TABLE t ADD COLUMN x bigint DEFAULT 0 CHECK (x >= 0);",
         "ALTER TABLE t ADD COLUMN x bigint DEFAULT 0;"},
        {"unbounded-write", "DELETE FROM t WHERE true;", "DELETE FROM t WHERE true AND x = 1;"},
        {"unbounded-write", "UPDATE t SET x = 1 WHERE 1 = 1;", "UPDATE t SET x = 1 WHERE 1 = y;"},
        {"unbounded-write", "DELETE FROM t;", "CREATE TABLE t (x bigint); DELETE FROM t;"},
        {"session-setting", "RESET ALL;", "SELECT 'RESET ALL';"},
        {"rewrite-in-place", "ALTER TABLE t SET UNLOGGED;", "ALTER TABLE t SET (fillfactor = 70);"},
        {"rewrite-in-place", "ALTER TABLE t SET TABLESPACE fast;",
         "CREATE TABLE t (x bigint); ALTER TABLE t SET TABLESPACE fast;"},
        {"unlogged-table", "CREATE UNLOGGED TABLE t (x bigint);", "CREATE TABLE unlogged (x bigint);"},
        {"partition-in-place", "ALTER TABLE t ATTACH PARTITION p FOR VALUES IN (1);",
         "ALTER TABLE t DETACH PARTITION p CONCURRENTLY;"},
        {"refresh-in-place", "REFRESH MATERIALIZED VIEW v;", "REFRESH MATERIALIZED VIEW CONCURRENTLY v;"},
        {"trigger-off", "ALTER TABLE t DISABLE TRIGGER ALL;", "ALTER TABLE t ENABLE TRIGGER ALL;"},
        {"constrained-domain", "CREATE DOMAIN d AS bigint CHECK (value > 0);", "CREATE DOMAIN d AS bigint;"},
        {"constrained-domain", "ALTER DOMAIN d ADD CONSTRAINT c CHECK (value > 0);",
         "ALTER DOMAIN d DROP CONSTRAINT c;"},
        {"enum-type", "CREATE TYPE e AS ENUM ('a', 'b');", "CREATE TYPE e AS (x bigint);"},
        {"enum-type", "ALTER TYPE e ADD VALUE 'c';", "ALTER TYPE e OWNER TO somebody;"},
        {"server-wide", "CREATE EXTENSION pg_trgm;", "CREATE VIEW extension AS SELECT 1;"},
        {"server-wide", "ALTER ROLE r SET jit = off;", "GRANT SELECT ON t TO r;"},
    };
}

std::vector<std::string> rules_broken(const std::string& sql, EngineKind engine = EngineKind::postgres,
                                      bool is_down = false) {
    const Script script = parse_script("0001_x.up.sql", sql, engine);
    std::vector<std::string> rules;
    for (const LintFault& fault : lint(script, is_down)) rules.push_back(fault.rule);
    return rules;
}

TEST(Lint, CatchesWhatHurts) {
    std::set<std::string> tested{"not-strict", "pragma"};
    for (const std::vector<Case>& cases : {rule_cases(), type_and_loss_cases(), other_cases()}) {
        for (const Case& one : cases) {
            EXPECT_THAT(rules_broken(one.caught), ::testing::Contains(one.rule)) << one.caught;
            EXPECT_THAT(rules_broken(one.allowed), ::testing::Not(::testing::Contains(one.rule)))
                << one.allowed;
            tested.insert(one.rule);
        }
    }
    for (const LintRule& rule : lint_rules())
        EXPECT_TRUE(tested.contains(std::string(rule.name))) << rule.name;
}

TEST(Lint, KnowsASchemaFromATable) {
    const Case cases[] = {
        {"named-schema", "DROP TABLE IF EXISTS \"Other\".t;", "DROP TABLE IF EXISTS t;"},
        {"named-schema", "CREATE INDEX i ON other.t (x);",
         "CREATE INDEX i ON t (x COLLATE pg_catalog.\"C\");"},
        {"named-schema", "CREATE VIEW v AS SELECT a.x FROM t a JOIN public.u b ON a.x = b.x;",
         "CREATE VIEW v AS SELECT a.x FROM t a JOIN u b ON a.x = b.x AND a.y IS DISTINCT FROM b.y;"},
        {"named-schema", "INSERT INTO t SELECT other.make_id();", "INSERT INTO t SELECT pg_catalog.now();"},
        {"named-schema", "SELECT public.t.x FROM t;", "SELECT t.x FROM t;"},
        {"named-schema", "DO $$ BEGIN DELETE FROM public.t; END $$;",
         "DO $$ BEGIN DELETE FROM t WHERE t.x = 1; END $$;"},
        {"named-schema", "SET LOCAL search_path = public;", "SET LOCAL work_mem = '1GB';"},
        {"named-schema", "ALTER TABLE t SET SCHEMA other;", "ALTER TABLE t SET (fillfactor = 70);"},
    };
    for (const Case& one : cases) {
        EXPECT_THAT(rules_broken(one.caught), ::testing::Contains(one.rule)) << one.caught;
        EXPECT_THAT(rules_broken(one.allowed), ::testing::Not(::testing::Contains(one.rule))) << one.allowed;
    }
}

TEST(Lint, KnowsEnginesAndDirections) {
    using ::testing::ElementsAre;
    EXPECT_THAT(rules_broken("CREATE TABLE t (x INTEGER);", EngineKind::sqlite), ElementsAre("not-strict"));
    EXPECT_THAT(
        rules_broken("CREATE TABLE t (x INTEGER) STRICT; CREATE INDEX i ON t (x);", EngineKind::sqlite),
        ElementsAre());
    EXPECT_THAT(rules_broken("CREATE INDEX i ON t (x);", EngineKind::sqlite), ElementsAre());
    EXPECT_THAT(rules_broken("PRAGMA foreign_keys = OFF;", EngineKind::sqlite), ElementsAre("pragma"));
    EXPECT_THAT(rules_broken("SELECT 'PRAGMA';", EngineKind::sqlite), ElementsAre());
    EXPECT_THAT(rules_broken("DROP TABLE t; ALTER TABLE u DROP COLUMN x;", EngineKind::postgres, true),
                ElementsAre());
    EXPECT_THAT(rules_broken(std::string(no_transaction) + "CREATE INDEX CONCURRENTLY i ON t (x);"),
                ElementsAre());
}

TEST(Lint, TakesAReason) {
    using ::testing::ElementsAre;
    EXPECT_THAT(rules_broken("-- lodestone: lint-ignore drop-table because it was never used\nDROP TABLE t;"),
                ElementsAre());
    EXPECT_THAT(
        rules_broken("-- lodestone: lint-ignore drop-table because it was never used\nDROP TABLE t CASCADE;"),
        ElementsAre("drop-cascade"));
    EXPECT_THAT(rules_broken("-- lodestone: lint-ignore drop-tables because x\nSELECT 1;"),
                ElementsAre("unknown-rule"));
    EXPECT_THAT(rules_broken("-- lodestone: lint-ignore drop-table because x\nSELECT 1;"),
                ElementsAre("unused-ignore"));
}

TEST(Lint, OurOwnMigrationsPass) {
    for (const EngineKind engine : {EngineKind::sqlite, EngineKind::postgres})
        for (const LintFault& fault : lint(embedded_migrations(engine)))
            ADD_FAILURE() << fault.file << ":" << fault.line << ": " << fault.rule << ": " << fault.sentence;
}

TEST(Plan, SaysWhoWaits) {
    const auto locks = [](std::string_view sql, EngineKind engine = EngineKind::postgres) {
        return describe_locks(shape_of(split_statements(sql, engine).at(0), engine));
    };
    EXPECT_EQ(locks("ALTER TABLE t ADD COLUMN x bigint"), "ACCESS EXCLUSIVE on t: nobody reads or writes");
    EXPECT_EQ(locks("ALTER TABLE ONLY s.t VALIDATE CONSTRAINT c"),
              "SHARE UPDATE EXCLUSIVE on t: reading and writing go on");
    EXPECT_EQ(locks("CREATE INDEX i ON t (x)"), "SHARE on t: reading goes on, writing waits");
    EXPECT_EQ(locks("CREATE INDEX CONCURRENTLY i ON t (x)"),
              "SHARE UPDATE EXCLUSIVE on t: reading and writing go on");
    EXPECT_EQ(locks("CREATE TABLE t (x bigint REFERENCES u (x))"),
              "SHARE ROW EXCLUSIVE on u: reading goes on, writing waits");
    EXPECT_EQ(locks("CREATE TABLE t (x bigint)"), "none that others wait for");
    EXPECT_EQ(locks("DROP TABLE IF EXISTS t"), "ACCESS EXCLUSIVE on t: nobody reads or writes");
    EXPECT_EQ(locks("UPDATE t SET x = 1 WHERE y"),
              "ROW EXCLUSIVE on t: nobody waits but for the rows themselves");
    EXPECT_EQ(locks("CREATE STATISTICS s ON x, y FROM t"),
              "SHARE UPDATE EXCLUSIVE on t: reading and writing go on");
    EXPECT_EQ(locks("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN END $$"),
              "none that others wait for");
    EXPECT_EQ(locks("REFRESH MATERIALIZED VIEW CONCURRENTLY v"),
              "EXCLUSIVE on v: reading goes on, writing waits");
    for (const char* const sql :
         {"CREATE POLICY p ON t FOR UPDATE USING (true)",
          "CREATE OR REPLACE RULE r AS ON INSERT TO t DO ALSO NOTHING",
          "CREATE OR REPLACE VIEW t AS SELECT 1", "CREATE TABLE part PARTITION OF t DEFAULT"})
        EXPECT_EQ(locks(sql), "ACCESS EXCLUSIVE on t: nobody reads or writes") << sql;
    for (const char* const sql : {"WITH old AS (SELECT x FROM u FOR UPDATE) DELETE FROM t USING old",
                                  "WITH old AS (SELECT x FROM u) INSERT INTO ONLY s.t SELECT x FROM old ON "
                                  "CONFLICT DO UPDATE SET x = 1",
                                  "WITH gone AS (UPDATE t SET x = 1 RETURNING x) SELECT x FROM gone"})
        EXPECT_EQ(locks(sql), "ROW EXCLUSIVE on t: nobody waits but for the rows themselves") << sql;
    EXPECT_EQ(locks("SELECT x FROM t FOR NO KEY UPDATE"),
              "ROW SHARE on t: nobody waits but for the rows themselves");
    EXPECT_EQ(locks("DROP TABLE t", EngineKind::sqlite),
              "the database's write lock: reading goes on, writing waits");
}

TEST(Plan, ListsEveryStatement) {
    const MigrationSet& set = embedded_migrations(EngineKind::postgres);
    const auto plan = plan_migration(set, compare_with_history(set, {}), {});
    ASSERT_EQ(plan.size(), set.versions.size());
    EXPECT_EQ(plan[0].file, "0001_base.postgres.up.sql");
    EXPECT_EQ(plan[0].statements.size(), set.versions[0].up.statements().size());
    EXPECT_TRUE(plan[0].statements[0].sql.starts_with("CREATE TABLE committed_units"));
}

}  // namespace
}  // namespace lodestone::db
