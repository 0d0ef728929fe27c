// Group commit: who shares a COMMIT, whose failure is whose, and what a full line, a deadline or a stop
// means.
#include "db/sqlite/writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "support/blocked_writer.hpp"
#include "support/sqlite_database.hpp"

namespace lodestone::db {
namespace {

using namespace std::chrono_literals;

constexpr const char* schema =
    "CREATE TABLE numbers (id INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE texts (text TEXT) STRICT;"
    "CREATE TABLE committed_units (key TEXT PRIMARY KEY, committed_at INTEGER NOT NULL) STRICT;"
    "CREATE TABLE accounts (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL) STRICT;"
    "INSERT INTO accounts VALUES (1, 1000), (2, 0)";

const Command<std::int64_t> insert_number{"test.number.insert", "INSERT INTO numbers VALUES ($1)"};
const Command<std::int64_t> delete_number{"test.number.delete", "DELETE FROM numbers WHERE id = $1"};
const Command<std::string> insert_text{"test.text.insert", "INSERT INTO texts VALUES ($1)"};
const Command<> count_forever{
    "test.forever.insert",
    "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n) INSERT INTO numbers SELECT i FROM n"};
const Query<std::int64_t> read_forever{
    "test.forever.read",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"};
const Command<std::int64_t, std::int64_t> move_amount{
    "test.account.add", "UPDATE accounts SET amount = amount + $2 WHERE id = $1"};
const Query<std::int64_t, std::int64_t> find_amount{"test.account.find",
                                                    "SELECT amount FROM accounts WHERE id = $1"};

// A group that no busy machine ends early: whoever waits when the blocked writer is let go belongs to it.
constexpr SqliteTuning one_group{.group_time = 1h};

auto insert(std::int64_t number) {
    return [number](Tx& tx) { tx.run(insert_number, number); };
}

std::string numbers(const test::SqliteDatabase& database) {
    return database.ask("SELECT group_concat(id) FROM (SELECT id FROM numbers WHERE id < 1000 ORDER BY id)");
}

TEST(SqliteWriter, CommitsOnceForAllThatWait) {
    test::SqliteDatabase database(schema, {}, one_group);
    std::vector<std::future<void>> done;
    {
        const test::BlockedWriter blocked(database);
        for (int i = 1; i <= 9; ++i) done.push_back(database.submit(WorkKind::write, insert(i)));
    }
    for (auto& one : done) EXPECT_EQ(test::failure_of(one), std::nullopt);
    EXPECT_EQ(numbers(database), "1,2,3,4,5,6,7,8,9");
    EXPECT_EQ(test::metric(database, "lodestone_db_commits_total"), 1);
    EXPECT_EQ(test::metric(database, "lodestone_db_batches_total", ",units=\"5-16\""), 1);
    EXPECT_EQ(test::metric(database, "lodestone_db_units_total", ",line=\"write\""), 10);
}

// Whoever was first must not wait for ever while others come.
TEST(SqliteWriter, EndsAGroupWhenItsTimeIsOver) {
    FakeClock clock;
    test::SqliteDatabase database(schema, {}, {.group_time = 10ms}, &clock);
    std::vector<std::future<void>> done;
    {
        const test::BlockedWriter blocked(database, insert(1));
        for (int i = 2; i <= 4; ++i) done.push_back(database.submit(WorkKind::write, insert(i)));
        clock.advance(10ms);
    }
    for (auto& one : done) EXPECT_EQ(test::failure_of(one), std::nullopt);
    EXPECT_EQ(numbers(database), "1,2,3,4");
    EXPECT_EQ(test::metric(database, "lodestone_db_commits_total"), 2);
    EXPECT_EQ(test::metric(database, "lodestone_db_batches_total", ",units=\"1\""), 1);
    EXPECT_EQ(test::metric(database, "lodestone_db_batches_total", ",units=\"2-4\""), 1);
}

TEST(SqliteWriter, RollsBackOnlyTheUnitThatFailed) {
    test::SqliteDatabase database(schema, {}, one_group);
    std::future<void> good;
    std::future<void> refused;
    std::future<void> taken;
    std::future<void> last;
    {
        const test::BlockedWriter blocked(database);
        good = database.submit(WorkKind::write, insert(1));
        refused = database.submit(WorkKind::write, [](Tx& tx) {
            tx.run(insert_number, 2);
            tx.run(delete_number, 1);
            throw Problem(problems::conflict, "No.");
        });
        taken = database.submit(WorkKind::write, insert(1));
        last = database.submit(WorkKind::write, insert(3));
    }
    EXPECT_EQ(test::failure_of(good), std::nullopt);
    EXPECT_THROW(refused.get(), Problem);
    EXPECT_EQ(test::failure_of(taken), Failure::unique);
    EXPECT_EQ(test::failure_of(last), std::nullopt);
    EXPECT_EQ(numbers(database), "1,3");
    EXPECT_EQ(test::metric(database, "lodestone_db_rollbacks_total"), 2);
    EXPECT_EQ(test::metric(database, "lodestone_db_errors_total", ",failure=\"unique\""), 1);
}

// The first of a transaction has no savepoint to go back to.
TEST(SqliteWriter, SurvivesThatTheFirstFails) {
    test::SqliteDatabase database(schema, {}, one_group);
    const auto refuse = [](Tx& tx) {
        tx.run(insert_number, 5);
        throw Problem(problems::conflict, "No.");
    };
    EXPECT_THROW(database->write_now({}, refuse), Problem);
    std::future<void> good;
    std::future<void> refused;
    {
        const test::BlockedWriter blocked(database, refuse);
        refused = database.submit(WorkKind::write, refuse);
        good = database.submit(WorkKind::write, insert(6));
    }
    EXPECT_EQ(test::failure_of(good), std::nullopt);
    EXPECT_THROW(refused.get(), Problem);
    EXPECT_EQ(numbers(database), "6");
}

TEST(SqliteWriter, InterruptsWhatOutlivesItsDeadline) {
    test::SqliteDatabase database(schema, {}, one_group);
    std::vector<std::future<void>> good;
    std::future<void> endless;
    int runs = 0;
    {
        const test::BlockedWriter blocked(database);
        good.push_back(database.submit(WorkKind::write, [&runs](Tx& tx) {
            ++runs;
            tx.run(insert_number, 1);
        }));
        endless = database.submit(WorkKind::write, [](Tx& tx) { tx.run(count_forever); },
                                  {.deadline = std::chrono::steady_clock::now() + 500ms});
        good.push_back(database.submit(WorkKind::write, insert(2)));
    }
    EXPECT_EQ(test::failure_of(endless), Failure::too_slow);
    for (auto& one : good) EXPECT_EQ(test::failure_of(one), std::nullopt);
    EXPECT_EQ(database.ask("SELECT group_concat(id) FROM numbers"), "1,2");
    EXPECT_EQ(runs, 2) << "SQLite gave up the whole transaction; who shared it came again";
    auto reading = database.submit(WorkKind::read, [](Tx& tx) { tx.maybe(read_forever); },
                                   {.deadline = std::chrono::steady_clock::now() + 20ms});
    EXPECT_EQ(test::failure_of(reading), Failure::too_slow);
}

TEST(SqliteWriter, DoesNotBeginWhatComesTooLate) {
    FakeClock clock;
    test::SqliteDatabase database(schema, {}, {}, &clock);
    const Unit hurried{.deadline = clock.steady_now() + 10ms};
    std::future<void> late;
    std::future<void> patient;
    bool has_run = false;
    {
        const test::BlockedWriter blocked(database);
        late = database.submit(WorkKind::write, [&](Tx&) { has_run = true; }, hurried);
        patient = database.submit(WorkKind::write, insert(1));
        clock.advance(10ms);
    }
    EXPECT_EQ(test::failure_of(late), Failure::too_slow);
    EXPECT_EQ(test::failure_of(patient), std::nullopt);
    EXPECT_FALSE(has_run);
    // And in between two statements.
    auto slow = database.submit(WorkKind::write,
                                [&clock](Tx& tx) {
                                    tx.run(insert_number, 2);
                                    clock.advance(10ms);
                                    tx.run(insert_number, 3);
                                },
                                {.deadline = clock.steady_now() + 10ms});
    EXPECT_EQ(test::failure_of(slow), Failure::too_slow);
    EXPECT_EQ(numbers(database), "1");
}

TEST(SqliteWriter, RefusesWhatFindsNoRoom) {
    test::SqliteDatabase database(schema, {.queue = 2});
    std::array<std::future<void>, 3> done;
    {
        const test::BlockedWriter blocked(database);
        for (int i = 0; i < 3; ++i) done.at(i) = database.submit(WorkKind::write, insert(i));
        EXPECT_EQ(test::failure_of(done[2]), Failure::unavailable) << "at once";
        EXPECT_EQ(database.engine().status().waiting, 2);
        EXPECT_EQ(database.engine().status().in_use, 1);
    }
    EXPECT_EQ(test::failure_of(done[0]), std::nullopt);
    EXPECT_EQ(test::failure_of(done[1]), std::nullopt);
}

TEST(SqliteWriter, StopsWithoutLosingAnybody) {
    test::SqliteDatabase database(schema);
    std::array<std::future<void>, 3> waiting;
    std::thread stopping;
    {
        const test::BlockedWriter blocked(database, insert(77));
        for (int i = 0; i < 3; ++i) waiting.at(i) = database.submit(WorkKind::write, insert(i));
        stopping = std::thread([&] { database.engine().stop(); });
        for (auto& one : waiting) EXPECT_EQ(test::failure_of(one), Failure::unavailable);
    }
    stopping.join();
    auto after = database.submit(WorkKind::write, insert(9));
    EXPECT_EQ(test::failure_of(after), Failure::unavailable);
    auto read_after = database.submit(WorkKind::read, [](Tx&) {});
    EXPECT_EQ(test::failure_of(read_after), Failure::unavailable);
    EXPECT_EQ(numbers(database), "77") << "what ran was finished";
    database.engine().stop();
}

TEST(SqliteWriter, GivesReadersOneSnapshot) {
    test::SqliteDatabase database(schema, {.readers = 3});
    std::atomic<int> wrong{0};
    const auto write = [&] {
        for (int i = 0; i < 100; ++i)
            database->write_now({}, [](Tx& tx) {
                tx.run(move_amount, 1, -1);
                tx.run(move_amount, 2, 1);
            });
    };
    const auto read = [&] {
        for (int i = 0; i < 200; ++i) {
            const auto sum = database->read_now(
                {}, [](Tx& tx) { return tx.one(find_amount, 1) + tx.one(find_amount, 2); });
            if (sum != 1000) ++wrong;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(write);
    for (int i = 0; i < 4; ++i) threads.emplace_back(read);
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(database.ask("SELECT amount FROM accounts WHERE id = 2"), "400");
}

// In a COMMIT that all share nobody can be spared, and nobody may believe to be.
void fail_a_commit(test::SqliteDatabase& database, const std::function<void()>& look) {
    std::array<std::future<void>, 3> done;
    const test::FileSizeLimit limit(static_cast<std::size_t>(*database.engine().status().wal_bytes));
    for (int i = 0; i < 3; ++i)
        done.at(i) = database.submit(WorkKind::write, [i](Tx& tx) {
            tx.run(insert_number, 10 + i);
            tx.run(insert_text, std::string(100'000, 'x'));
        });
    for (auto& one : done) EXPECT_EQ(test::failure_of(one), Failure::unavailable);
    look();
}

TEST(SqliteWriter, FailsAllWhenTheDiskRefusesTheCommit) {
    test::SqliteDatabase database(schema, {}, {.idle_after = 1h});
    database->write_now({}, insert(1));
    fail_a_commit(database, [&] {
        const std::string fault = database.engine().status().fault.value_or("");
        EXPECT_TRUE(fault.starts_with("the last write failed: ")) << fault;
        const auto read = database->read_now({}, [](Tx& tx) { return tx.one(find_amount, 1); });
        EXPECT_EQ(read, 1000) << "reading goes on";
    });
    database->write_now({}, insert(2));
    EXPECT_EQ(database.engine().status().fault, std::nullopt);
    EXPECT_EQ(numbers(database), "1,2");
    EXPECT_EQ(database.ask("PRAGMA integrity_check"), "ok");
}

// When it is not ready nobody sends it a write: it has to try by itself.
TEST(SqliteWriter, FindsOutByItselfThatTheDiskHasHealed) {
    test::SqliteDatabase database(schema, {}, {.idle_after = 1ms});
    database.ask("PRAGMA user_version = 7");
    database->write_now({}, insert(1));
    fail_a_commit(database, [] {});
    test::wait_until([&] { return !database.engine().status().fault; });
    EXPECT_EQ(database.ask("PRAGMA user_version"), "7");
    EXPECT_EQ(numbers(database), "1");
}

// Its key goes into its own savepoint: neither a failed unit's nor one that is taken touches the others.
TEST(SqliteWriter, KeepsEachUnitsKeyWithTheUnit) {
    test::SqliteDatabase database(schema, {}, one_group);
    const auto under = [](const char* key) {
        Unit unit;
        unit.idempotency_key = key;
        return unit;
    };
    std::array<std::future<void>, 4> done;
    {
        const test::BlockedWriter blocked(database);
        done[0] = database.submit(WorkKind::write, insert(1), under("a"));
        done[1] = database.submit(WorkKind::write, insert(2), under("a"));
        done[2] = database.submit(WorkKind::write, insert(1), under("b"));
        done[3] = database.submit(WorkKind::write, insert(3), under("c"));
    }
    EXPECT_EQ(test::failure_of(done[0]), std::nullopt);
    EXPECT_EQ(test::failure_of(done[1]), Failure::unique);
    EXPECT_EQ(test::failure_of(done[2]), Failure::unique);
    EXPECT_EQ(test::failure_of(done[3]), std::nullopt);
    EXPECT_EQ(numbers(database), "1,3");
    EXPECT_EQ(database.ask("SELECT group_concat(key) FROM (SELECT key FROM committed_units ORDER BY key)"),
              "a,c");
}

}  // namespace
}  // namespace lodestone::db
