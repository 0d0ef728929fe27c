// The engine around its file: what it refuses to open, what it notices while it runs, and how the write-ahead
// log stays small.
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/blocked_writer.hpp"
#include "support/files.hpp"
#include "support/sqlite_database.hpp"

namespace lodestone::db {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* schema = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT) STRICT";

const Command<std::string> insert_note{"test.note.insert", "INSERT INTO notes (text) VALUES ($1)"};
const Query<std::int64_t> count_notes{"test.note.count", "SELECT count(*) FROM notes"};
const Command<> make_notes{"test.note.make", schema};
const Command<> allow_few_pages{"test.few_pages", "PRAGMA max_page_count = 12"};
const Command<> allow_many_pages{"test.many_pages", "PRAGMA max_page_count = 100000"};
const Command<> forbid_writing{"test.query_only", "PRAGMA query_only = ON"};
const Query<std::int64_t> sum_things{"test.thing.sum", "SELECT sum(length(text)) FROM things"};
const Query<std::string> journal_mode{"test.journal_mode", "PRAGMA journal_mode"};
const Query<std::int64_t> synchronous{"test.synchronous", "SELECT synchronous FROM pragma_synchronous"};
const Query<std::int64_t> foreign_keys{"test.foreign_keys", "SELECT foreign_keys FROM pragma_foreign_keys"};

auto insert(std::string text) {
    return [text = std::move(text)](Tx& tx) { tx.run(insert_note, text); };
}

std::int64_t count(test::SqliteDatabase& database) {
    return database->read_now({}, [](Tx& tx) { return tx.one(count_notes); });
}

std::string refusal_of(const std::string& path) {
    return find_problem([&] { test::SqliteDatabase opened("", {.path = path}); }).value_or("");
}

void make_filled(const std::string& path) {
    test::ask_sqlite(path,
                     "PRAGMA journal_mode = DELETE; CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT);"
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                     "INSERT INTO things SELECT i, hex(randomblob(50)) FROM n");
}

void overwrite(const std::string& path, std::streamoff at, const std::string& bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << bytes;
}

mode_t mode_of(const fs::path& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
    return found.st_mode & 0777u;
}

TEST(SqliteEngine, WritesAheadAndIsPrivate) {
    const test::TempFolder folder;
    {
        const mode_t before = ::umask(0022);
        test::SqliteDatabase database("", {.path = folder / "lodestone.db"});
        ::umask(before);
        database->write_now({}, [](Tx& tx) { tx.run(make_notes); });
        const auto files = test::list_files(folder.path());
        EXPECT_EQ(files.size(), 3u) << "the database, its log, and the log's index";
        for (const auto& file : files) EXPECT_EQ(mode_of(file), 0600u) << file;
        const EngineStatus status = database.engine().status();
        EXPECT_TRUE(status.engine.starts_with("SQLite 3.")) << status.engine;
        EXPECT_EQ(status.size, 3);
        EXPECT_EQ(status.fault, std::nullopt);
        EXPECT_GT(status.wal_bytes, 0);
    }
    EXPECT_EQ(test::list_files(folder.path()).size(), 1u) << "all is in one file at the end";
    EXPECT_EQ(test::ask_sqlite(folder / "lodestone.db", "PRAGMA journal_mode"), "wal") << "kept there";
}

TEST(SqliteEngine, SetsEveryConnectionUp) {
    test::SqliteDatabase database(schema);
    for (const WorkKind kind : {WorkKind::read, WorkKind::write}) {
        auto done = database.submit(kind, [](Tx& tx) {
            EXPECT_EQ(tx.one(journal_mode), "wal");
            EXPECT_EQ(tx.one(synchronous), 2) << "FULL";
            EXPECT_EQ(tx.one(foreign_keys), 1);
        });
        EXPECT_EQ(test::failure_of(done), std::nullopt);
    }
}

TEST(SqliteEngine, OpensWhatIsThere) {
    const test::TempFolder folder;
    make_filled(folder / "lodestone.db");
    test::SqliteDatabase database("", {.path = folder / "lodestone.db"});
    EXPECT_EQ(database.engine().status().fault, std::nullopt);
    EXPECT_EQ(database.ask("SELECT count(*) FROM things"), "2000");
}

TEST(SqliteEngine, RefusesWhatIsNoDatabase) {
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    std::ofstream(path) << std::string(4096, 'x');
    EXPECT_EQ(refusal_of(path), "The database " + path + " cannot be used: file is not a database.");
    EXPECT_EQ(test::read_file(path), std::string(4096, 'x')) << "and leaves it alone";
}

TEST(SqliteEngine, RefusesADamagedDatabaseInOneSentence) {
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
    make_filled(folder / "short.db");
    fs::resize_file(folder / "short.db", 8192);
    EXPECT_NE(refusal_of(folder / "short.db"), "");
}

TEST(SqliteEngine, SaysWhyItCannotBeOpened) {
    const test::TempFolder folder;
    for (const std::string& path : {folder / "no/such/folder.db", folder / ""}) {
        const std::string refusal = refusal_of(path);
        EXPECT_NE(refusal.find("unable to open database file"), std::string::npos) << refusal;
        EXPECT_NE(refusal.find(path), std::string::npos) << refusal;
    }
}

// As somebody who may read the file and nothing else; root may write to everything.
TEST(SqliteEngine, RefusesAFileThatItMayOnlyRead) {
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    make_filled(path);
    fs::permissions(path, fs::perms(0444));
    fs::permissions(folder.path(), fs::perms(0777));
    constexpr uid_t nobody = 65534;
    const bool is_root = ::geteuid() == 0;
    if (is_root) ASSERT_EQ(::seteuid(nobody), 0);
    const std::string refusal = refusal_of(path);
    if (is_root) ASSERT_EQ(::seteuid(0), 0);
    EXPECT_EQ(refusal, "The database " + path + " cannot be used: it can only be read.");
}

TEST(SqliteEngine, AcknowledgesNothingOnceItsFileIsGone) {
    test::SqliteDatabase database(schema);
    const std::string elsewhere = database.folder() / "elsewhere.db";
    const struct {
        std::function<void()> prepare;
        const char* fault;
    } cases[] = {
        {[] {}, "the database file is gone"},
        // The descriptor still works; what is written there is lost with the process.
        {[&] { std::ofstream(database.path()) << ""; }, "another file took the database's place"},
    };
    for (const auto& [prepare, fault] : cases) {
        fs::rename(database.path(), elsewhere);
        prepare();
        EXPECT_EQ(database.engine().status().fault, fault);
        auto done = database.submit(WorkKind::write, insert("lost"));
        EXPECT_EQ(test::failure_of(done), Failure::unavailable) << fault;
        fs::rename(elsewhere, database.path());
        EXPECT_EQ(database.engine().status().fault, std::nullopt);
    }
    database->write_now({}, insert("kept"));
    EXPECT_EQ(database.ask("SELECT group_concat(text) FROM notes"), "kept");
}

// SQLite gives up the whole transaction of a group with the unit that found no space.
TEST(SqliteEngine, SparesOthersWhenOneFindsNoSpace) {
    test::SqliteDatabase database(schema, {}, {.group_time = 1h, .idle_after = 1h});
    database->write_now({}, [](Tx& tx) { tx.run(allow_few_pages); });
    std::vector<std::future<void>> good;
    std::vector<std::future<void>> large;
    {
        const test::BlockedWriter blocked(database);
        for (int i = 0; i < 3; ++i) {
            good.push_back(database.submit(WorkKind::write, insert("small")));
            large.push_back(database.submit(WorkKind::write, insert(std::string(200'000, 'x'))));
        }
    }
    for (auto& one : good) EXPECT_EQ(test::failure_of(one), std::nullopt);
    for (auto& one : large) EXPECT_EQ(test::failure_of(one), Failure::full);
    EXPECT_EQ(count(database), 3);
    database->write_now({}, [](Tx& tx) { tx.run(allow_many_pages); });
    database->write_now({}, insert(std::string(200'000, 'x')));
    EXPECT_EQ(count(database), 4);
}

TEST(SqliteEngine, TellsThatItCannotWrite) {
    test::SqliteDatabase database(schema, {}, {.idle_after = 1h});
    database->write_now({}, [](Tx& tx) { tx.run(forbid_writing); });
    auto done = database.submit(WorkKind::write, insert("no"));
    EXPECT_EQ(test::failure_of(done), Failure::read_only);
    EXPECT_NE(database.engine().status().fault, std::nullopt);
    EXPECT_EQ(count(database), 0) << "reading goes on";
}

// A page that went bad after the start, in the middle of a table.
TEST(SqliteEngine, TellsThatAReadFoundDamage) {
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    make_filled(path);
    test::SqliteDatabase database("", {.path = path}, {.idle_after = 1h});
    overwrite(path, 8 * 4096, std::string(4096, '\xff'));
    auto done = database.submit(WorkKind::read, [](Tx& tx) { tx.one(sum_things); });
    EXPECT_EQ(test::failure_of(done), Failure::damaged);
    const std::string fault = database.engine().status().fault.value_or("");
    EXPECT_TRUE(fault.starts_with("the last read found damage: ")) << fault;
}

// Some 60 MB, and the damage in what is looked at last: with time enough it is found, with none the start
// does not wait for it. Whoever reads it finds it later.
TEST(SqliteEngine, ChecksALargeFileOnlyAsLongAsItMay) {
    const test::TempFolder folder;
    const std::string path = folder / "lodestone.db";
    test::ask_sqlite(path,
                     "PRAGMA synchronous = OFF; CREATE TABLE things (id INTEGER PRIMARY KEY, text TEXT);"
                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
                     "INSERT INTO things SELECT i, printf('%0300d', i) FROM n;"
                     "CREATE TABLE last (id INTEGER PRIMARY KEY); INSERT INTO last VALUES (1)");
    const int page =
        std::stoi(test::ask_sqlite(path, "SELECT rootpage FROM sqlite_schema WHERE name = 'last'"));
    overwrite(path, (page - 1) * 4096, std::string(4096, '\xff'));
    const SystemClock clock;
    const auto open = [&](std::chrono::milliseconds time) {
        return find_problem([&] {
                   const SqliteConnection opened(
                       {.path = path, .role = ConnectionRole::writer, .check_time = time}, clock);
               })
            .value_or("");
    };
    EXPECT_NE(open(1h), "");
    // On a machine that has more to do, the check may be through before anybody gets to interrupt it.
    bool was_cut_short = false;
    for (int tries = 0; tries < 100 && !was_cut_short; ++tries) was_cut_short = open(0ms).empty();
    EXPECT_TRUE(was_cut_short);
}

TEST(SqliteEngine, KeepsTheLogSmall) {
    test::SqliteDatabase database(schema, {}, {.idle_after = 1h, .checkpoint_pages = 20});
    for (int i = 0; i < 200; ++i) database->write_now({}, insert("x"));
    EXPECT_LT(database.engine().status().wal_bytes, 60 * 4096);
    EXPECT_GT(test::metric(database, "lodestone_db_checkpoints_total"), 5);
}

TEST(SqliteEngine, EmptiesTheLogWhenIdle) {
    test::SqliteDatabase database(schema, {}, {.idle_after = 1ms});
    database->write_now({}, insert("x"));
    test::wait_until([&] { return database.engine().status().wal_bytes == 0; });
    EXPECT_EQ(count(database), 1);
}

// It cannot be emptied while somebody reads an old snapshot, but nobody waits for long, and it is made up
// for.
TEST(SqliteEngine, OutlivesALongReader) {
    test::SqliteDatabase database(
        schema, {},
        {.idle_after = 1h, .checkpoint_pages = 20, .wal_cap_pages = 100, .checkpoint_patience = 1ms});
    database->write_now({}, insert("x"));
    std::promise<void> release;
    std::promise<void> started;
    auto reading = database.submit(WorkKind::read, [&](Tx& tx) {
        EXPECT_EQ(tx.one(count_notes), 1);
        started.set_value();
        release.get_future().wait();
        EXPECT_EQ(tx.one(count_notes), 1) << "still the same snapshot";
    });
    started.get_future().wait();
    for (int i = 0; i < 300; ++i) database->write_now({}, insert("x"));
    EXPECT_GT(database.engine().status().wal_bytes, 250 * 4096);
    release.set_value();
    EXPECT_EQ(test::failure_of(reading), std::nullopt);
    for (int i = 0; i < 300; ++i) database->write_now({}, insert("x"));
    EXPECT_LT(database.engine().status().wal_bytes, 250 * 4096);
    EXPECT_EQ(count(database), 601);
}

TEST(SqliteEngine, LivesInMemory) {
    std::string path;
    {
        test::SqliteDatabase database("", {.path = ":memory:"});
        path = database.engine().path();
        database->write_now({}, [](Tx& tx) { tx.run(make_notes); });
        database->write_now({}, insert("x"));
        EXPECT_EQ(count(database), 1);
        EXPECT_EQ(test::ask_sqlite(path, "SELECT count(*) FROM notes"), "1") << "others can join";
        test::SqliteDatabase other("", {.path = ":memory:"});
        EXPECT_NE(other.engine().path(), path);
    }
    EXPECT_FALSE(fs::exists(fs::path(path).parent_path()));
}

// As in a test, or while one is being replaced; the metrics are of both.
TEST(SqliteEngine, SharesAProcess) {
    test::SqliteDatabase database(schema);
    SqliteEngine second({.path = database.path()}, {}, database.context());
    Database other(std::make_unique<SqliteEngine>(SqliteOptions{.path = database.path()}, SqliteTuning{},
                                                  database.context()));
    other.write_now({}, insert("x"));
    database->write_now({}, insert("y"));
    EXPECT_EQ(count(database), 2);
    EXPECT_EQ(test::metric(database, "lodestone_db_commits_total"), 2);
}

}  // namespace
}  // namespace lodestone::db
