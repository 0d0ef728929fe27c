// `lodestone migrate`, from its words to its answers, on a data folder of the test's own.
#include <gmock/gmock.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/commands/commands.hpp"
#include "base/problem.hpp"
#include "db/check_statements.hpp"
#include "db/migrate/migrator.hpp"
#include "support/postgres.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

using ::testing::HasSubstr;

struct Answer {
    int code = 0;
    std::string out;
    std::string fault;  // of a refusal
};

class CommandMigrateTest : public ::testing::Test {
  protected:
    Answer migrate(std::vector<std::string> words) {
        words.insert(words.begin(), "migrate");
        if (words[1] != "create" && words[1] != "lint")
            words.insert(words.end(), {"--data", folder_ / "data"});
        std::ostringstream out;
        std::ostringstream err;
        Console console{.out = out, .err = err};
        Answer answer;
        answer.fault = find_problem([&] { answer.code = run_command(words, console); }).value_or("");
        answer.out = out.str();
        answer.fault += err.str();
        return answer;
    }
    boost::json::object json(std::vector<std::string> words) {
        words.emplace_back("--json");
        return boost::json::parse(migrate(std::move(words)).out).as_object();
    }
    test::TempFolder folder_;
};

TEST_F(CommandMigrateTest, TakesADatabaseUpAndDown) {
    EXPECT_EQ(migrate({"status"}).code, 1) << "pending";
    EXPECT_FALSE(std::filesystem::exists(folder_ / "data")) << "looking makes nothing";
    EXPECT_THAT(migrate({"plan"}).out,
                HasSubstr("-- 0001_base.sqlite.up.sql (up)\n-- locks: the database's write lock"));
    EXPECT_THAT(migrate({"up"}).out, HasSubstr("0001_base.sqlite.up.sql done in "));
    EXPECT_EQ(migrate({"up"}).out, "There was nothing to do.\n");
    EXPECT_THAT(migrate({"status"}).out, HasSubstr("The schema is current.\n"));
    EXPECT_EQ(migrate({"drift"}).out, "The schema is what its migrations make.\n");
    EXPECT_THAT(migrate({"dump"}).out, HasSubstr("CREATE TABLE tenants ("));
    EXPECT_EQ(json({"redo"}).at("steps").as_array().size(), 2);
    EXPECT_EQ(json({"to", "1"}).at("steps").as_array().size(),
              db::embedded_migrations(db::EngineKind::sqlite).versions.size() - 1);
    const auto status = json({"status"});
    EXPECT_EQ(status.at("state"), "pending");
    EXPECT_EQ(status.at("version"), 1);
    EXPECT_EQ(status.at("migrations").as_array()[1].as_object().at("state"), "pending");
    EXPECT_THAT(migrate({"verify"}).out, HasSubstr("The schema is pending"));
    EXPECT_EQ(migrate({"down", "9"}).code, 0);
    EXPECT_EQ(json({"status"}).at("version"), 0);
    EXPECT_THAT(migrate({"baseline", "1"}).fault,
                HasSubstr("This database has a history of migrations; a baseline is for one that has none."));
    EXPECT_EQ(migrate({"repair"}).out, "There was nothing to do.\n");
}

TEST_F(CommandMigrateTest, RefusesWhatMakesNoSense) {
    EXPECT_EQ(migrate({"to"}).fault, "lodestone: Say which VERSION.\nTry: lodestone migrate to --help\n");
    EXPECT_EQ(migrate({"to"}).code, 2);
    EXPECT_THAT(migrate({"to", "x"}).fault, HasSubstr("VERSION is a number of at least 0."));
    EXPECT_EQ(migrate({"to", "9999"}).fault, "lodestone: There is no migration 9999.\n");
    EXPECT_EQ(migrate({"to", "9999"}).code, 1);
    EXPECT_THAT(migrate({"down", "0"}).fault, HasSubstr("COUNT is a number of at least 1."));
    EXPECT_THAT(migrate({"up", "--lock-wait", "soon"}).fault, HasSubstr("--lock-wait must be a duration"));
    EXPECT_THAT(migrate({"up", "--migrations", folder_ / "nowhere"}).fault, HasSubstr("cannot be read"));
}

TEST_F(CommandMigrateTest, WritesAndLintsFiles) {
    std::filesystem::create_directory(folder_ / "files");
    EXPECT_EQ(migrate({"create", "first_things", "--migrations", folder_ / "files"}).code, 0);
    EXPECT_EQ(migrate({"create", "second", "--migrations", folder_ / "files"}).code, 0);
    EXPECT_TRUE(std::filesystem::exists(folder_ / "files/0002_second.postgres.up.sql"));
    EXPECT_EQ(migrate({"lint", "--migrations", folder_ / "files"}).code, 0);
    EXPECT_THAT(migrate({"create", "No", "--migrations", folder_ / "files"}).fault,
                HasSubstr("small letters"));
    std::ofstream(folder_ / "files/0003_bad.up.sql") << "DROP TABLE tenants;\n";
    EXPECT_THAT(migrate({"lint", "--migrations", folder_ / "files"}).out,
                HasSubstr("0003_bad.up.sql:1: drop-table: "));
    EXPECT_EQ(migrate({"lint"}).code, 0) << "our own";
}

TEST_F(CommandMigrateTest, TellsScriptsHowFarItCame) {
    std::filesystem::create_directory(folder_ / "files");
    const auto made = json({"create", "first", "--migrations", folder_ / "files"});
    EXPECT_EQ(made.at("files").as_array().size(), 3);
    std::ofstream(folder_ / "files/0001_first.sqlite.up.sql") << "CREATE TABLE first (id INTEGER) STRICT;\n";
    std::ofstream(folder_ / "files/0002_second.up.sql") << "INSERT INTO nowhere VALUES (1);\n";
    const Answer failed = migrate({"up", "--json", "--migrations", folder_ / "files"});
    EXPECT_EQ(failed.code, 1);
    EXPECT_THAT(failed.fault, HasSubstr("0002_second.up.sql:1 failed"));
    const auto answer = boost::json::parse(failed.out).as_object();
    EXPECT_EQ(answer.at("steps").as_array().size(), 1);
    EXPECT_THAT(std::string(answer.at("error").as_string()), HasSubstr("0002_second.up.sql:1 failed"));
}

// Every statement that this program is linked with, against both schemas.
TEST(Statements, FitBothSchemas) {
    test::TempFolder folder;
    const auto check = [](db::AdminConnection& admin) {
        db::migrate_up(admin);
        for (const db::StatementFault& fault : db::check_statements(admin))
            ADD_FAILURE() << fault.statement << ": " << fault.sentence;
    };
    for (const std::string_view name : {"tenant.insert", "audit.list"})
        EXPECT_TRUE(std::ranges::any_of(db::Statement::all(),
                                        [name](const auto* one) { return one->name() == name; }))
            << name << " is not linked, and so not checked";
    check(*db::open_sqlite_admin(folder / "statements.db"));
    if (!test::PostgresServer::is_installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    const test::PostgresDatabase database;
    check(*db::open_postgres_admin(database.url(), std::chrono::seconds(10)));
}

}  // namespace
}  // namespace lodestone::app
