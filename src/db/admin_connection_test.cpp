// What an administrator's connection leaves on the disk.
#include "db/admin_connection.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include "support/files.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::db {
namespace {

TEST(AdminConnection, MakesADatabaseForItsOwnerAlone) {
    const test::TempFolder folder;
    const mode_t before = ::umask(0022);
    const auto admin = open_sqlite_admin(folder / "lodestone.db");
    admin->run("CREATE TABLE notes (id INTEGER PRIMARY KEY) STRICT");
    ::umask(before);
    const auto files = test::list_files(folder.path());
    EXPECT_EQ(files.size(), 3u) << "the database, its log, and the log's index";
    for (const auto& file : files) {
        struct stat found{};
        ASSERT_EQ(::stat(file.c_str(), &found), 0) << file;
        EXPECT_EQ(found.st_mode & 0777u, 0600u) << file;
    }
}

TEST(AdminConnection, TakesADatabaseInMemoryForNoFile) {
    const auto admin = open_sqlite_admin(":memory:");
    admin->run("CREATE TABLE notes (id INTEGER PRIMARY KEY) STRICT");
    struct stat found{};
    EXPECT_NE(::stat(":memory:", &found), 0);
}

}  // namespace
}  // namespace lodestone::db
