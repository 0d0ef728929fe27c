// COMMIT in bad weather: connections that break before it, in it and after it, with an idempotency key and
// without one.
#include <gmock/gmock.h>

#include "support/postgres_engine.hpp"
#include "support/postgres_proxy.hpp"

namespace lodestone::db {

namespace {

using ::testing::HasSubstr;
using Break = test::PostgresProxy::Break;

const Command<std::int64_t> insert_one{"test.commit.insert", "INSERT INTO things (id) VALUES ($1)"};
const Query<std::int64_t> count_all{"test.commit.count", "SELECT count(*) FROM things"};
const Query<bool> end_own_backend{"test.commit.end", "SELECT pg_terminate_backend(pg_backend_pid())"};

class PostgresCommit : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (IsSkipped()) return;
        if (!std::filesystem::exists(test::PostgresServer::shared().socket()))
            GTEST_SKIP() << "the tests' PostgreSQL has no socket here to stand before";
        database_.emplace();
        database_->run(test::test_schema);
        proxy_.emplace(database_->server());
        engine_.emplace(proxy_->url(database_->name()));
        ASSERT_TRUE(engine_->wait_until_connected());
        engine_->database().write_now({}, [](Tx& tx) { tx.send(insert_one, 0); });
    }
    std::string insert(std::int64_t id, const std::string& key, int* runs = nullptr) {
        Unit unit = test::PostgresEngine::within(std::chrono::seconds(20));
        unit.idempotency_key = key;
        return test::problem_of([&] {
            engine_->database().write_now(unit, [&](Tx& tx) {
                if (runs != nullptr) ++*runs;
                tx.send(insert_one, id);
            });
        });
    }
    // The first `times` fences are refused; a sequence counts also what is rolled back.
    void refuse_looks(int times) {
        database_->run("CREATE SEQUENCE looks");
        database_->run(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('looks') <= " +
            std::to_string(times) +
            " THEN RAISE EXCEPTION 'a standby' USING ERRCODE = '25006'; END IF; RETURN new; END $$");
        database_->run(
            "CREATE TRIGGER refusal BEFORE INSERT ON committed_units FOR EACH ROW WHEN (new.committed_at <= "
            "0) "
            "EXECUTE FUNCTION refuse()");
    }
    std::string count() { return database_->run("SELECT count(*) FROM things"); }

    std::optional<test::PostgresDatabase> database_;
    std::optional<test::PostgresProxy> proxy_;
    std::optional<test::PostgresEngine> engine_;
};

TEST_F(PostgresCommit, IsUnknownWithoutAKey) {
    int runs = 0;
    proxy_->break_next(Break::reply);
    EXPECT_THAT(insert(1, "", &runs), HasSubstr("it may or may not have happened"));
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(count(), "2");
    proxy_->break_next(Break::request);
    EXPECT_THAT(insert(2, ""), HasSubstr("it may or may not have happened"));
    EXPECT_EQ(count(), "2");
    EXPECT_EQ(insert(3, ""), "");
}

TEST_F(PostgresCommit, IsFoundOutByItsKey) {
    int runs = 0;
    proxy_->break_next(Break::reply);
    EXPECT_EQ(insert(1, "first", &runs), "");
    EXPECT_TRUE(proxy_->has_broken());
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(count(), "2");
    EXPECT_EQ(database_->run("SELECT count(*) FROM committed_units WHERE committed_at > 0"), "1");
}

TEST_F(PostgresCommit, IsRepeatedWhenTheKeySaysThatItDidNotHappen) {
    int runs = 0;
    proxy_->break_next(Break::request);
    EXPECT_EQ(insert(1, "second", &runs), "");
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(count(), "2");
    EXPECT_EQ(database_->run("SELECT count(*) FROM committed_units WHERE committed_at > 0"), "1");
    EXPECT_TRUE(engine_->has_metric(
        "lodestone_db_repeats_total{engine=\"postgres\",pool=\"primary\",reason=\"unknown\"}"));
}

// A server that does not know itself, as a distributed one may not.
TEST_F(PostgresCommit, IsFoundOutWhenTheServerDoesNotKnow) {
    database_->run("CREATE SEQUENCE doubts");
    database_->run(
        "CREATE FUNCTION doubt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('doubts') <= 2 THEN "
        "RAISE EXCEPTION 'result is ambiguous' USING ERRCODE = '40003'; END IF; RETURN new; END $$");
    database_->run(
        "CREATE CONSTRAINT TRIGGER doubt AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        "EXECUTE FUNCTION doubt()");
    int runs = 0;
    EXPECT_THAT(insert(1, "", &runs), HasSubstr("it may or may not have happened"));
    EXPECT_EQ(runs, 1) << "never again blindly";
    EXPECT_EQ(insert(2, "third", &runs), "");
    EXPECT_EQ(runs, 3) << "its key told that it had not happened";
    EXPECT_EQ(count(), "2");
}

TEST_F(PostgresCommit, RefusesAKeyThatWasUsed) {
    EXPECT_EQ(insert(1, "same"), "");
    EXPECT_THAT(insert(2, "same"), HasSubstr("conflict"));
    EXPECT_EQ(count(), "2");
    // A fence that an earlier unit left behind is no commit.
    database_->run("INSERT INTO committed_units VALUES ('fenced', 0)");
    EXPECT_EQ(insert(3, "fenced"), "");
    EXPECT_EQ(count(), "3");
}

TEST_F(PostgresCommit, IsTriedOnceMoreWhenTheConnectionBrokeBefore) {
    int runs = 0;
    engine_->database().write_now(test::PostgresEngine::within(std::chrono::seconds(20)), [&](Tx& tx) {
        tx.run(insert_one, 1);
        if (++runs == 1) tx.one(end_own_backend);
    });
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(count(), "2");
    EXPECT_TRUE(engine_->has_metric("reason=\"lost\""));
    const auto always = [&](Tx& tx) {
        ++runs;
        tx.run(insert_one, 2);
        tx.one(end_own_backend);
    };
    runs = 0;
    const Unit unit = test::PostgresEngine::within(std::chrono::seconds(20));
    EXPECT_THAT(test::problem_of([&] { engine_->database().write_now(unit, always); }),
                HasSubstr("nothing was changed"));
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(count(), "2");
}

// As a standby does while a failover goes on: it refuses to look, many times.
TEST_F(PostgresCommit, IsLookedUpUntilItIsKnown) {
    refuse_looks(14);
    proxy_->break_next(Break::reply);
    int runs = 0;
    EXPECT_EQ(insert(1, "patient", &runs), "");
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(count(), "2");
    EXPECT_EQ(database_->run("SELECT last_value FROM looks"), "15");
}

TEST_F(PostgresCommit, StaysUnknownWhenTheDeadlineComesFirst) {
    refuse_looks(1'000'000);
    proxy_->break_next(Break::reply);
    Unit unit = test::PostgresEngine::within(std::chrono::seconds(3));
    unit.idempotency_key = "late";
    const auto start = std::chrono::steady_clock::now();
    const auto write = [](Tx& tx) { tx.send(insert_one, 1); };
    EXPECT_THAT(test::problem_of([&] { engine_->database().write_now(unit, write); }),
                HasSubstr("may or may not have happened"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
    EXPECT_LT(std::stoi(database_->run("SELECT last_value FROM looks")), 100) << "there are pauses";
}

}  // namespace

}  // namespace lodestone::db
