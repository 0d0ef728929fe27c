// A primary that dies in the middle of a COMMIT, and its synchronous standby that takes over: two hosts in
// the URL, writers that go on all the while. What was acknowledged is there once, and so is what was in
// doubt.
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <set>

#include "support/postgres_engine.hpp"
#include "support/postgres_proxy.hpp"

namespace lodestone::db {

namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::Not;
using Break = test::PostgresProxy::Break;

// No key: what is done twice is there twice.
constexpr const char* schema =
    "CREATE TABLE committed_units (key text PRIMARY KEY, committed_at bigint NOT NULL);"
    "CREATE TABLE deeds (number bigint NOT NULL)";

const Command<std::int64_t> insert_deed{"test.deed.insert", "INSERT INTO deeds (number) VALUES ($1)"};

class PostgresFailover : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (IsSkipped()) return;
        primary_.emplace();
        test::PostgresClient client(primary_->url());
        client.run(schema);
        const std::string copy = primary_->data_folder() + "_copy";
        primary_->run_as_postgres({test::PostgresServer::bin() / "pg_basebackup", "-d", primary_->url(), "-D",
                                   copy, "-R", "-c", "fast", "--no-sync"});
        standby_.emplace(test::PostgresServerOptions{.standby_of_folder_copy = copy});
        client.run("ALTER SYSTEM SET synchronous_standby_names = '*'");
        client.run("SELECT pg_reload_conf()");
        ASSERT_TRUE(test::wait_until(
            [&] { return client.run("SELECT sync_state FROM pg_stat_replication") == "sync"; }));
        proxy_.emplace(*primary_);
        const std::string through = proxy_->url("postgres");
        const std::string hosts = test::find_connection_keyword(through, "host") + "," +
                                  test::find_connection_keyword(standby_->url(), "host");
        engine_.emplace(PostgresOptions{.url = test::with_connection_keyword(through, "host", hosts),
                                        .max_connections = 6,
                                        .connect_timeout = seconds(2),
                                        .acquire_timeout = seconds(60)});
        ASSERT_TRUE(engine_->wait_until_connected());
    }
    void TearDown() override {
        end_ = true;
        for (std::thread& writer : writers_) writer.join();
    }

    void start_writers() {
        for (std::int64_t writer = 0; writer < 4; ++writer)
            writers_.emplace_back([this, writer] {
                for (std::int64_t number = writer * 1'000'000; !end_; ++number) write(number);
            });
    }
    // Until it is done. What says that nothing was changed may be asked again; what is not known may not stay
    // so.
    void write(std::int64_t number) {
        Unit unit = test::PostgresEngine::within(seconds(60));
        unit.idempotency_key = "deed " + std::to_string(number);
        std::string refusal;
        do {
            refusal = test::problem_of(
                [&] { engine_->database().write_now(unit, [&](Tx& tx) { tx.send(insert_deed, number); }); });
            if (refusal.empty()) break;
            const std::lock_guard lock(mutex_);
            refusals_.insert(refusal);
        } while (!end_);
        if (refusal.empty()) ++acknowledged_;
    }
    bool wait_for_more(std::int64_t count) {
        const std::int64_t wanted = acknowledged_ + count;
        return test::wait_until([this, wanted] { return acknowledged_ >= wanted; });
    }
    void fail_over(Break what) {
        start_writers();
        ASSERT_TRUE(wait_for_more(50));
        proxy_->break_next(what, [this] { primary_->kill(); });
        ASSERT_TRUE(test::wait_until([this] { return proxy_->has_broken(); }));
        standby_->promote();
        ASSERT_TRUE(wait_for_more(50));
        end_ = true;
        for (std::thread& writer : writers_) writer.join();
        writers_.clear();
        for (const std::string& refusal : refusals_) {
            EXPECT_THAT(refusal, HasSubstr("unavailable"));
            EXPECT_THAT(refusal, Not(HasSubstr("may or may not"))) << "its key tells";
        }
        test::PostgresClient now(standby_->url());
        EXPECT_EQ(now.run("SELECT pg_is_in_recovery()"), "f");
        const std::string all = std::to_string(acknowledged_);
        EXPECT_EQ(now.run("SELECT count(*) FROM deeds"), all);
        EXPECT_EQ(now.run("SELECT count(DISTINCT number) FROM deeds"), all);
        EXPECT_EQ(now.run("SELECT count(*) FROM committed_units WHERE committed_at > 0"), all);
    }

    std::optional<test::PostgresServer> primary_;
    std::optional<test::PostgresServer> standby_;
    std::optional<test::PostgresProxy> proxy_;
    std::optional<test::PostgresEngine> engine_;
    std::vector<std::thread> writers_;
    std::atomic<bool> end_{false};
    std::atomic<std::int64_t> acknowledged_{0};
    std::mutex mutex_;
    std::set<std::string> refusals_;
};

TEST_F(PostgresFailover, FindsOutOnTheNewPrimaryThatItHappened) {
    fail_over(Break::reply);
}

TEST_F(PostgresFailover, FindsOutOnTheNewPrimaryThatItDidNotHappen) {
    fail_over(Break::request);
    EXPECT_TRUE(engine_->has_metric("reason=\"unknown\""));
}

}  // namespace

}  // namespace lodestone::db
