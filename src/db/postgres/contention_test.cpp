// Units that meet each other: serialization failures and deadlocks are repeated, locks are not waited for
// for ever, and a line that is too long or too slow refuses.
#include <gmock/gmock.h>

#include <atomic>
#include <barrier>
#include <semaphore>

#include "base/limits.hpp"
#include "support/postgres_engine.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;

const Query<std::int64_t, std::int64_t> read_size{"test.size.read", "SELECT size FROM sizes WHERE id = $1"};
const Command<std::int64_t, std::int64_t> set_size{"test.size.set",
                                                   "UPDATE sizes SET size = $2 WHERE id = $1"};
const Query<std::int64_t> one_row{"test.contention.one", "SELECT 1"};

class PostgresContention : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (IsSkipped()) return;
        database_.emplace();
        database_->run(
            "CREATE TABLE sizes (id bigint PRIMARY KEY, size bigint NOT NULL);"
            "INSERT INTO sizes VALUES (1, 0), (2, 0)");
        engine_.emplace(PostgresOptions{.url = database_->url(),
                                        .min_connections = 2,
                                        .max_connections = 2,
                                        .queue = 3,
                                        .acquire_timeout = milliseconds(300),
                                        .lock_timeout = milliseconds(100)});
        ASSERT_TRUE(test::wait_until([this] { return engine_->status().size == 2; }));
    }
    // Keeps both connections until release().
    void occupy() {
        for (int at = 0; at < 2; ++at)
            busy_.push_back(engine_->start({}, [this](Tx& tx) {
                tx.one(one_row);
                entered_.release();
                leave_.acquire();
            }));
        entered_.acquire();
        entered_.acquire();
    }
    void release() {
        leave_.release(2);
        for (auto& one : busy_) EXPECT_EQ(one.get(), "");
    }

    std::counting_semaphore<> entered_{0};
    std::counting_semaphore<> leave_{0};
    std::optional<test::PostgresDatabase> database_;
    std::optional<test::PostgresEngine> engine_;
    std::vector<std::future<std::string>> busy_;
};

TEST_F(PostgresContention, RepeatsWhoeverChangedWhatAnotherHad) {
    std::atomic<int> runs{0};
    std::barrier both_have_read(2);
    const auto add_one = [&](Tx& tx) {
        const std::int64_t size = tx.one(read_size, 1);
        if (runs.fetch_add(1) < 2) both_have_read.arrive_and_wait();
        tx.run(set_size, 1, size + 1);
    };
    auto first = engine_->start({}, add_one);
    auto second = engine_->start({}, add_one);
    EXPECT_EQ(first.get(), "");
    EXPECT_EQ(second.get(), "");
    EXPECT_EQ(database_->run("SELECT size FROM sizes WHERE id = 1"), "2");
    EXPECT_GE(runs, 3);
    EXPECT_TRUE(engine_->has_metric("reason=\"contention\""));
}

// As whoever publishes to a busy repository does, whose usage is one row.
TEST_F(PostgresContention, IsNotGivenUpForLosingMoreOftenThanItMayTry) {
    test::PostgresClient winner(database_->url());
    int runs = 0;
    const auto lose_often = [&](Tx& tx) {
        const std::int64_t size = tx.one(read_size, 1);
        if (++runs <= limits::transaction_attempts + 5)
            winner.run("UPDATE sizes SET size = size + 1 WHERE id = 1");
        tx.run(set_size, 1, size + 1);
    };
    EXPECT_EQ(engine_->start({}, lose_often).get(), "");
    EXPECT_EQ(runs, limits::transaction_attempts + 6);
    EXPECT_EQ(database_->run("SELECT size FROM sizes WHERE id = 1"), std::to_string(runs));
}

// The time that a unit has is the end of its tries, too.
TEST_F(PostgresContention, IsGivenUpAtItsDeadlineWhoeverWins) {
    test::PostgresClient winner(database_->url());
    const auto lose_always = [&](Tx& tx) {
        const std::int64_t size = tx.one(read_size, 1);
        winner.run("UPDATE sizes SET size = size + 1 WHERE id = 1");
        tx.run(set_size, 1, size + 1);
    };
    EXPECT_THAT(engine_->start(test::PostgresEngine::within(milliseconds(300)), lose_always).get(),
                ::testing::AnyOf(HasSubstr("Others are changing"), HasSubstr("too long")));
}

TEST_F(PostgresContention, RepeatsWhatADeadlockEnded) {
    std::atomic<int> runs{0};
    std::barrier both_hold_one(2);
    const auto cross = [&](std::int64_t first, std::int64_t second) {
        return [&, first, second](Tx& tx) {
            tx.run(set_size, first, 5);
            if (runs.fetch_add(1) < 2) both_hold_one.arrive_and_wait();
            tx.run(set_size, second, 5);
        };
    };
    auto one = engine_->start({}, cross(1, 2));
    auto other = engine_->start({}, cross(2, 1));
    EXPECT_EQ(one.get(), "");
    EXPECT_EQ(other.get(), "");
    EXPECT_GE(runs, 3);
}

TEST_F(PostgresContention, GivesUpOnALockAtTheDeadline) {
    test::PostgresClient holder(database_->url());
    holder.run("BEGIN; UPDATE sizes SET size = 9 WHERE id = 1");
    const Unit unit = test::PostgresEngine::within(milliseconds(500));
    EXPECT_THAT(engine_->start(unit, [](Tx& tx) { tx.run(set_size, 1, 1); }).get(),
                ::testing::AnyOf(HasSubstr("Others are changing"), HasSubstr("too long")));
    holder.run("ROLLBACK");
    EXPECT_EQ(engine_->start({}, [](Tx& tx) { tx.run(set_size, 1, 1); }).get(), "");
}

TEST_F(PostgresContention, RefusesWhenTheLineIsFullOrTooSlow) {
    occupy();
    std::vector<std::future<std::string>> waiting;
    const auto start = std::chrono::steady_clock::now();
    for (int at = 0; at < 3; ++at) waiting.push_back(engine_->start({}, [](Tx& tx) { tx.one(one_row); }));
    EXPECT_EQ(engine_->status().waiting, 3);
    EXPECT_THAT(engine_->start({}, [](Tx&) {}).get(), AllOf(HasSubstr("unavailable"), HasSubstr("too many")));
    for (auto& one : waiting) EXPECT_THAT(one.get(), HasSubstr("no connection became free in time"));
    EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(300));
    release();
    EXPECT_EQ(engine_->start({}, [](Tx& tx) { tx.one(one_row); }).get(), "");
    EXPECT_TRUE(test::wait_until([this] { return engine_->status().idle == 2; }));
    EXPECT_EQ(engine_->status().waiting, 0);
}

TEST_F(PostgresContention, WaitsNoLongerThanTheUnitHas) {
    test::PostgresEngine patient(PostgresOptions{.url = database_->url(),
                                                 .min_connections = 1,
                                                 .max_connections = 1,
                                                 .acquire_timeout = std::chrono::hours(1)});
    auto busy = patient.start({}, [this](Tx&) {
        entered_.release();
        leave_.acquire();
    });
    ASSERT_TRUE(entered_.try_acquire_for(seconds(60)));
    EXPECT_THAT(patient.start(test::PostgresEngine::within(milliseconds(10)), [](Tx&) {}).get(),
                HasSubstr("no connection became free in time"));
    leave_.release();
    EXPECT_EQ(busy.get(), "");
}

TEST_F(PostgresContention, StopsAfterWhatRunsAndRefusesTheRest) {
    occupy();
    auto waiting = engine_->start({}, [](Tx& tx) { tx.one(one_row); });
    std::thread stopper([this] { engine_->database().engine().stop(); });
    EXPECT_THAT(waiting.get(), HasSubstr("the engine stops"));
    EXPECT_THAT(engine_->start({}, [](Tx&) {}).get(), HasSubstr("the engine stops"));
    release();
    stopper.join();
    EXPECT_TRUE(engine_->status().fault.has_value());
}

TEST_F(PostgresContention, GrowsOnDemandAndShrinksAgain) {
    test::PostgresEngine engine(PostgresOptions{.url = database_->url(),
                                                .min_connections = 1,
                                                .max_connections = 4,
                                                .idle_timeout = milliseconds(100),
                                                .max_lifetime = milliseconds(400),
                                                .ping_after = milliseconds(20)});
    ASSERT_TRUE(engine.wait_until_connected());
    std::vector<std::future<std::string>> busy;
    for (int at = 0; at < 4; ++at)
        busy.push_back(engine.start({}, [this](Tx& tx) {
            tx.one(one_row);
            entered_.release();
            leave_.acquire();
        }));
    for (int at = 0; at < 4; ++at) EXPECT_TRUE(entered_.try_acquire_for(seconds(60)));
    EXPECT_EQ(engine.status().size, 4);
    leave_.release(4);
    for (auto& one : busy) EXPECT_EQ(one.get(), "");
    EXPECT_TRUE(test::wait_until([&] { return engine.status().size == 1; }));
    EXPECT_EQ(engine.start({}, [](Tx& tx) { tx.one(one_row); }).get(), "");
}

}  // namespace

}  // namespace lodestone::db
