// A disk that takes bytes and does not confirm them: whoever waits for the COMMIT is told that it is not
// known, nothing is acknowledged, and what was acknowledged before is where it was.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "support/blocked_writer.hpp"
#include "support/failing_sync.hpp"
#include "support/sqlite_database.hpp"

namespace lodestone::db {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using File = test::FailingSync::File;

constexpr const char* schema =
    "CREATE TABLE numbers (id INTEGER PRIMARY KEY, text TEXT) STRICT;"
    "CREATE TABLE committed_units (key TEXT PRIMARY KEY, committed_at INTEGER NOT NULL) STRICT;";

const Command<std::int64_t, std::string> insert_number{"test.sync.insert",
                                                       "INSERT INTO numbers VALUES ($1, $2)"};

auto insert(std::int64_t number, std::string text = "") {
    return [number, text = std::move(text)](Tx& tx) { tx.run(insert_number, number, text); };
}

// The files as they would be if the power failed now: what is in them, and nothing that only memory knows.
class Image {
  public:
    Image(const test::SqliteDatabase& database, const std::string& main_file) {
        fs::copy_file(main_file, path_);
        fs::copy_file(database.path() + "-wal", path_ + "-wal");
    }
    explicit Image(const test::SqliteDatabase& database) : Image(database, database.path()) {}
    std::string ask(const std::string& sql) const { return test::ask_sqlite(path_, sql); }

  private:
    test::TempFolder folder_;
    std::string path_ = folder_ / "image.db";
};

TEST(SqliteSync, AcknowledgesNothingThatWasNotConfirmed) {
    test::FailingSync disk;
    test::SqliteDatabase database(schema, {}, {.idle_after = 1h});
    database->write_now({}, insert(1));
    disk.fail(File::log);
    const int before = test::FailingSync::failures(File::log);
    std::array<std::future<void>, 3> done;
    {
        const test::BlockedWriter blocked(database);
        for (int at = 0; at < 3; ++at) done.at(at) = database.submit(WorkKind::write, insert(10 + at));
    }
    for (auto& one : done) EXPECT_EQ(test::failure_of(one), Failure::unknown) << "it may be on the disk";
    EXPECT_GT(test::FailingSync::failures(File::log), before);
    EXPECT_TRUE(database.engine().status().fault.has_value()) << "/ready says so";
    const Image failed(database);
    EXPECT_EQ(failed.ask("PRAGMA integrity_check"), "ok");
    EXPECT_EQ(failed.ask("SELECT count(*) FROM numbers WHERE id = 1"), "1") << "what was acknowledged";

    disk.fail(File::log, false);
    database->write_now({}, insert(2));
    EXPECT_EQ(database.engine().status().fault, std::nullopt);
    const Image healed(database);
    EXPECT_EQ(healed.ask("SELECT group_concat(id) FROM (SELECT id FROM numbers ORDER BY id)"), "1,2");
    EXPECT_EQ(healed.ask("PRAGMA integrity_check"), "ok");
}

// The client that was told "may or may not have happened" asks again under its key: it happens once.
TEST(SqliteSync, AUnitThatWasNotConfirmedMayComeAgainUnderItsKey) {
    test::FailingSync disk;
    test::SqliteDatabase database(schema, {}, {.idle_after = 1h});
    Unit unit;
    unit.idempotency_key = "once";
    disk.fail(File::log);
    auto first = database.submit(WorkKind::write, insert(1), unit);
    EXPECT_EQ(test::failure_of(first), Failure::unknown);
    disk.fail(File::log, false);
    auto second = database.submit(WorkKind::write, insert(1), unit);
    EXPECT_EQ(test::failure_of(second), std::nullopt);
    auto third = database.submit(WorkKind::write, insert(1), unit);
    EXPECT_EQ(test::failure_of(third), Failure::unique);
    EXPECT_EQ(database.ask("SELECT count(*) FROM numbers"), "1");
}

// A checkpoint whose pages were not confirmed: the log still has them all.
TEST(SqliteSync, KeepsTheLogUntilItsPagesAreConfirmed) {
    test::FailingSync disk;
    test::SqliteDatabase database(schema, {}, {.idle_after = 1h, .checkpoint_pages = 8, .wal_cap_pages = 32});
    database->write_now({}, insert(0));
    const test::TempFolder folder;
    const std::string unconfirmed = folder / "as-it-was.db";
    fs::copy_file(database.path(), unconfirmed);
    disk.fail(File::database);
    const int before = test::FailingSync::failures(File::database);
    for (int id = 1; id <= 200; ++id) database->write_now({}, insert(id, std::string(2'000, 'x')));
    EXPECT_GT(test::FailingSync::failures(File::database), before);
    const Image lost(database, unconfirmed);
    EXPECT_EQ(lost.ask("SELECT count(*) FROM numbers"), "201")
        << "with nothing of what was copied on the disk";
    EXPECT_EQ(lost.ask("PRAGMA integrity_check"), "ok");

    disk.fail(File::database, false);
    for (int id = 201; id <= 300; ++id) database->write_now({}, insert(id));
    EXPECT_LT(*database.engine().status().wal_bytes, 64 * 4'096) << "the log starts anew";
    EXPECT_EQ(database.ask("SELECT count(*) FROM numbers"), "301");
}

}  // namespace
}  // namespace lodestone::db
