// The database's file: safe settings, private, and clear words when it is damaged or gone.
#include "db/database_file.hpp"

#include <gtest/gtest.h>

#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/problem.hpp"
#include "support/files.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::db {
namespace {

namespace fs = std::filesystem;

// The one value that a statement gives on a connection of the test's own.
std::string ask(const std::string& path, const char* sql) {
    sqlite3* connection = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &connection), SQLITE_OK);
    std::string value;
    const auto keep = [](void* to, int, char** values, char**) {
        *static_cast<std::string*>(to) = values[0] == nullptr ? "" : values[0];
        return 0;
    };
    EXPECT_EQ(sqlite3_exec(connection, sql, keep, &value, nullptr), SQLITE_OK) << sqlite3_errmsg(connection);
    EXPECT_EQ(sqlite3_close(connection), SQLITE_OK);
    return value;
}

std::string refusal_of(const std::string& path) {
    return find_problem([&] { DatabaseFile opened(path); }).value_or("");
}

void make_filled(const std::string& path) {
    ask(path,
        "PRAGMA journal_mode = DELETE; CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
        "INSERT INTO things SELECT i, hex(randomblob(50)) FROM n");
}

void overwrite(const std::string& path, std::streamoff at, const std::string& bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
}

TEST(DatabaseFile, WritesAheadAndIsPrivate) {
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    const mode_t before = ::umask(0022);
    DatabaseFile database(path);
    EXPECT_EQ(::umask(before), 0022u) << "the process gets its own back";
    EXPECT_EQ(ask(path, "PRAGMA journal_mode"), "wal") << "kept in the file";
    EXPECT_EQ(database.find_fault(), std::nullopt);
    for (const auto& file : test::list_files(folder / "")) {
        struct stat found{};
        ASSERT_EQ(::stat(file.c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 0777u, 0600u) << file;
    }
}

TEST(DatabaseFile, OpensWhatIsThere) {
    const test::TempFolder folder;
    make_filled(folder / "lodestone.db");
    DatabaseFile database(folder / "lodestone.db");
    EXPECT_EQ(database.find_fault(), std::nullopt);
    EXPECT_EQ(ask(folder / "lodestone.db", "SELECT count(*) FROM things"), "2000");
}

TEST(DatabaseFile, RefusesWhatIsNoDatabase) {
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    std::ofstream(path) << std::string(4096, 'x');
    EXPECT_EQ(refusal_of(path), "The database " + path + " cannot be used: file is not a database.");
    EXPECT_EQ(test::read_file(path), std::string(4096, 'x')) << "and leaves it alone";
}

TEST(DatabaseFile, RefusesADamagedDatabaseInOneSentence) {
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    for (const std::streamoff at : {std::streamoff(100), std::streamoff(4096), std::streamoff(3 * 4096)}) {
        fs::remove(path);
        make_filled(path);
        overwrite(path, at, std::string(512, '\xff'));
        const std::string refusal = refusal_of(path);
        EXPECT_TRUE(refusal.starts_with("The database " + path + " cannot be used: "))
            << at << ": " << refusal;
        EXPECT_TRUE(refusal.ends_with(".")) << refusal;
        EXPECT_EQ(refusal.find('\n'), std::string::npos) << refusal;
        EXPECT_GT(refusal.size(), path.size() + 40) << refusal;
    }
}

TEST(DatabaseFile, RefusesATruncatedDatabase) {
    const test::TempFolder folder;
    make_filled(folder / "lodestone.db");
    fs::resize_file(folder / "lodestone.db", 8192);
    EXPECT_NE(refusal_of(folder / "lodestone.db"), "");
}

TEST(DatabaseFile, SaysWhyItCannotBeOpened) {
    const test::TempFolder folder;
    const mode_t before = ::umask(0022);
    for (const std::string& path : {folder / "no/such/folder.db", folder / ""}) {
        const std::string refusal = refusal_of(path);
        EXPECT_NE(refusal.find("unable to open database file"), std::string::npos) << refusal;
        EXPECT_NE(refusal.find(path), std::string::npos) << refusal;
    }
    EXPECT_EQ(::umask(before), 0022u) << "also after a failure";
}

TEST(DatabaseFile, NoticesThatItsFileIsGone) {
    const test::TempFolder folder;
    DatabaseFile database(folder / "lodestone.db");
    fs::rename(folder / "lodestone.db", folder / "elsewhere.db");
    EXPECT_EQ(database.find_fault(), "the database file is gone");
    fs::rename(folder / "elsewhere.db", folder / "lodestone.db");
    EXPECT_EQ(database.find_fault(), std::nullopt);
}

// The descriptor still works; what is written there is lost with the process.
TEST(DatabaseFile, NoticesThatAnotherFileTookItsPlace) {
    const test::TempFolder folder;
    DatabaseFile database(folder / "lodestone.db");
    fs::rename(folder / "lodestone.db", folder / "elsewhere.db");
    std::ofstream(folder / "lodestone.db") << "";
    EXPECT_EQ(database.find_fault(), "another file took the database's place");
}

}  // namespace
}  // namespace lodestone::db
