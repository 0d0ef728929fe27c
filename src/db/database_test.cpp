// The door to the database over SQLite: awaited on a loop, and blocking.
#include "db/database.hpp"

#include <gtest/gtest.h>

#include <future>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "support/sqlite_database.hpp"

namespace lodestone::db {
namespace {

constexpr const char* schema =
    "CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE records (action TEXT, subject TEXT, actor TEXT) STRICT";

const Command<std::int64_t, std::string> insert_word{"test.word.insert", "INSERT INTO words VALUES ($1, $2)"};
const Query<std::string, std::int64_t> find_word{"test.word.find", "SELECT word FROM words WHERE id = $1"};
const Query<std::int64_t> count_words{"test.word.count", "SELECT count(*) FROM words"};
const Command<std::string, std::string, std::string> insert_record{"test.record.insert",
                                                                   "INSERT INTO records VALUES ($1, $2, $3)"};

// The loop outlives the engine, whose threads may still be about to wake it when a coroutine has ended.
class DatabaseOnLoop : public testing::Test {
  protected:
    // Runs a coroutine to its end; what it throws comes out.
    void run_on_loop(Task<> task) {
        std::exception_ptr failure;
        boost::asio::co_spawn(context_.get_executor(), std::move(task),
                              [&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
        context_.restart();
        context_.run();
        if (failure) std::rethrow_exception(failure);
    }

    boost::asio::io_context context_{1};
    test::SqliteDatabase database_{schema};
};

Task<> write_and_read(Database& database) {
    const auto loop = std::this_thread::get_id();
    auto write = [loop](Tx& tx) {
        EXPECT_NE(std::this_thread::get_id(), loop) << "SQL blocks: not here";
        return tx.run(insert_word, 1, "one");
    };
    const std::int64_t touched = co_await database.write({}, write);
    EXPECT_EQ(std::this_thread::get_id(), loop);
    EXPECT_EQ(touched, 1);
    auto find = [](Tx& tx) { return tx.maybe(find_word, 1); };
    const std::optional<std::string> looked_up = co_await database.look_up({}, find);
    const std::optional<std::string> read = co_await database.read({}, find);
    EXPECT_EQ(std::this_thread::get_id(), loop);
    EXPECT_EQ(looked_up, "one");
    EXPECT_EQ(read, "one");
}

Task<> write_a_word(Database& database, std::int64_t id, std::string word) {
    auto write = [id, &word](Tx& tx) { tx.run(insert_word, id, word); };
    co_await database.write({}, write);
}

TEST_F(DatabaseOnLoop, IsAwaited) {
    run_on_loop(write_and_read(*database_));
}

TEST_F(DatabaseOnLoop, TellsClientsWhatFailed) {
    run_on_loop(write_a_word(*database_, 1, "one"));
    try {
        run_on_loop(write_a_word(*database_, 2, "one"));
        FAIL() << "the word is taken";
    } catch (const Problem& problem) {
        EXPECT_EQ(problem.status(), 409);
        EXPECT_NE(problem.internal().find("test.word.insert: UNIQUE constraint failed: words.word"),
                  std::string::npos)
            << problem.internal();
    }
    const auto refuse = [](Tx&) -> int { throw Problem(problems::forbidden, "Not you."); };
    EXPECT_THROW(database_->write_now({}, refuse), Problem);
    EXPECT_THROW(database_->read_now({}, refuse), Problem);
}

TEST(Database, ServesManyCoroutinesAndThreads) {
    constexpr int each = 200;
    std::array<boost::asio::io_context, 3> loops;
    test::SqliteDatabase database(schema);
    const auto expect_none = [](const std::exception_ptr& failure) { EXPECT_EQ(failure, nullptr); };
    std::vector<std::thread> threads;
    int id = 0;
    for (auto& loop : loops) {
        for (int i = 0; i < each; ++i, ++id) {
            auto task = write_a_word(*database, id, "word " + std::to_string(id));
            boost::asio::co_spawn(loop.get_executor(), std::move(task), expect_none);
        }
        threads.emplace_back([&loop] { loop.run(); });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(database->read_now({}, [](Tx& tx) { return tx.one(count_words); }), id);
}

TEST(Database, KeepsRecordsInTheSameTransaction) {
    test::SqliteDatabase database(schema);
    database->keep_records([](Tx& tx, const std::vector<Change>& changes) {
        for (const Change& change : changes)
            tx.run(insert_record, change.action, change.subject, tx.unit().actor);
    });
    const auto write = [](Tx& tx, const char* word) {
        tx.record({.action = "word.create", .subject = word});
        tx.run(insert_word, 1, word);
    };
    database->write_now({.actor = "alice"}, [&](Tx& tx) { write(tx, "one"); });
    EXPECT_THROW(database->write_now({.actor = "bob"}, [&](Tx& tx) { write(tx, "two"); }), Problem);
    EXPECT_EQ(database.ask("SELECT group_concat(action || ' ' || subject || ' ' || actor) FROM records"),
              "word.create one alice");
}

// Before whoever asked for the write hears of it, and when it failed too: nobody knows what a failed COMMIT
// did.
TEST(Database, TellsOfWritesThatRecordedChanges) {
    test::SqliteDatabase database(schema);
    std::vector<std::string> told;
    database->tell_of_writes([&](const std::vector<Change>& changes) {
        for (const Change& change : changes) told.push_back(change.subject);
    });
    const auto write = [](Tx& tx, const char* word, std::int64_t id) {
        tx.run(insert_word, id, word);
        tx.record({.action = "word.create", .subject = word});
    };
    database->write_now({}, [&](Tx& tx) { write(tx, "one", 1); });
    EXPECT_EQ(told, std::vector<std::string>{"one"});
    EXPECT_THROW(database->write_now({}, [&](Tx& tx) { write(tx, "two", 1); }), Problem);
    database->write_now({}, [&](Tx& tx) { tx.run(insert_word, 2, "silent"); });
    EXPECT_EQ(told, std::vector<std::string>{"one"})
        << "neither what recorded nothing, nor what failed before";
}

TEST(Database, ReadsForSeveralWhoWait) {
    test::SqliteDatabase database(schema);
    database->write_now({}, [](Tx& tx) { tx.run(insert_word, 7, "seven"); });
    std::promise<std::int64_t> counted;
    database->read_for(
        [&](const std::exception_ptr& failure, auto kept) {
            if (!failure) counted.set_value(kept.take());
        },
        {}, [](Tx& tx) { return tx.one(count_words); });
    EXPECT_EQ(counted.get_future().get(), 1);
    database->hold();
    std::promise<bool> refused;
    database->read_for(
        [&](const std::exception_ptr& failure, auto) { refused.set_value(failure != nullptr); }, {},
        [](Tx& tx) { return tx.one(count_words); });
    EXPECT_TRUE(refused.get_future().get());
}

TEST(Database, GivesATransactionOneTime) {
    FakeClock clock;
    test::SqliteDatabase database(schema, {}, {}, &clock);
    database->write_now({}, [&clock](Tx& tx) {
        const Time before = tx.now();
        EXPECT_EQ(before, clock.now());
        clock.advance(std::chrono::seconds(1));
        EXPECT_EQ(tx.now(), before);
    });
}

TEST(DatabaseDeathTest, LooksUpWithOneStatement) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto ask_twice = [] {
        test::SqliteDatabase database(schema);
        auto done = database.submit(WorkKind::look_up, [](Tx& tx) {
            tx.maybe(find_word, 1);
            tx.maybe(find_word, 2);
        });
        done.wait();
    };
    EXPECT_DEATH(ask_twice(), "test.word.find");
}

}  // namespace
}  // namespace lodestone::db
