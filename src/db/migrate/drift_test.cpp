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
    EXPECT_THAT(
        drift.missing,
        ElementsAre("table tenants: index tenants_by_name (name_folded, id) where deleted_at is null"));
    EXPECT_THAT(drift.surplus, ElementsAre("table audit: index by_hand (actor)"));
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
    lodestone::test::check_golden(
        is_postgres() ? "tests/golden/schema.postgres.sql" : "tests/golden/schema.sqlite.sql", dump);
}

INSTANTIATE_TEST_SUITE_P(On, DriftTest, ::testing::Values(EngineKind::sqlite, EngineKind::postgres),
                         test::engine_name);

}  // namespace
}  // namespace lodestone::db
