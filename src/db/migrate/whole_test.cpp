// The file that makes a schema at once: that it makes what the versions make, and when it runs.
#include <gmock/gmock.h>

#include <map>

#include "db/migrate/catalogue.hpp"
#include "db/migrate/drift.hpp"
#include "db/migrate/migrator.hpp"
#include "support/golden.hpp"
#include "support/migrations.hpp"

namespace lodestone::db {
namespace {

using test::EmptyDatabase;
using test::refusal_of;
using ::testing::HasSubstr;

MigrationSet without_whole(MigrationSet set) {
    set.whole.reset();
    return set;
}

// What the database has in each of its tables, also in those that a virtual one keeps for itself.
std::map<std::string, std::vector<TextRow>> list_contents(AdminConnection& admin) {
    std::map<std::string, std::vector<TextRow>> contents;
    for (const TextRow& row :
         admin.list_rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage <> 0"))
        if (row[0] != "schema_history") contents[*row[0]] = admin.list_rows("SELECT * FROM " + *row[0]);
    return contents;
}

// The history's own table is there before.
std::string dump_without_history(AdminConnection& admin) {
    std::string dump = dump_schema(admin);
    const auto begin = dump.find("\nCREATE TABLE schema_history");
    return dump.erase(begin, dump.find(";\n", begin) + 2 - begin);
}

class Whole : public ::testing::Test {
  protected:
    static MigrationSet make_set(std::vector<MigrationFile> files) {
        files.push_back({"0001_first.up.sql", "CREATE TABLE first (id bigint PRIMARY KEY);\n"});
        files.push_back({"0002_second.up.sql", "CREATE TABLE second (id bigint PRIMARY KEY);\n"});
        files.push_back({"0003_third.up.sql", "CREATE TABLE third (id bigint PRIMARY KEY);\n"});
        return make_migration_set(files, EngineKind::sqlite);
    }
    std::vector<std::string> tables() const {
        std::vector<std::string> names;
        for (const CatalogueTable& table : read_catalogue(*database_.open()).tables)
            names.push_back(table.name);
        return names;
    }

    const EmptyDatabase database_{EngineKind::sqlite};
    // One table more than the versions make, to tell who was here.
    const MigrationSet set_ =
        make_set({{"W__0002.sqlite.sql",
                   "CREATE TABLE first (id bigint PRIMARY KEY);\n"
                   "CREATE TABLE second (id bigint PRIMARY KEY);\nCREATE TABLE whole (id bigint);\n"}});
};

TEST_F(Whole, MakesWhatTheVersionsMake) {
    const MigrationSet& all = embedded_migrations(EngineKind::sqlite);
    ASSERT_TRUE(all.whole);
    ASSERT_EQ(all.whole->version, all.versions.back().version) << "rename it, and have it written anew";
    const EmptyDatabase by_versions(EngineKind::sqlite);
    const auto stepwise = by_versions.open();
    Migrator(*stepwise, without_whole(all)).to(all.whole->version);
    const std::string header =
        "-- What the versions up to this one make, for a database with nothing in it. Not written by hand:\n"
        "-- LODESTONE_ACCEPT=1 ./dev test Whole.MakesWhatTheVersionsMake\n\n";
    test::check_golden("migrations/" + all.whole->script.file, header + dump_without_history(*stepwise));
    Migrator(*stepwise, without_whole(all)).up();

    const auto at_once = database_.open();
    const auto made = Migrator(*at_once, all).up();
    EXPECT_EQ(list_facts(read_catalogue(*at_once), FactScope::one_engine),
              list_facts(read_catalogue(*stepwise), FactScope::one_engine));
    EXPECT_EQ(list_contents(*at_once), list_contents(*stepwise));
    const auto wanted = list_history(*stepwise);
    ASSERT_EQ(made.size(), wanted.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
        EXPECT_EQ(made[i].number, wanted[i].number);
        EXPECT_EQ(made[i].version, wanted[i].version);
        EXPECT_EQ(made[i].name, wanted[i].name);
        EXPECT_EQ(made[i].checksum, wanted[i].checksum);
        EXPECT_EQ(made[i].statement_index, wanted[i].statement_index);
    }
    EXPECT_TRUE(read_schema_state(*at_once, all).is_current());
}

TEST_F(Whole, IsForADatabaseWithNothingInIt) {
    Migrator(*database_.open(), set_).up();
    EXPECT_THAT(tables(),
                ::testing::UnorderedElementsAre("first", "schema_history", "second", "third", "whole"));
}

TEST_F(Whole, LeavesADatabaseWithSomethingInItToTheVersions) {
    database_.open()->run("CREATE TABLE other (id bigint)");
    Migrator(*database_.open(), set_).up();
    EXPECT_THAT(tables(),
                ::testing::UnorderedElementsAre("first", "other", "schema_history", "second", "third"));
}

TEST_F(Whole, LeavesADatabaseWithAHistoryToTheVersions) {
    Migrator(*database_.open(), set_).to(1);
    EXPECT_THAT(tables(), ::testing::UnorderedElementsAre("first", "schema_history"));
    Migrator(*database_.open(), set_).up();
    EXPECT_THAT(tables(), ::testing::UnorderedElementsAre("first", "schema_history", "second", "third"));
}

TEST_F(Whole, LeavesNothingWhenItFails) {
    const MigrationSet broken = make_set(
        {{"W__0002.sqlite.sql", "CREATE TABLE first (id bigint);\n\nCREATE TABLE first (id bigint);\n"}});
    EXPECT_THAT(refusal_of([&] { Migrator(*database_.open(), broken).up(); }),
                HasSubstr("W__0002.sqlite.sql:3"));
    EXPECT_TRUE(tables().empty());
}

TEST_F(Whole, HasAName) {
    for (const char* const name : {"W__0002.sql", "W__2.sqlite.sql", "W__0002.sqlite.up.sql",
                                   "W__0002.sqlite.down.sql", "W__0002_name.sqlite.sql", "W__.sqlite.sql"})
        EXPECT_THAT(refusal_of([&] { make_set({{name, "SELECT 1;\n"}}); }), HasSubstr("the name is none of"))
            << name;
    EXPECT_THAT(refusal_of([&] { make_set({{"W__0004.sqlite.sql", "SELECT 1;\n"}}); }),
                HasSubstr("there is no such version"));
    EXPECT_THAT(refusal_of([&] {
                    make_set({{"W__0001.sqlite.sql", "SELECT 1;\n"}, {"W__0002.sqlite.sql", "SELECT 1;\n"}});
                }),
                HasSubstr("two files"));
    EXPECT_FALSE(make_set({{"W__0004.postgres.sql", "SELECT 1;\n"}}).whole) << "it is the other engine's";
}

}  // namespace
}  // namespace lodestone::db
