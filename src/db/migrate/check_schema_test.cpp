// What a server does about its schema, by policy.
#include "db/migrate/check_schema.hpp"

#include <gmock/gmock.h>

#include "support/migrations.hpp"

namespace lodestone::db {
namespace {

using test::refusal_of;
using ::testing::HasSubstr;

class CheckSchemaTest : public test::BothEngines {
  protected:
    std::string check(MigrationPolicy policy, const std::vector<MigrationFile>& files) {
        const MigrationSet set = make_set(files);
        const auto admin = open();
        return refusal_of([&] { check_schema(*admin, set, policy, {}); });
    }
    const MigrationFile first_{"0001_first.up.sql", "CREATE TABLE first (id bigint);\n"};
    const MigrationFile second_{"0002_second.up.sql", "CREATE TABLE second (id bigint);\n"};
};

TEST_P(CheckSchemaTest, SaysWhatToDo) {
    EXPECT_EQ(check(MigrationPolicy::off, {first_}), "");
    EXPECT_EQ(
        check(MigrationPolicy::check, {first_}),
        "The database's schema is behind this program: 0001_first.up.sql not applied yet. Run `lodestone "
        "migrate up`, or let the server do it with database.migrations = \"auto\".");
    EXPECT_EQ(check(MigrationPolicy::automatic, {first_, second_}), "");
    EXPECT_EQ(check(MigrationPolicy::check, {first_, second_}), "");
    EXPECT_THAT(
        check(MigrationPolicy::check, {first_}),
        HasSubstr("ahead of this program: 0002_second was applied by version unknown, and this program knows "
                  "migrations up to 0001 only. Run that version or a newer one"));
    EXPECT_THAT(check(MigrationPolicy::automatic, {first_}), HasSubstr("ahead of this program"));
    EXPECT_EQ(check(MigrationPolicy::off, {first_}), "");
    EXPECT_THAT(check(MigrationPolicy::check, {{"0001_first.up.sql", "SELECT 1;\n"}, second_}),
                HasSubstr("have parted: 0001_first.up.sql was changed after it was applied"));
}

TEST_P(CheckSchemaTest, MigratesToThisProgramsSchema) {
    const auto admin = open();
    EXPECT_TRUE(check_schema(*admin, MigrationPolicy::automatic).is_current());
    EXPECT_TRUE(check_schema(*admin, MigrationPolicy::check).is_current());
}

INSTANTIATE_TEST_SUITE_P(On, CheckSchemaTest, ::testing::Values(EngineKind::sqlite, EngineKind::postgres),
                         test::engine_name);

}  // namespace
}  // namespace lodestone::db
