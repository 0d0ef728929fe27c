// Backups of a database that is being written to, and restoring only what is whole.
#include "db/backup.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "support/files.hpp"
#include "support/sqlite_database.hpp"

namespace lodestone::db {
namespace {

namespace fs = std::filesystem;

constexpr const char* schema =
    "CREATE TABLE pairs (id INTEGER PRIMARY KEY, left_side TEXT, right_side TEXT) STRICT;"
    "CREATE TABLE children (pair INTEGER REFERENCES pairs);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
    "INSERT INTO pairs SELECT i, hex(randomblob(100)), 'x' FROM n";

const Command<std::string> change_both{
    "test.backup.change", "UPDATE pairs SET left_side = $1, right_side = $1 WHERE id IN (1, 2500, 5000)"};

std::string refusal_of(const std::function<void()>& function) {
    return find_problem(function).value_or("");
}

TEST(Backup, CopiesOneSnapshotWhileOthersWrite) {
    test::SqliteDatabase database(schema);
    database->write_now({}, [](Tx& tx) { tx.run(change_both, "first"); });
    const test::TempFolder elsewhere;
    const std::string copy = "/" + (elsewhere / "odd name?#%.db");  // "//x" is a path, and no host of a URI
    ASSERT_TRUE(copy.starts_with("//"));
    std::atomic<bool> is_over{false};
    std::thread writer([&] {
        for (int i = 0; !is_over; ++i)
            database->write_now({}, [i](Tx& tx) { tx.run(change_both, std::to_string(i)); });
    });
    std::int64_t last = 0;
    std::int64_t of = 0;
    for (int i = 0; i < 3; ++i)
        backup_sqlite(database.path(), copy, [&](std::int64_t done, std::int64_t total) {
            EXPECT_LE(done, total);
            last = done;
            of = total;
        });
    is_over = true;
    writer.join();
    EXPECT_EQ(last, of);
    EXPECT_GT(of, 250);
    EXPECT_EQ(test::ask_sqlite(copy,
                               "SELECT count(DISTINCT left_side || right_side) FROM pairs "
                               "WHERE id IN (1, 2500, 5000)"),
              "1");
    EXPECT_EQ(test::ask_sqlite(copy, "SELECT count(*) FROM pairs"), "5000");
    struct stat found{};
    ASSERT_EQ(::stat(copy.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777u, 0600u);
    for (const auto& file : test::list_files(elsewhere.path()))
        EXPECT_EQ(file.string().find("partial"), std::string::npos) << file;
}

TEST(Backup, RefusesToReplaceWhatAServerHasOpen) {
    test::SqliteDatabase database(schema);
    const test::TempFolder elsewhere;
    const std::string folder = database.folder().path();
    fs::create_directory(folder + "/copies");
    fs::create_directory_symlink(folder, elsewhere / "link");
    database->write_now({}, [](Tx& tx) { tx.run(change_both, "in the log"); });
    const std::string log = test::read_file(database.path() + "-wal");
    ASSERT_FALSE(log.empty());
    const struct {
        std::string to;
        const char* reason;
    } cases[] = {
        {database.path(), "the target is the database itself"},
        {database.path() + "-wal", "the database's own "},
        {database.path() + "-shm", "the database's own "},
        {database.path() + "-journal", "inside the database's own folder"},
        {folder + "/copies/../copies/copy.db", "inside the database's own folder"},
        {"/" + folder + "/copy.db", "inside the database's own folder"},
        {elsewhere / "link/copies/copy.db", "inside the database's own folder"},
    };
    for (const auto& [to, reason] : cases) {
        const std::string refusal = refusal_of([&] { backup_sqlite(database.path(), to); });
        EXPECT_NE(refusal.find(reason), std::string::npos) << to << ": " << refusal;
    }
    EXPECT_EQ(test::read_file(database.path() + "-wal"), log);
    fs::create_directory_symlink(elsewhere.path(), folder + "/copies/away");
    backup_sqlite(database.path(), folder + "/copies/away/copy.db");
    EXPECT_TRUE(fs::exists(elsewhere / "copy.db")) << "it is where the folder is, however it is spelt";
}

TEST(Backup, RefusesWhatCannotBeCopied) {
    const test::TempFolder folder;
    const test::TempFolder copies;
    test::ask_sqlite(folder / "good.db", schema);
    std::ofstream(folder / "bad.db") << std::string(8192, 'x');
    fs::copy(folder / "good.db", folder / "torn.db");
    std::fstream(folder / "torn.db", std::ios::in | std::ios::out).seekp(20 * 4096)
        << std::string(4096, '\xff');
    const struct {
        std::string from;
        std::string to;
        const char* reason;
    } cases[] = {
        {"none.db", "copy.db", "unable to open database file"},
        {"bad.db", "copy.db", "file is not a database"},
        {"torn.db", "copy.db", "not a whole database"},
        {"good.db", "no/copy.db", "No such file or directory"},
    };
    for (const auto& [from, to, reason] : cases) {
        const std::string refusal = refusal_of([&] { backup_sqlite(folder / from, copies / to); });
        EXPECT_NE(refusal.find(reason), std::string::npos) << from << " to " << to << ": " << refusal;
    }
    EXPECT_TRUE(test::list_files(copies.path()).empty()) << "nothing is left behind";
    EXPECT_EQ(test::list_files(folder.path()).size(), 3u) << "nothing is left behind";
}

TEST(Backup, IsRestored) {
    test::SqliteDatabase database(schema);
    const test::TempFolder folder;
    backup_sqlite(database.path(), folder / "copy.db");
    restore_sqlite("/" + (folder / "copy.db"), folder / "restored.db");
    test::SqliteDatabase restored("", {.path = folder / "restored.db"});
    restored->write_now({}, [](Tx& tx) { tx.run(change_both, "again"); });
    EXPECT_EQ(restored.ask("SELECT count(*) FROM pairs"), "5000");
}

TEST(Backup, IsRestoredOnlyWhenItIsWhole) {
    const test::TempFolder folder;
    test::ask_sqlite(folder / "good.db", schema);
    test::ask_sqlite(folder / "orphans.db", std::string(schema) + "; INSERT INTO children VALUES (-1)");
    fs::copy(folder / "good.db", folder / "torn.db");
    std::fstream(folder / "torn.db", std::ios::in | std::ios::out).seekp(20 * 4096)
        << std::string(4096, '\xff');
    std::ofstream(folder / "empty.db") << "";
    std::ofstream(folder / "used.db-wal") << "";
    std::ofstream(folder / "hot.db-journal") << "";
    const struct {
        std::string from;
        std::string to;
        const char* reason;
    } cases[] = {
        {"none.db", "new.db", "it is no file, or empty"},
        {"empty.db", "new.db", "it is no file, or empty"},
        {"torn.db", "new.db", "is not a whole database"},
        {"orphans.db", "new.db", "table children has orphans"},
        {"good.db", "good.db", "is there: move it away first"},
        {"good.db", "used.db", "used.db-wal is there: move it away first"},
        {"good.db", "hot.db", "hot.db-journal is there: move it away first"},
    };
    for (const auto& [from, to, reason] : cases) {
        const std::string refusal = refusal_of([&] { restore_sqlite(folder / from, folder / to); });
        EXPECT_NE(refusal.find(reason), std::string::npos) << from << " to " << to << ": " << refusal;
    }
    EXPECT_FALSE(fs::exists(folder / "new.db"));
}

}  // namespace
}  // namespace lodestone::db
