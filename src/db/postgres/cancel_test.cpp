// Whoever does not wait any more leaves no work behind: when a unit's deadline has passed and the server's
// own time limit did not end its statement, or when its loop is gone, the server is told to stop. A COMMIT is
// let go on.
#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <optional>

#include "support/loop_thread.hpp"
#include "support/postgres_engine.hpp"

namespace lodestone::db {

namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;

// Takes no notice of statement_timeout, once. Units have time enough for what comes before, on a busy machine
// too.
constexpr const char* stubborn =
    "CREATE FUNCTION stubborn() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN "
    "BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END; "
    "PERFORM pg_sleep(600); RETURN 1; END $$";

const Query<std::int64_t> sleep_on{"test.cancel.stubborn", "SELECT stubborn()"};
const Query<std::int64_t> sleep_long{"test.cancel.sleep", "SELECT count(*) FROM pg_sleep(600) AS nap"};
const Query<std::int64_t> one_row{"test.cancel.one", "SELECT 1::bigint"};
const Command<std::int64_t> insert_one{"test.cancel.insert", "INSERT INTO things (id) VALUES ($1)"};

Task<std::string> ask(Database& database, const Query<std::int64_t>& query, Unit unit) {
    try {
        co_await database.look_up(std::move(unit), [&](Tx& tx) { return tx.one(query); });
    } catch (const Problem& problem) {
        co_return problem.detail();
    }
    co_return "";
}

class PostgresCancel : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (IsSkipped()) return;
        server_.emplace();
        client_.emplace(server_->url());
        client_->run(test::test_schema);
        client_->run(stubborn);
        engine_.emplace(server_->url());
        ASSERT_TRUE(engine_->wait_until_connected());
    }
    void TearDown() override {
        if (engine_) engine_->database().engine().stop();
    }
    bool wait_for_sleepers(const std::string& count, const std::string& event = "PgSleep") {
        return test::wait_until([&] {
            return client_->run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = '" + event + "'") ==
                   count;
        });
    }
    std::string ask_in_the_pool() {
        return engine_->start(test::PostgresEngine::within(seconds(2)), [](Tx& tx) { tx.one(sleep_on); })
            .get();
    }
    static constexpr const char* cancelled = "canceling statement due to user request";

    std::optional<test::PostgresServer> server_;
    std::optional<test::PostgresClient> client_;
    std::optional<test::PostgresEngine> engine_;
};

TEST_F(PostgresCancel, StopsWhatOutlivesItsUnit) {
    EXPECT_THAT(ask_in_the_pool(), HasSubstr("The database took too long"));
    EXPECT_TRUE(wait_for_sleepers("0"));
    EXPECT_THAT(server_->log(), HasSubstr(cancelled)) << "it did not just find out that we had hung up";
}

TEST_F(PostgresCancel, StopsWhatOutlivesItsUnitOnALoop) {
    test::LoopThread loop;
    const auto unit = [] { return test::PostgresEngine::within(seconds(2)); };
    ASSERT_TRUE(test::wait_until([&] {
        return engine_->has_metric("pool=\"loop\",state=\"idle\"} 1") ||
               !loop.run(ask(engine_->database(), one_row, unit())).empty();
    }));
    EXPECT_THAT(loop.run(ask(engine_->database(), sleep_on, unit())),
                HasSubstr("The database took too long"));
    EXPECT_TRUE(wait_for_sleepers("0"));
    EXPECT_THAT(server_->log(), HasSubstr(cancelled));
    engine_->database().engine().stop();
}

TEST_F(PostgresCancel, StopsWhatALoopLeavesBehind) {
    {
        test::LoopThread loop;
        const auto unit = [] { return test::PostgresEngine::within(seconds(60)); };
        ASSERT_TRUE(test::wait_until([&] {
            return engine_->has_metric("pool=\"loop\",state=\"idle\"} 1") ||
                   !loop.run(ask(engine_->database(), one_row, unit())).empty();
        }));
        auto nap = loop.start(ask(engine_->database(), sleep_long, unit()));
        ASSERT_TRUE(wait_for_sleepers("1"));
    }
    EXPECT_TRUE(wait_for_sleepers("0"));
    EXPECT_THAT(server_->log(), HasSubstr(cancelled));
}

// It waits for a standby that is not there; stopped, it would be there without one.
TEST_F(PostgresCancel, LetsACommitGoOn) {
    client_->run("SET synchronous_commit = local");
    client_->run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    client_->run("SELECT pg_reload_conf()");
    ASSERT_TRUE(test::wait_until([&] {
        return test::PostgresClient(server_->url()).run("SHOW synchronous_standby_names") == "nobody";
    }));
    // Who commits waits as soon as the checkpointer has read the setting, too: that is seen in a commit.
    std::atomic<bool> waits = false;
    auto other = std::async(std::launch::async, [&] {
        test::PostgresClient client(server_->url());
        while (!waits) client.run("SELECT pg_logical_emit_message(true, 'test', 'something to commit')");
    });
    waits = wait_for_sleepers("1", "SyncRep");
    ASSERT_TRUE(waits) << "the first commit waits";
    EXPECT_THAT(
        engine_->start(test::PostgresEngine::within(seconds(4)), [](Tx& tx) { tx.run(insert_one, 1); }).get(),
        HasSubstr("may or may not have happened"));
    EXPECT_THAT(ask_in_the_pool(), HasSubstr("The database took too long"));
    EXPECT_TRUE(wait_for_sleepers("0"));
    EXPECT_TRUE(wait_for_sleepers("2", "SyncRep")) << "it waits on";
    client_->run("ALTER SYSTEM RESET synchronous_standby_names");
    client_->run("SELECT pg_reload_conf()");
    EXPECT_TRUE(wait_for_sleepers("0", "SyncRep"));
    EXPECT_EQ(client_->run("SELECT count(*) FROM things"), "1");
    EXPECT_THAT(server_->log(), Not(HasSubstr("canceling wait for synchronous replication")));
}

}  // namespace

}  // namespace lodestone::db
