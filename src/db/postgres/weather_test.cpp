// PostgreSQL in bad weather: absent, killed, frozen, out of connections, read-only, and secret. Each time the
// units end by their deadline with the truth, and the engine heals by itself.
#include <gmock/gmock.h>

#include <semaphore>

#include "support/postgres_engine.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::AnyOf;
using ::testing::HasSubstr;

const Query<std::int64_t> one_row{"test.weather.one", "SELECT 1"};
const Command<std::int64_t> insert_one{"test.weather.insert", "INSERT INTO things (id) VALUES ($1)"};
const Query<std::int64_t> count_all{"test.weather.count", "SELECT count(*) FROM things"};

const Query<std::int64_t> own_process{"test.weather.process", "SELECT pg_backend_pid()"};
const Query<bool> is_standby{"test.weather.standby", "SELECT pg_is_in_recovery()"};

class PostgresWeather : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (!IsSkipped()) server_.emplace();
    }
    void open(PostgresOptions options) {
        options.acquire_timeout = seconds(30);
        engine_.emplace(std::move(options));
    }
    void open_with_table() {
        test::PostgresClient(server_->url()).run(test::test_schema);
        open({.url = server_->url(), .connect_timeout = seconds(1)});
        ASSERT_TRUE(engine_->wait_until_connected());
    }
    std::string look(milliseconds time = seconds(30)) {
        return engine_
            ->start(
                test::PostgresEngine::within(time), [](Tx& tx) { tx.one(one_row); }, WorkKind::look_up)
            .get();
    }
    std::string insert(std::int64_t id, milliseconds time = seconds(30)) {
        return engine_->start(test::PostgresEngine::within(time), [id](Tx& tx) { tx.run(insert_one, id); })
            .get();
    }
    std::string fault() { return engine_->status().fault.value_or(""); }

    std::optional<test::PostgresServer> server_;
    std::optional<test::PostgresEngine> engine_;
};

TEST_F(PostgresWeather, AbsentAtTheStart) {
    server_->stop();
    const auto start = std::chrono::steady_clock::now();
    open({.url = server_->url()});
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(20));
    EXPECT_TRUE(test::wait_until([this] { return fault().find("Cannot connect") == 0; })) << fault();
    EXPECT_THAT(look(milliseconds(50)), HasSubstr("unavailable"));
    server_->start();
    EXPECT_EQ(look(), "");
    EXPECT_TRUE(engine_->wait_until_connected());
    EXPECT_THAT(engine_->status().engine, HasSubstr("PostgreSQL 1"));
    EXPECT_TRUE(engine_->database().engine().capabilities().has_advisory_locks);
}

TEST_F(PostgresWeather, KilledInTheMiddleOfATransaction) {
    open_with_table();
    std::binary_semaphore entered(0), killed(0);
    int runs = 0;
    auto write = engine_->start(test::PostgresEngine::within(seconds(60)), [&](Tx& tx) {
        tx.run(insert_one, 1);
        if (++runs > 1) return;
        entered.release();
        killed.acquire();
        tx.run(insert_one, 2);
    });
    entered.acquire();
    server_->kill();
    killed.release();
    EXPECT_TRUE(test::wait_until([this] { return !fault().empty(); }));
    server_->start();
    EXPECT_EQ(write.get(), "");
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(test::PostgresClient(server_->url()).run("SELECT count(*) FROM things"), "1");
}

TEST_F(PostgresWeather, RestartedBetweenUnits) {
    open_with_table();
    for (int id = 0; id < 3; ++id) {
        EXPECT_EQ(insert(id), "");
        server_->restart();
    }
    EXPECT_EQ(look(), "");
}

TEST_F(PostgresWeather, FrozenLikeABlackHole) {
    open_with_table();
    server_->pause();
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::future<std::string>> units;
    for (int at = 0; at < 10; ++at)
        units.push_back(
            engine_->start(test::PostgresEngine::within(milliseconds(300)), [](Tx& tx) { tx.one(one_row); }));
    for (auto& unit : units) EXPECT_THAT(unit.get(), HasSubstr("unavailable"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(20));  // a second, on a machine with time
    EXPECT_TRUE(test::wait_until([this] { return !fault().empty(); }));
    server_->resume();
    EXPECT_EQ(look(), "");
    EXPECT_TRUE(engine_->wait_until_connected());
}

TEST_F(PostgresWeather, FrozenWhileItCommits) {
    open_with_table();
    // Enough for what comes before the pause, on a busy machine as well.
    auto write = engine_->start(test::PostgresEngine::within(seconds(4)), [this](Tx& tx) {
        tx.run(insert_one, 1);
        server_->pause();
    });
    EXPECT_THAT(write.get(), HasSubstr("may or may not"));
    server_->resume();
    EXPECT_EQ(insert(2), "");
}

TEST_F(PostgresWeather, OutOfConnections) {
    test::PostgresClient client(server_->url());
    client.run("CREATE ROLE narrow LOGIN CONNECTION LIMIT 1; GRANT ALL ON SCHEMA public TO narrow");
    open({.url = test::with_connection_keyword(server_->url(), "user", "narrow"), .min_connections = 1});
    std::vector<std::future<std::string>> units;
    for (int at = 0; at < 50; ++at)
        units.push_back(
            engine_->start(test::PostgresEngine::within(seconds(30)), [](Tx& tx) { tx.one(one_row); }));
    for (auto& unit : units) EXPECT_EQ(unit.get(), "");
    EXPECT_EQ(engine_->status().size, 1);
    client.run("ALTER ROLE narrow CONNECTION LIMIT 0");
    client.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'narrow'");
    EXPECT_THAT(look(milliseconds(300)), HasSubstr("unavailable"));
    EXPECT_TRUE(
        test::wait_until([this] { return fault().find("too many connections") != std::string::npos; }));
    client.run("ALTER ROLE narrow CONNECTION LIMIT 5");
    EXPECT_EQ(look(), "");
}

TEST_F(PostgresWeather, TakesNoChanges) {
    open_with_table();
    test::PostgresClient client(server_->url());
    client.run("ALTER DATABASE postgres SET default_transaction_read_only = on");
    client.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lodestone'");
    EXPECT_EQ(look(), "");
    EXPECT_THAT(insert(1), HasSubstr("takes no changes"));
    EXPECT_TRUE(test::wait_until([this] { return fault().find("no changes") != std::string::npos; }));
    client.run("SET default_transaction_read_only = off; ALTER DATABASE postgres RESET ALL");
    EXPECT_TRUE(test::wait_until([this] { return insert(2).empty(); }));
    EXPECT_TRUE(test::wait_until([this] { return fault().empty(); }));
}

TEST_F(PostgresWeather, RefusesAWrongPassword) {
    server_.emplace(test::PostgresServerOptions{.settings = {}, .hba = {"local all secret scram-sha-256"}});
    test::PostgresClient client(server_->url());
    client.run("CREATE ROLE secret LOGIN PASSWORD 'right'");
    const std::string url = test::with_connection_keyword(server_->url(), "user", "secret");
    open({.url = test::with_connection_keyword(url, "password", "wrong")});
    EXPECT_TRUE(test::wait_until([this] {
        return fault().find("password authentication") != std::string::npos;
    })) << fault();
    EXPECT_EQ(fault().find("wrong"), std::string::npos);
    client.run("ALTER ROLE secret PASSWORD 'wrong'");
    EXPECT_EQ(look(), "");
}

TEST_F(PostgresWeather, FindsTheHostThatTakesWrites) {
    test::PostgresServer standing;
    test::PostgresClient(standing.url())
        .run("ALTER DATABASE postgres SET default_transaction_read_only = on");
    test::PostgresClient(server_->url()).run(test::test_schema);
    const std::string hosts = standing.data_folder() + "/..," + server_->data_folder() + "/..";
    open({.url = test::with_connection_keyword(server_->url(), "host", hosts)});
    EXPECT_EQ(insert(1), "");
    EXPECT_EQ(test::PostgresClient(server_->url()).run("SELECT count(*) FROM things"), "1");
}

TEST_F(PostgresWeather, ReadsFromAReplicaWhenStalenessIsAllowed) {
    test::PostgresClient(server_->url()).run(test::test_schema);
    const std::string copy = server_->data_folder() + "_copy";
    server_->run_as_postgres({test::PostgresServer::bin() / "pg_basebackup", "-d", server_->url(), "-D", copy,
                              "-R", "-c", "fast", "--no-sync"});
    test::PostgresServer replica({.standby_of_folder_copy = copy});
    open({.url = server_->url(), .replicas = {replica.url()}});
    ASSERT_TRUE(engine_->wait_until_connected());
    EXPECT_TRUE(test::wait_until([this] { return engine_->status().replica_lag.has_value(); }));
    Unit stale = test::PostgresEngine::within(seconds(30));
    stale.allows_stale = true;
    const auto ask = [&](const Unit& unit) {
        return engine_->look_up(unit, [&](Tx& tx) { return tx.one(is_standby); });
    };
    EXPECT_TRUE(test::wait_until([&] { return ask(stale); }));
    EXPECT_FALSE(ask(test::PostgresEngine::within(seconds(30))));
    EXPECT_EQ(insert(1), "");
    EXPECT_TRUE(test::wait_until(
        [&] { return engine_->database().read_now(stale, [](Tx& tx) { return tx.one(count_all); }) == 1; }));
    replica.kill();
    EXPECT_FALSE(ask(stale));
    EXPECT_FALSE(ask(stale));
}

// Two minutes behind, by a clock that is ahead: without waiting for them.
TEST_F(PostgresWeather, LeavesAReplicaThatLagsAlone) {
    test::PostgresClient primary(server_->url());
    primary.run(test::test_schema);
    primary.run(
        "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT "
        "pg_catalog.clock_timestamp() + "
        "interval '2 minutes' $$");
    primary.run("ALTER DATABASE postgres SET search_path = public, pg_catalog");
    const std::string copy = server_->data_folder() + "_copy";
    server_->run_as_postgres({test::PostgresServer::bin() / "pg_basebackup", "-d", server_->url(), "-D", copy,
                              "-R", "-c", "fast", "--no-sync"});
    test::PostgresServer replica({.standby_of_folder_copy = copy});
    open({.url = server_->url(), .replicas = {replica.url()}});
    const auto asks_replica = [&] {
        Unit stale = test::PostgresEngine::within(seconds(30));
        stale.allows_stale = true;
        return engine_->look_up(stale, [&](Tx& tx) { return tx.one(is_standby); });
    };
    ASSERT_TRUE(engine_->wait_until_connected());
    EXPECT_EQ(insert(1), "");  // replayed: the replica knows when that was
    EXPECT_TRUE(test::wait_until(asks_replica)) << "it has all there is, whatever the clock says";
    test::PostgresClient standby(replica.url());
    ASSERT_TRUE(test::wait_until([&] { return standby.run("SELECT count(*) FROM things") == "1"; }));
    standby.run("SELECT pg_wal_replay_pause()");
    EXPECT_EQ(insert(2), "");
    EXPECT_TRUE(test::wait_until([&] { return !asks_replica(); }));
    EXPECT_GT(engine_->status().replica_lag.value_or(std::chrono::milliseconds(0)), std::chrono::minutes(1));
    for (int again = 0; again < 10; ++again) EXPECT_FALSE(asks_replica());
    standby.run("SELECT pg_wal_replay_resume()");
    EXPECT_TRUE(test::wait_until(asks_replica)) << "when it has caught up";
}

// The refusal is our own: the connection goes on to serve reads.
TEST_F(PostgresWeather, KeepsAReadOnlyConnectionThatRefusedAWrite) {
    test::PostgresClient client(server_->url());
    client.run("ALTER DATABASE postgres SET default_transaction_read_only = on");
    open({.url = server_->url(), .min_connections = 1, .max_connections = 1});
    ASSERT_EQ(look(), "");
    const auto ask = [this] {
        return engine_->look_up(test::PostgresEngine::within(seconds(30)),
                                [](Tx& tx) { return tx.one(own_process); });
    };
    // It ends by itself now and then, to look for a server that takes writes.
    EXPECT_TRUE(test::wait_until([&] {
        const std::int64_t before = ask();
        EXPECT_THAT(insert(1), HasSubstr("takes no changes"));
        return ask() == before;
    }));
}

}  // namespace

}  // namespace lodestone::db
