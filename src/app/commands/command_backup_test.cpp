// `lodestone backup` and `restore`, from their words to a database that a server could use.
#include <gmock/gmock.h>

#include <filesystem>
#include <sstream>

#include "app/commands/commands.hpp"
#include "base/problem.hpp"
#include "db/admin_connection.hpp"
#include "db/postgres_archive.hpp"
#include "support/files.hpp"
#include "support/postgres.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class CommandBackupTest : public ::testing::Test {
  protected:
    // What was printed, or the sentence of a refusal.
    std::string run(std::vector<std::string> words, Environment environment = {}) {
        std::ostringstream out;
        std::ostringstream err;
        Console console{.out = out, .err = err, .environment = std::move(environment)};
        const auto fault = find_problem([&] { run_command(words, console); });
        return fault ? *fault : out.str() + err.str();
    }
    std::string database() { return folder_ / "data/lodestone.db"; }
    test::TempFolder folder_;
};

TEST_F(CommandBackupTest, GoesThereAndBack) {
    EXPECT_THAT(run({"backup", "--data", folder_ / "data", folder_ / "copy"}),
                HasSubstr("There is no database"));
    run({"migrate", "up", "--data", folder_ / "data"});
    db::open_sqlite_admin(database())->run("INSERT INTO committed_units VALUES ('one', 1)");
    EXPECT_THAT(run({"backup", "--data", folder_ / "data", folder_ / "copy"}),
                HasSubstr("copy holds the database, checked"));
    EXPECT_THAT(run({"restore", "--data", folder_ / "data", folder_ / "copy"}),
                HasSubstr("is there: move it away first"));

    EXPECT_THAT(run({"restore", "--data", folder_ / "other", folder_ / "copy"}),
                HasSubstr("other has the database from"));
    const auto rows =
        db::open_sqlite_admin(folder_ / "other/lodestone.db")->list_rows("SELECT key FROM committed_units");
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_EQ(rows[0][0], "one");
    EXPECT_THAT(run({"migrate", "verify", "--data", folder_ / "other"}), HasSubstr("fit together"));
}

TEST_F(CommandBackupTest, ShowsHowFarItIsToWhoLooksOn) {
    run({"migrate", "up", "--data", folder_ / "data"});
    const auto shown = [&](bool is_terminal, std::vector<std::string> words) {
        std::ostringstream out;
        std::ostringstream err;
        Console console{.out = out, .err = err, .err_is_terminal = is_terminal};
        EXPECT_EQ(run_command(words, console), 0);
        return err.str();
    };
    const std::vector<std::string> backup{"backup", "--data", folder_ / "data", folder_ / "copy"};
    EXPECT_THAT(shown(true, backup),
                ContainsRegex("^\rCopied [0-9]+ %(.|\r)*\rCopied 100 %\n$|^\rCopied 100 %\n$"));
    EXPECT_EQ(shown(false, backup), "") << "a script's log has no use for it";
    EXPECT_EQ(shown(true, {"backup", "--json", "--data", folder_ / "data", folder_ / "copy"}), "");
    EXPECT_THAT(shown(true, {"restore", "--data", folder_ / "new", folder_ / "copy"}),
                HasSubstr("\rCopied 100 %\n"));
}

TEST_F(CommandBackupTest, RefusesWhatIsNoCopy) {
    test::write_file(folder_ / "nonsense", "not a database at all, though long enough to look at");
    EXPECT_NE(run({"restore", "--data", folder_ / "data", folder_ / "nonsense"}), "");
    EXPECT_FALSE(std::filesystem::exists(database()));
    EXPECT_THAT(run({"restore", "--data", folder_ / "data"}), HasSubstr("Say which FILE."));
}

TEST_F(CommandBackupTest, RestoresOnlyWhatThisProgramCanServeFrom) {
    const auto restore = [&] { return run({"restore", "--data", folder_ / "new", folder_ / "copy"}); };
    db::open_sqlite_admin(folder_ / "copy")->run("CREATE TABLE bookmarks (url TEXT) STRICT");
    EXPECT_THAT(restore(), HasSubstr("copy is not a backup of Lodestone: it has no history"));

    run({"migrate", "up", "--data", folder_ / "data"});
    const auto copy_after = [&](const std::string& change) {
        std::filesystem::remove(folder_ / "copy");
        run({"backup", "--data", folder_ / "data", folder_ / "copy"});
        db::open_sqlite_admin(folder_ / "copy")->run(change);
    };
    copy_after("UPDATE schema_history SET checksum = 'another' WHERE version = 1");
    EXPECT_THAT(restore(), HasSubstr("have parted"));
    EXPECT_FALSE(std::filesystem::exists(folder_ / "new/lodestone.db"));
    for (const auto& file : test::list_files(folder_ / "new"))
        EXPECT_EQ(file.string().find("partial"), std::string::npos) << file << " is left behind";

    run({"migrate", "to", "1", "--data", folder_ / "data"});
    copy_after("VACUUM");
    EXPECT_THAT(restore(), HasSubstr("new has the database from")) << "older than the program is fine";
}

TEST_F(CommandBackupTest, NamesPostgresOwnToolsAndChecksWhatTheyWrote) {
    if (!test::PostgresServer::is_installed()) GTEST_SKIP() << "PostgreSQL is not installed";
    const test::PostgresDatabase database(test::PostgresServer::shared());
    const Environment environment{{"DATABASE_URL", database.url()}};
    const auto with_data = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"--data", folder_ / "data"});
        return run(std::move(words), environment);
    };
    with_data({"migrate", "up"});
    EXPECT_THAT(with_data({"backup", folder_ / "dump"}), HasSubstr("pg_dump --format=custom"));
    test::write_file(folder_ / "dump", "PGDMP, but nothing in it");
    EXPECT_THAT(with_data({"backup", folder_ / "dump"}),
                ContainsRegex("does not hold the rows of .*audit, .*committed_units"));
    test::write_file(folder_ / "dump", "-- PostgreSQL database dump");
    EXPECT_THAT(with_data({"backup", folder_ / "dump"}), HasSubstr("is not what `pg_dump"));

    const auto dump = [&](const std::string& option) {
        std::filesystem::remove(folder_ / "dump");
        const auto tool = test::start_program({test::PostgresServer::bin() / "pg_dump", "--format=custom",
                                               option, "--file=" + (folder_ / "dump"), database.url()},
                                              folder_ / "pg_dump.log");
        ASSERT_EQ(test::wait_for_exit(tool), 0) << test::read_file(folder_ / "pg_dump.log");
    };
    dump("--schema-only");
    EXPECT_THAT(with_data({"backup", folder_ / "dump"}),
                ContainsRegex("does not hold the rows of .*audit, "));
    dump("--exclude-table-data=tenants");
    EXPECT_THAT(with_data({"backup", folder_ / "dump"}), HasSubstr("does not hold the rows of tenants."));
    dump("--compress=6");
    EXPECT_THAT(with_data({"backup", folder_ / "dump"}),
                AllOf(HasSubstr("dump holds all "), HasSubstr("read it to its end")));
    std::filesystem::copy(folder_ / "dump", folder_ / "cut");
    std::filesystem::resize_file(folder_ / "cut", std::filesystem::file_size(folder_ / "cut") - 3);
    EXPECT_THAT(with_data({"backup", folder_ / "cut"}), HasSubstr("cut cannot be restored"));
    EXPECT_EQ(db::read_archive(folder_ / "dump", folder_ / "no-pg_restore"), db::ArchiveReading::not_tried);
    EXPECT_THAT(with_data({"restore", folder_ / "dump"}), HasSubstr("fit together"));

    const test::PostgresDatabase empty(test::PostgresServer::shared());
    EXPECT_THAT(
        run({"restore", folder_ / "dump", "--data", folder_ / "data"}, {{"DATABASE_URL", empty.url()}}),
        HasSubstr("pg_restore --exit-on-error"));
}

}  // namespace
}  // namespace lodestone::app
