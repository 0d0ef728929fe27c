// Drift: a schema that somebody changed by hand; and the dump, which makes the same schema again.
#include "db/migrate/drift.hpp"

#include <gmock/gmock.h>

#include "support/golden.hpp"
#include "support/migrations.hpp"

namespace lodestone::db {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DriftTest : public test::BothEngines {};

TEST_P(DriftTest, FindsWhatSomebodyChangedByHand) {
    const auto admin = open();
    const MigrationSet& set = embedded_migrations(engine());
    EXPECT_TRUE(find_drift(*admin, set).is_empty()) << "nothing yet";
    Migrator(*admin, set).to(1);
    EXPECT_TRUE(find_drift(*admin, set).is_empty()) << "pending is not drift";
    Migrator(*admin, set).up();
    const CatalogueDifference none = find_drift(*admin, set);
    EXPECT_THAT(none.missing, IsEmpty());
    EXPECT_THAT(none.surplus, IsEmpty());

    admin->run("DROP INDEX tenants_by_name");
    admin->run("CREATE INDEX by_hand ON audit (actor)");
    const CatalogueDifference drift = find_drift(*admin, set);
    EXPECT_THAT(drift.missing,
                ElementsAre(AllOf(HasSubstr("table tenants: "), HasSubstr("tenants_by_name"))));
    EXPECT_THAT(drift.surplus, ElementsAre(AllOf(HasSubstr("table audit: "), HasSubstr("by_hand"))));
    EXPECT_TRUE(read_schema_state(*admin, set).is_current()) << "the scratch left no trace";
    if (is_postgres()) {
        EXPECT_THAT(admin->list_rows("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'lodestone_drift%'"),
                    IsEmpty());
    }
}

TEST_P(DriftTest, SeesColumnsViewsAndTriggers) {
    const MigrationSet set =
        make_set({{"0001_first.up.sql", "CREATE TABLE first (id bigint NOT NULL, size bigint);\n"},
                  {"R__views.sql", "DROP VIEW IF EXISTS ids;\nCREATE VIEW ids AS SELECT id FROM first;\n"}});
    const auto admin = open();
    Migrator(*admin, set).up();
    EXPECT_TRUE(find_drift(*admin, set).is_empty());
    EXPECT_EQ(admin->list_rows("SELECT count(*) FROM ids").size(), 1) << "the real view is still there";
    admin->run("DROP VIEW ids");
    admin->run("ALTER TABLE first ADD COLUMN more bigint DEFAULT 3");
    const CatalogueDifference drift = find_drift(*admin, set);
    EXPECT_THAT(drift.missing, Contains(HasSubstr("view ids: ")));
    EXPECT_THAT(drift.surplus, Contains(HasSubstr("table first: column more bigint default 3")));
}

struct ByHand {
    std::vector<const char*> statements;
    const char* surplus;  // part of what is there and should not be
};

std::vector<ByHand> changes_of_postgres() {
    return {
        {{"ALTER TABLE second SET UNLOGGED"}, "table second: unlogged"},
        {{"ALTER TABLE first SET (fillfactor = 70)"}, "table first: options fillfactor=70"},
        {{"ALTER TABLE first ENABLE ROW LEVEL SECURITY"}, "table first: row security"},
        {{"CREATE POLICY mine ON first FOR SELECT USING (id > 1)"},
         "permissive policy mine for r to public using (id > 1)"},
        {{"CREATE RULE quiet AS ON DELETE TO first DO INSTEAD NOTHING"}, "CREATE RULE quiet AS"},
        {{"DROP INDEX first_name", "CREATE INDEX first_name ON first (name text_pattern_ops)"},
         "(name text_pattern_ops)"},
        {{"DROP INDEX first_name", "CREATE INDEX first_name ON first (name COLLATE \"POSIX\")"},
         "(name COLLATE \"POSIX\")"},
        {{"DROP INDEX first_name", "CREATE INDEX first_name ON first (name) INCLUDE (size)"},
         "INCLUDE (size)"},
        {{"DROP INDEX first_name", "CREATE INDEX first_name ON first USING hash (name)"}, "USING hash"},
        {{"ALTER TABLE second DROP CONSTRAINT second_of",
          "ALTER TABLE second ADD CONSTRAINT second_of FOREIGN KEY (of) REFERENCES first ON UPDATE CASCADE"},
         "constraint second_of FOREIGN KEY (of) REFERENCES first(id) ON UPDATE CASCADE"},
        {{"ALTER TABLE second ALTER CONSTRAINT second_of DEFERRABLE"}, "REFERENCES first(id) DEFERRABLE"},
        {{"ALTER TABLE first DISABLE TRIGGER stamp"}, "disabled"},
        {{"ALTER FUNCTION stamp() STABLE"}, "STABLE"},
        {{"ALTER FUNCTION stamp() SECURITY DEFINER"}, "SECURITY DEFINER"},
        {{"ALTER SEQUENCE counter CYCLE"}, "cycle"},
    };
}

std::vector<ByHand> changes_of_sqlite() {
    return {
        {{"DROP INDEX first_name", "CREATE INDEX first_name ON first (name COLLATE NOCASE)"},
         "( name collate nocase )"},
        {{"DROP INDEX first_lower", "CREATE INDEX first_lower ON first (upper(name))"}, "( upper ( name ) )"},
        {{"DROP TRIGGER stamp", "CREATE TRIGGER stamp AFTER INSERT ON first BEGIN SELECT 2; END"},
         "select 2"},
    };
}

// Each alone, on a schema of its own that has one of everything.
TEST_P(DriftTest, IsBlindToNothingThatChangesWhatADatabaseDoes) {
    const std::string body =
        is_postgres()
            ? "CREATE SEQUENCE counter;\n"
              "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;\n"
              "CREATE TRIGGER stamp BEFORE INSERT ON first FOR EACH ROW EXECUTE FUNCTION stamp();\n"
            : "CREATE TRIGGER stamp AFTER INSERT ON first BEGIN SELECT 1; END;\n";
    const MigrationSet set = make_set(
        {{"0001_all.up.sql",
          "CREATE TABLE first (id bigint PRIMARY KEY, name text, size bigint);\n"
          "CREATE TABLE second (of bigint, CONSTRAINT second_of FOREIGN KEY (of) REFERENCES first (id));\n"
          "CREATE INDEX first_name ON first (name);\n"
          "CREATE INDEX first_lower ON first (lower(name));\n" +
              body}});
    for (const ByHand& change : is_postgres() ? changes_of_postgres() : changes_of_sqlite()) {
        const test::EmptyDatabase database(engine());
        const auto admin = database.open();
        Migrator(*admin, set).up();
        const CatalogueDifference none = find_drift(*admin, set);
        EXPECT_THAT(none.missing, IsEmpty());
        EXPECT_THAT(none.surplus, IsEmpty());
        for (const char* statement : change.statements) admin->run(statement);
        EXPECT_THAT(find_drift(*admin, set).surplus, ElementsAre(HasSubstr(change.surplus)))
            << change.statements.back();
    }
}

TEST_P(DriftTest, TouchesNothingReal) {
    if (!is_postgres()) return;  // SQLite's empty place is memory
    const MigrationSet set = make_set(
        {{"0001_first.up.sql", "CREATE TABLE first (id bigint NOT NULL);\n"},
         {"0002_fill.up.sql",
          "INSERT INTO public.first VALUES (1);\nCREATE TABLE public.second (id bigint);\n"},
         {"0003_index.up.sql",
          "-- lodestone: no-transaction\n"
          "CREATE INDEX CONCURRENTLY first_by_id ON first (id);\nVACUUM first;\n"},
         {"0004_more.up.sql", "-- lodestone: no-transaction\nDROP TABLE IF EXISTS public.second;\n"}});
    const auto admin = open();
    Migrator(*admin, set).up();
    admin->run("CREATE TABLE third (id bigint)");
    const auto rows = [&] { return admin->list_rows("SELECT count(*) FROM first").at(0).at(0); };
    ASSERT_EQ(rows(), "1");
    const CatalogueDifference drift = find_drift(*admin, set);
    EXPECT_THAT(drift.missing, IsEmpty()) << "an index made CONCURRENTLY is an index";
    EXPECT_THAT(drift.surplus, Contains(HasSubstr("table third")));
    EXPECT_EQ(rows(), "1") << "a statement that names the real table was taken back";
    EXPECT_EQ(admin->list_rows("SHOW search_path").at(0).at(0), "\"$user\", public");
    EXPECT_THAT(admin->list_rows("SELECT 1 FROM pg_namespace WHERE nspname LIKE 'lodestone_drift%'"),
                IsEmpty());
}

TEST_P(DriftTest, ADumpMakesTheSameSchema) {
    const auto admin = open();
    migrate_up(*admin);
    const std::string dump = dump_schema(*admin);
    const test::EmptyDatabase other(engine());
    const auto copy = other.open();
    for (const SqlStatement& statement : split_statements(dump, engine())) copy->run(statement.text);
    EXPECT_EQ(list_facts(read_catalogue(*copy), FactScope::one_engine),
              list_facts(read_catalogue(*admin), FactScope::one_engine));
    EXPECT_EQ(dump_schema(*copy), dump);
    // SQLite's is a migration, which whole_test.cpp compares.
    if (is_postgres()) lodestone::test::check_golden("tests/golden/schema.postgres.sql", dump);
}

INSTANTIATE_TEST_SUITE_P(On, DriftTest, ::testing::Values(EngineKind::sqlite, EngineKind::postgres),
                         test::engine_name);

}  // namespace
}  // namespace lodestone::db
