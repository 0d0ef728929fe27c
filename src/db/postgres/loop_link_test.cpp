// A loop's connection in bad weather: whoever asks on the loop hears what they would have heard from the
// pool.
#include <gmock/gmock.h>
#include <signal.h>

#include <atomic>

#include "support/loop_thread.hpp"
#include "support/postgres_engine.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

const Query<std::int64_t> own_process{"test.link.process", "SELECT pg_backend_pid()::bigint"};
const Query<std::int64_t, std::int64_t> sleep_for{
    "test.link.sleep", "SELECT count(*) FROM pg_sleep($1::double precision / 1000) AS nap"};
const Query<std::int64_t, std::int64_t> divide{"test.link.divide", "SELECT 10 / $1"};
const Query<std::string> name_of_one{"test.link.name", "SELECT name FROM things WHERE id = 1"};

struct Told {
    std::int64_t value = 0;
    std::string refusal;
    std::thread::id where;
};

// Asks on the loop; a refusal is told, not thrown. `Place`: what is learnt of one place in the code (Habit)
// is not believed of another.
template <int Place = 0, class RowType, class... Arguments>
Task<Told> ask(Database& database, const Query<RowType, Arguments...>& query, Unit unit,
               std::type_identity_t<Arguments>... arguments) {
    Told told;
    auto find = [&](Tx& tx) {
        told.where = std::this_thread::get_id();
        return tx.one(query, arguments...);
    };
    try {
        told.value = static_cast<std::int64_t>(co_await database.look_up(std::move(unit), find));
    } catch (const Problem& problem) {
        told.refusal =
            std::string(problem.kind().code) + ": " + problem.detail() + " | " + problem.internal();
    }
    co_return told;
}

class PostgresLoopLink : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (!IsSkipped()) server_.emplace();
    }
    void open(PostgresOptions options) {
        options.acquire_timeout = seconds(30);
        engine_.emplace(std::move(options));
        ASSERT_TRUE(wait_for_the_loop());
    }
    void open() {
        test::PostgresClient(server_->url()).run(test::test_schema);
        open({.url = server_->url(), .connect_timeout = seconds(1)});
    }
    void TearDown() override {
        if (engine_) engine_->database().engine().stop();
    }
    Database& database() { return engine_->database(); }
    Told process(milliseconds time = seconds(30)) {
        return loop_.run(ask(database(), own_process, test::PostgresEngine::within(time)));
    }
    bool wait_for_the_loop() {
        return test::wait_until([this] { return process().where == loop_.id(); });
    }
    template <int Place>
    auto start_nap(std::int64_t ms, milliseconds time) {
        return loop_.start(ask<Place>(database(), sleep_for, test::PostgresEngine::within(time), ms));
    }

    std::optional<test::PostgresServer> server_;
    test::LoopThread loop_;
    std::optional<test::PostgresEngine> engine_;
};

TEST_F(PostgresLoopLink, IsOneConnectionForAllThatAsk) {
    open();
    const std::int64_t own = process().value;
    for (int i = 0; i < 20; ++i) EXPECT_EQ(process().value, own);
    EXPECT_TRUE(
        engine_->has_metric("lodestone_db_connections{engine=\"postgres\",pool=\"loop\",state=\"idle\"} 1"));
}

TEST_F(PostgresLoopLink, ABrokenConnectionCostsNobodyAnAnswer) {
    open();
    const std::int64_t own = process().value;
    auto nap = start_nap<1>(5'000, seconds(60));
    test::PostgresClient client(server_->url());
    const std::string terminate = "SELECT pg_terminate_backend(" + std::to_string(own) + ")";
    ASSERT_TRUE(test::wait_until([&] {
        return client.run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "1";
    }));
    client.run(terminate);
    ASSERT_TRUE(test::wait_until([&] {
        return client.run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid <> " +
                          std::to_string(own)) == "1";
    })) << "the pool sleeps in its stead";
    const Told told = nap.get();
    EXPECT_EQ(told.refusal, "");
    EXPECT_NE(told.where, loop_.id());
    EXPECT_TRUE(wait_for_the_loop());
    EXPECT_NE(process().value, own);
}

TEST_F(PostgresLoopLink, AServerThatWasRestartedMeanwhileIsNoNews) {
    open();
    for (int i = 0; i < 3; ++i) {
        server_->restart();
        EXPECT_EQ(process().refusal, "");
    }
    EXPECT_TRUE(wait_for_the_loop());
}

TEST_F(PostgresLoopLink, AFrozenServerEndsNobodysPatience) {
    open();
    server_->pause();
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::future<Told>> units;
    for (int at = 0; at < 10; ++at)
        units.push_back(
            loop_.start(ask(database(), own_process, test::PostgresEngine::within(milliseconds(300)))));
    for (auto& unit : units) EXPECT_THAT(unit.get().refusal, HasSubstr("unavailable"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(20));
    server_->resume();
    EXPECT_EQ(process().refusal, "");
    EXPECT_TRUE(wait_for_the_loop());
}

// Nobody answers on the loop's connection alone, as when something on the way has forgotten it.
TEST_F(PostgresLoopLink, ASilentConnectionCostsNobodyAnAnswer) {
    constexpr milliseconds ping_after{20};
    test::PostgresClient(server_->url()).run(test::test_schema);
    open({.url = server_->url(), .ping_after = ping_after});
    const Told before = process();
    ASSERT_EQ(before.where, loop_.id());
    const auto rested = std::chrono::steady_clock::now();
    ASSERT_EQ(::kill(static_cast<pid_t>(before.value), SIGSTOP), 0);
    ASSERT_TRUE(test::wait_until([&] { return std::chrono::steady_clock::now() - rested > ping_after; }));
    const Told told = process();
    EXPECT_EQ(told.refusal, "");
    EXPECT_NE(told.where, loop_.id());
    EXPECT_NE(told.value, before.value);
    EXPECT_EQ(::kill(static_cast<pid_t>(before.value), SIGCONT), 0);
    EXPECT_TRUE(wait_for_the_loop());
}

TEST_F(PostgresLoopLink, TheServerItselfEndsAStatementAtItsDeadline) {
    open();
    auto nap = start_nap<2>(600'000, milliseconds(400));
    EXPECT_THAT(nap.get().refusal, HasSubstr("took too long"));
    test::PostgresClient client(server_->url());
    EXPECT_TRUE(test::wait_until([&] {
        return client.run("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") == "0";
    }));
    EXPECT_TRUE(wait_for_the_loop());
}

TEST_F(PostgresLoopLink, NobodyWaitsBehindASlowStatement) {
    open();
    auto nap = start_nap<3>(3'000, seconds(60));
    const Told told = process();
    EXPECT_EQ(told.refusal, "");
    EXPECT_NE(told.where, loop_.id());
    EXPECT_NE(nap.wait_for(seconds(0)), std::future_status::ready);
    EXPECT_EQ(nap.get().refusal, "");
    EXPECT_TRUE(wait_for_the_loop());
}

TEST_F(PostgresLoopLink, OnesMistakeIsNobodyElses) {
    open();
    std::vector<std::future<Told>> units;
    for (int at = 0; at < 40; ++at)
        units.push_back(
            loop_.start(ask(database(), divide, test::PostgresEngine::within(seconds(30)), at % 5)));
    for (int at = 0; at < 40; ++at) {
        const Told told = units[static_cast<std::size_t>(at)].get();
        if (at % 5 == 0)
            EXPECT_THAT(told.refusal, HasSubstr("division by zero"));
        else
            EXPECT_EQ(told.value, 10 / (at % 5)) << told.refusal;
    }
    EXPECT_TRUE(wait_for_the_loop());
}

TEST_F(PostgresLoopLink, APrimaryThatBecameAStandbyIsLeft) {
    test::PostgresServer second;
    for (const std::string& url : {server_->url(), second.url()})
        test::PostgresClient(url).run(test::test_schema);
    test::PostgresClient(second.url()).run("INSERT INTO things (id, name) VALUES (1, '2')");
    test::PostgresClient(server_->url()).run("INSERT INTO things (id, name) VALUES (1, '1')");
    const std::string hosts = server_->data_folder() + "/..," + second.data_folder() + "/..";
    open({.url = test::with_connection_keyword(server_->url(), "host", hosts)});
    const auto name = [this] {
        auto find = [](Database& database) -> Task<std::string> {
            auto one = [](Tx& tx) { return tx.one(name_of_one); };
            co_return co_await database.look_up(test::PostgresEngine::within(seconds(30)), one);
        };
        return loop_.run(find(database()));
    };
    EXPECT_EQ(name(), "1");
    test::PostgresClient(server_->url())
        .run("ALTER DATABASE postgres SET default_transaction_read_only = on");
    server_->restart();
    EXPECT_TRUE(test::wait_until([&] { return name() == "2"; }));
    EXPECT_TRUE(wait_for_the_loop());
    EXPECT_EQ(name(), "2");
}

TEST_F(PostgresLoopLink, AReadOnlyServerStillServes) {
    test::PostgresClient client(server_->url());
    client.run(test::test_schema);
    client.run("ALTER DATABASE postgres SET default_transaction_read_only = on");
    open({.url = server_->url()});
    const std::int64_t before = process().value;
    // It looks for a server that takes writes now and then.
    EXPECT_TRUE(test::wait_until([&] {
        const Told told = process();
        EXPECT_EQ(told.refusal, "");
        return told.where == loop_.id() && told.value != before;
    }));
}

TEST_F(PostgresLoopLink, ASchemaThatChangedMakesItAnew) {
    open();
    test::PostgresClient client(server_->url());
    client.run("INSERT INTO things (id, name) VALUES (1, 'x')");
    const auto name = [](Database& database) -> Task<std::string> {
        auto find = [](Tx& tx) { return tx.one(name_of_one); };
        co_return co_await database.look_up({}, find);
    };
    EXPECT_EQ(loop_.run(name(database())), "x");
    client.run("ALTER TABLE things ALTER COLUMN name TYPE varchar(9)");
    EXPECT_EQ(loop_.run(name(database())), "x") << "cached plan must not change result type";
    EXPECT_TRUE(wait_for_the_loop());
    EXPECT_EQ(loop_.run(name(database())), "x");
}

TEST_F(PostgresLoopLink, IsNotUsedThroughATransactionPooler) {
    test::PostgresClient(server_->url()).run(test::test_schema);
    engine_.emplace(PostgresOptions{.url = server_->url(), .is_behind_transaction_pooler = true});
    for (int at = 0; at < 20; ++at) EXPECT_NE(process().where, loop_.id());
}

TEST_F(PostgresLoopLink, TheLoopMayGoFirst) {
    test::PostgresClient(server_->url()).run(test::test_schema);
    engine_.emplace(PostgresOptions{.url = server_->url()});
    {
        test::LoopThread other;
        EXPECT_TRUE(test::wait_until(
            [&] { return other.run(ask(database(), own_process, {})).where == other.id(); }));
    }
    EXPECT_EQ(process().refusal, "");
}

}  // namespace

}  // namespace lodestone::db
