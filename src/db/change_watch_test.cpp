// What other processes and nodes change is heard on both engines, within a second; one's own is not.
#include "base/change_watch.hpp"

#include <gtest/gtest.h>

#include "db/postgres/change_listener.hpp"
#include "support/heard.hpp"
#include "support/postgres_engine.hpp"
#include "support/sqlite_database.hpp"

namespace lodestone::db {

namespace {

using std::chrono::seconds;
using test::Heard;

const Command<std::int64_t> insert_one{"test.watch.insert", "INSERT INTO things (id) VALUES ($1)"};

constexpr const char* sqlite_schema = "CREATE TABLE things (id INTEGER PRIMARY KEY) STRICT";

TEST(SqliteChanges, AnotherConnectionIsHeardAndTheOwnIsNot) {
    test::SqliteDatabase database(sqlite_schema);
    Heard heard;
    const auto watch = database.engine().watch_changes("any", heard.callback());
    EXPECT_TRUE(watch->is_live());
    database->write_now({}, [](Tx& tx) {
        tx.run(insert_one, 1);
        tx.notify("any", "not needed");
    });
    EXPECT_EQ(heard.next(std::chrono::milliseconds(600)), "nothing");
    const auto start = std::chrono::steady_clock::now();
    database.ask("INSERT INTO things VALUES (2)");
    EXPECT_EQ(heard.next(), "");
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(10));  // 0.2 s on a machine with time
}

TEST(SqliteChanges, IsHeardWhileTheWriterHasNoRest) {
    test::SqliteDatabase database(sqlite_schema);
    Heard heard;
    const auto watch = database.engine().watch_changes("any", heard.callback());
    database.ask("INSERT INTO things VALUES (1)");
    std::int64_t id = 1;
    std::string told = "nothing";
    while (told == "nothing" && id < 20'000) {
        database->write_now({}, [next = ++id](Tx& tx) { tx.run(insert_one, next); });
        told = heard.next(std::chrono::milliseconds(0));
    }
    EXPECT_EQ(told, "");
}

TEST(SqliteChanges, StopsForGood) {
    test::SqliteDatabase database(sqlite_schema);
    Heard stopped, other;
    const auto watch = database.engine().watch_changes("any", stopped.callback());
    const auto second = database.engine().watch_changes("any", other.callback());
    watch->stop();
    watch->stop();
    EXPECT_FALSE(watch->is_live());
    database.ask("INSERT INTO things VALUES (1)");
    EXPECT_EQ(other.next(), "");
    EXPECT_EQ(stopped.next(std::chrono::milliseconds(0)), "nothing");
}

// A way beside the engine's: what was told through it is remembered, and what is heard by it is the test's.
class Messenger final : public ChangeRelay {
  public:
    void tell(const std::string& channel, const std::string& payload) noexcept override {
        told.push_back(channel + " " + payload);
    }
    std::unique_ptr<ChangeWatch> watch(const std::string& channel, ChangeCallback callback) override {
        class Watch final : public ChangeWatch {
          public:
            void stop() override {}
            bool is_live() const override { return false; }
        };
        watched = channel;
        say = std::move(callback);
        return std::make_unique<Watch>();
    }

    std::vector<std::string> told;
    std::string watched;
    ChangeCallback say;
};

TEST(RelayedChanges, AreToldOnceTheyAreCommitted) {
    Messenger messenger;
    test::SqliteDatabase database(sqlite_schema);
    database->tell_by(messenger);
    std::vector<std::string> told_inside;
    database->write_now({}, [&](Tx& tx) {
        tx.run(insert_one, 1);
        tx.notify("changes", "tenant:7");
        tx.notify("changes", std::string(100'000, 'x'));
        told_inside = messenger.told;
    });
    EXPECT_TRUE(told_inside.empty());
    EXPECT_EQ(messenger.told, (std::vector<std::string>{"changes tenant:7", "changes "}));
    const auto fail = [](Tx& tx) {
        tx.notify("changes", "never");
        throw Problem(problems::conflict, "no");
    };
    EXPECT_THROW(database->write_now({}, fail), Problem);
    EXPECT_EQ(messenger.told.size(), 2u);
}

TEST(RelayedChanges, AreHeardBesideTheEngines) {
    Messenger messenger;
    test::SqliteDatabase database(sqlite_schema);
    database->tell_by(messenger);
    Heard heard;
    const auto watch = database->watch_changes("changes", heard.callback());
    EXPECT_TRUE(watch->is_live()) << "one of the two is enough";
    EXPECT_EQ(messenger.watched, "changes");
    messenger.say({.payload = "tenant:7"});
    EXPECT_EQ(heard.next(), "tenant:7");
    database.ask("INSERT INTO things VALUES (2)");
    EXPECT_EQ(heard.next(), "");
    watch->stop();
    EXPECT_FALSE(watch->is_live());
}

class PostgresChanges : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (IsSkipped()) return;
        postgres_.emplace();
        postgres_->run(test::test_schema);
        here_.emplace(PostgresOptions{.url = postgres_->url()});
        there_.emplace(PostgresOptions{.url = postgres_->url()});
    }
    void tell(test::PostgresEngine& node, const std::string& payload, std::int64_t id) {
        node->write_now(test::PostgresEngine::within(seconds(60)), [&](Tx& tx) {
            tx.run(insert_one, id);
            tx.notify("changes", payload);
        });
    }

    std::optional<test::PostgresDatabase> postgres_;
    std::optional<test::PostgresEngine> here_, there_;
};

TEST_F(PostgresChanges, AnotherNodeIsHeardAndTheOwnIsNot) {
    Heard heard;
    const auto watch = here_->database().engine().watch_changes("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");  // it has begun: anything may have changed before
    EXPECT_TRUE(watch->is_live());
    tell(*here_, "own", 1);
    tell(*there_, "tenant:7", 2);
    EXPECT_EQ(heard.next(), "tenant:7");
    postgres_->run("NOTIFY changes, 'by hand'");
    EXPECT_EQ(heard.next(), "by hand");
    tell(*there_, std::string(100'000, 'x'), 3);
    EXPECT_EQ(heard.next(), "");
    postgres_->run("NOTIFY other, 'elsewhere'");
    tell(*there_, "last", 4);
    EXPECT_EQ(heard.next(), "last");
}

TEST_F(PostgresChanges, WhatIsRolledBackIsNotTold) {
    Heard heard;
    const auto watch = here_->database().engine().watch_changes("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");
    const auto fail = [](Tx& tx) {
        tx.notify("changes", "never");
        throw Problem(problems::conflict, "no");
    };
    EXPECT_NE(test::problem_of([&] { there_->database().write_now({}, fail); }), "");
    tell(*there_, "after", 1);
    EXPECT_EQ(heard.next(), "after");
}

TEST_F(PostgresChanges, BeginsAnewWhenTheConnectionBreaks) {
    Heard heard;
    const auto watch = here_->database().engine().watch_changes("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");
    postgres_->run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = "
        "current_database()");
    EXPECT_EQ(heard.next(), "");  // what was said meanwhile, nobody heard
    tell(*there_, "again", 1);
    EXPECT_EQ(heard.next(), "again");
    watch->stop();
    EXPECT_FALSE(watch->is_live());
}

TEST_F(PostgresChanges, AServerThatIsAwayIsWaitedFor) {
    test::PostgresServer server;
    server.stop();
    test::PostgresEngine engine(server.url());
    Heard heard;
    const auto watch = engine.database().engine().watch_changes("changes", heard.callback());
    EXPECT_FALSE(watch->is_live());
    server.start();
    EXPECT_EQ(heard.next(), "");
    EXPECT_TRUE(watch->is_live());
}

TEST_F(PostgresChanges, ATransactionPoolerNeedsAWayPastIt) {
    test::PostgresEngine pooled(
        PostgresOptions{.url = postgres_->url(), .is_behind_transaction_pooler = true});
    Heard nothing;
    const auto deaf = pooled.database().engine().watch_changes("changes", nothing.callback());
    EXPECT_FALSE(deaf->is_live());
    test::PostgresEngine direct(PostgresOptions{
        .url = postgres_->url(), .is_behind_transaction_pooler = true, .direct_url = postgres_->url()});
    Heard heard;
    const auto watch = direct.database().engine().watch_changes("changes", heard.callback());
    EXPECT_EQ(heard.next(), "");
    tell(pooled, "through the pooler", 1);
    EXPECT_EQ(heard.next(), "through the pooler");
    EXPECT_EQ(nothing.next(std::chrono::milliseconds(0)), "nothing");
}

}  // namespace

}  // namespace lodestone::db
