// The four verbs on a real PostgreSQL: every kind of value at its edges, and what the server refuses.
#include <gmock/gmock.h>

#include <boost/describe/class.hpp>
#include <cmath>
#include <limits>

#include "db/admin_connection.hpp"
#include "support/postgres_engine.hpp"

namespace lodestone::db {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

struct Everything {
    bool yes = false;
    std::int64_t whole = 0;
    double real = 0;
    std::string words;
    Bytes raw;
    std::optional<std::int64_t> perhaps;
    std::optional<std::string> words_perhaps;
    bool operator==(const Everything&) const = default;
};
BOOST_DESCRIBE_STRUCT(Everything, (), (yes, whole, real, words, raw, perhaps, words_perhaps))

const Command<std::int64_t, bool, std::int64_t, double, std::string, Bytes, std::optional<std::int64_t>,
              std::optional<std::string>>
    insert_everything{
        "test.everything.insert",
        "INSERT INTO everything (id, yes, whole, real, words, raw, perhaps, words_perhaps) VALUES "
        "($1, $2, $3, $4, $5, $6, $7, $8)"};
// In another order than the struct's.
const Query<Everything, std::int64_t> find_everything{
    "test.everything.find",
    "SELECT words_perhaps, perhaps, raw, words, real, whole, yes FROM everything WHERE id = $1"};
const Query<std::int64_t> narrowest{"test.widths", "SELECT (-7)::int2"};
const Query<std::int64_t> narrow{"test.narrow", "SELECT (-70000)::int4"};
const Query<std::int64_t> wrong_type{"test.wrong_type", "SELECT 'text'"};
const Query<std::string, std::int64_t> list_numbers{"test.numbers",
                                                    "SELECT n::text FROM generate_series(1, $1) AS n"};
const Command<std::int64_t, std::string> insert_thing{"test.thing.insert",
                                                      "INSERT INTO things (id, name) VALUES ($1, $2)"};
struct Thing {
    std::int64_t id = 0;
    std::string name;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (id, name))
const Query<Thing, std::int64_t> find_whole_thing{"test.thing.find", "SELECT * FROM things WHERE id = $1"};
const Command<> delete_things{"test.thing.delete_all", "DELETE FROM things"};
const Query<std::int64_t> count_things{"test.thing.count", "SELECT count(*) FROM things"};
const Query<std::int64_t> missing_table{"test.missing", "SELECT id FROM nowhere"};
const Command<> pause_long{"test.pause", "DO $$ BEGIN PERFORM pg_sleep(60); END $$"};

class PostgresVerbs : public test::PostgresTest {
  protected:
    void SetUp() override {
        test::PostgresTest::SetUp();
        if (IsSkipped()) return;
        database_.emplace();
        database_->run(test::test_schema);
        database_->run(
            "CREATE TABLE everything (id bigint PRIMARY KEY, yes bool NOT NULL, whole bigint NOT NULL, real "
            "float8 NOT NULL, words text NOT NULL, raw bytea NOT NULL, perhaps bigint, words_perhaps text)");
        engine_.emplace(database_->url());
    }
    void round_trip(std::int64_t id, const Everything& sent) {
        auto& database = engine_->database();
        const auto got = database.write_now({}, [&](Tx& tx) {
            EXPECT_EQ(tx.run(insert_everything, id, sent.yes, sent.whole, sent.real, sent.words, sent.raw,
                             sent.perhaps, sent.words_perhaps),
                      1);
            return tx.one(find_everything, id);
        });
        EXPECT_TRUE(got == sent) << id;
    }

    std::optional<test::PostgresDatabase> database_;
    std::optional<test::PostgresEngine> engine_;
};

TEST_F(PostgresVerbs, KeepEveryKindAtItsEdges) {
    using Limits = std::numeric_limits<std::int64_t>;
    round_trip(1, {});
    round_trip(2,
               {.yes = true, .whole = Limits::max(), .real = 1.0 / 3, .words = "žluťoučký 🐎", .perhaps = 0});
    round_trip(3, {.whole = Limits::min(),
                   .real = std::numeric_limits<double>::denorm_min(),
                   .perhaps = Limits::min(),
                   .words_perhaps = ""});
    round_trip(4, {.real = -std::numeric_limits<double>::infinity(), .words_perhaps = "'; DROP TABLE x; --"});
    Bytes every_byte;
    for (int value = 0; value < 256; ++value) every_byte.push_back(static_cast<std::byte>(value));
    round_trip(5, {.words = std::string(1 << 20, 'x'), .raw = every_byte});
}

TEST_F(PostgresVerbs, ReadNarrowIntegersAndRefuseOtherTypes) {
    const auto look_up = [this](const auto& query) {
        return engine_->look_up({}, [&query](Tx& tx) { return tx.one(query); });
    };
    EXPECT_EQ(look_up(narrow), -70000);
    EXPECT_EQ(look_up(narrowest), -7);
    EXPECT_THAT(test::problem_of([&] { look_up(wrong_type); }), HasSubstr("was read as an integer"));
    EXPECT_EQ(look_up(narrow), -70000);
}

TEST_F(PostgresVerbs, AnswerWithNoneOneOrMany) {
    auto& database = engine_->database();
    database.write_now({}, [](Tx& tx) {
        EXPECT_EQ(tx.maybe(find_everything, 1), std::nullopt);
        EXPECT_EQ(tx.all(list_numbers, 1000).size(), 1000);
        EXPECT_TRUE(tx.all(list_numbers, 0).empty());
        EXPECT_EQ(tx.run(delete_things), 0);
        for (int id = 1; id <= 1000; ++id) tx.send(insert_thing, id, "a thing");
        EXPECT_EQ(tx.one(count_things), 1000);
        tx.send(insert_thing, 1001, "the last");
    });
    database.write_now({}, [](Tx& tx) { EXPECT_EQ(tx.run(delete_things), 1001); });
    EXPECT_EQ(database.read_now({}, [](Tx& tx) { return tx.one(count_things); }), 0);
}

TEST_F(PostgresVerbs, RefuseWhatPostgresCannotStore) {
    auto& database = engine_->database();
    const auto insert = [&](const std::string& name) {
        return test::problem_of(
            [&] { database.write_now({}, [&](Tx& tx) { tx.run(insert_thing, 1, name); }); });
    };
    EXPECT_THAT(insert(std::string("a\0b", 3)), HasSubstr("invalid-input"));
    EXPECT_THAT(insert("\xff\xfe"), HasSubstr("invalid-input"));
    EXPECT_EQ(insert("good"), "");
    EXPECT_THAT(insert("again"), HasSubstr("conflict"));
}

TEST_F(PostgresVerbs, SayWhichPipelinedStatementFailed) {
    auto& database = engine_->database();
    const auto send_twice = [](Tx& tx) {
        tx.send(insert_thing, 1, "one");
        tx.send(insert_thing, 1, "the same");
        tx.send(insert_thing, 2, "never");
    };
    EXPECT_THAT(test::problem_of([&] { database.write_now({}, send_twice); }),
                AllOf(HasSubstr("conflict"), HasSubstr("test.thing.insert")));
    EXPECT_THAT(test::problem_of([&] {
                    database.write_now({}, [&](Tx& tx) {
                        send_twice(tx);
                        tx.one(count_things);
                        ADD_FAILURE() << "the statement after a failure does not run";
                    });
                }),
                HasSubstr("conflict"));
    EXPECT_EQ(database.read_now({}, [](Tx& tx) { return tx.one(count_things); }), 0);
}

TEST_F(PostgresVerbs, RollBackWhatTheFunctionGivesUp) {
    auto& database = engine_->database();
    const auto refuse = [&](Tx& tx) {
        tx.run(insert_thing, 1, "one");
        tx.send(insert_thing, 1, "fails, and nobody sees");
        throw Problem(problems::forbidden, "No.");
    };
    EXPECT_THAT(test::problem_of([&] { database.write_now({}, refuse); }), HasSubstr("forbidden"));
    EXPECT_EQ(database.read_now({}, [](Tx& tx) { return tx.one(count_things); }), 0);
    EXPECT_TRUE(test::wait_until([&] { return engine_->status().size == 2; }));
}

TEST_F(PostgresVerbs, DoNotWriteInReads) {
    auto& database = engine_->database();
    EXPECT_THAT(test::problem_of([&] { database.read_now({}, [](Tx& tx) { tx.run(delete_things); }); }),
                HasSubstr("internal-error"));
    EXPECT_THAT(test::problem_of([&] { engine_->look_up({}, [](Tx& tx) { tx.run(delete_things); }); }),
                HasSubstr("internal-error"));
    EXPECT_THAT(test::problem_of([&] { database.read_now({}, [](Tx& tx) { tx.one(missing_table); }); }),
                HasSubstr("42P01"));
    EXPECT_TRUE(engine_->has_metric("lodestone_db_errors_total{engine=\"postgres\",failure=\"statement\""));
    EXPECT_TRUE(engine_->has_metric("statement=\"test.thing.count\"") == false);
}

TEST_F(PostgresVerbs, EndAtTheDeadline) {
    auto& database = engine_->database();
    ASSERT_TRUE(engine_->wait_until_connected());
    const auto start = std::chrono::steady_clock::now();
    // The server's own words, or that they did not come within the half second after it.
    const auto told = ::testing::AnyOf(HasSubstr("57014"), HasSubstr("did not answer in time"));
    const Unit unit = test::PostgresEngine::within(std::chrono::milliseconds(300));
    EXPECT_THAT(test::problem_of([&] { database.write_now(unit, [](Tx& tx) { tx.run(pause_long); }); }),
                AllOf(HasSubstr("too long"), told));
    const Unit look_up = test::PostgresEngine::within(std::chrono::milliseconds(300));
    EXPECT_THAT(test::problem_of([&] { engine_->look_up(look_up, [](Tx& tx) { tx.run(pause_long); }); }),
                told);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(30));
}

TEST_F(PostgresVerbs, PrepareAnewAfterTheSchemaChanged) {
    // One connection, so that what has prepared the statement is what is asked again.
    test::PostgresEngine single(
        PostgresOptions{.url = database_->url(), .min_connections = 1, .max_connections = 1});
    auto& database = single.database();
    const auto find = [&] {
        return single.look_up({}, [](Tx& tx) { return tx.maybe(find_whole_thing, 1); });
    };
    database.write_now({}, [](Tx& tx) { tx.run(insert_thing, 1, "one"); });
    for (int times = 0; times < 20; ++times) EXPECT_EQ(find()->name, "one");
    database_->run("ALTER TABLE things ADD COLUMN size bigint, ALTER COLUMN name TYPE varchar(50)");
    for (int times = 0; times < 20; ++times) EXPECT_EQ(find()->name, "one");
    EXPECT_TRUE(single.has_metric("reason=\"stale_plan\""));
    database.engine().forget_statements();
    for (int times = 0; times < 20; ++times) EXPECT_EQ(find()->name, "one");
    database.write_now({}, [](Tx& tx) { EXPECT_EQ(tx.run(delete_things), 1); });
}

TEST_F(PostgresVerbs, WorkWithoutSessionStateBehindAPooler) {
    test::PostgresEngine pooled(
        PostgresOptions{.url = database_->url(), .is_behind_transaction_pooler = true});
    for (int id = 0; id < 10; ++id) {
        pooled->write_now({}, [id](Tx& tx) { tx.send(insert_thing, id, "one"); });
        EXPECT_EQ(pooled.look_up({}, [](Tx& tx) { return tx.one(count_things); }), id + 1);
    }
    EXPECT_THAT(test::problem_of([&] { pooled.look_up({}, [](Tx& tx) { tx.run(delete_things); }); }),
                HasSubstr("internal-error"));
    EXPECT_EQ(
        database_->run("SELECT max(calls) FROM (SELECT count(*) AS calls FROM pg_prepared_statements) x"),
        "0");
}

// DETAIL quotes the row; what is logged of a failure must not.
TEST_F(PostgresVerbs, KeepsRowsOutOfItsErrors) {
    database_->run("ALTER TABLE things ADD CONSTRAINT shortness CHECK (length(name) < 9)");
    database_->run("CREATE UNIQUE INDEX one_name ON things (name)");
    const auto insert = [this](std::int64_t id, const std::string& name) {
        return test::problem_of(
            [&] { engine_->database().write_now({}, [&](Tx& tx) { tx.run(insert_thing, id, name); }); });
    };
    const std::string long_one = insert(1, "hunter2 hunter2");
    EXPECT_THAT(long_one, AllOf(HasSubstr("[23514 things shortness]"), Not(HasSubstr("hunter2"))));
    EXPECT_EQ(insert(2, "hunter2"), "");
    EXPECT_THAT(insert(3, "hunter2"), AllOf(HasSubstr("one_name"), Not(HasSubstr("hunter2"))));
    const auto admin = open_postgres_admin(database_->url(), std::chrono::seconds(10));
    const auto said = find_problem([&] { admin->run("INSERT INTO things VALUES (4, 'hunter2')"); });
    EXPECT_THAT(said.value_or(""), AllOf(HasSubstr("[23505 things one_name]"), Not(HasSubstr("hunter2"))));
}

// The same names as SQLite's.
TEST_F(PostgresVerbs, CountsAndTimesStatements) {
    for (int time = 0; time < 2; ++time)
        engine_->database().read_now({}, [](Tx& tx) { return tx.one(count_things); });
    const std::string labels = "{engine=\"postgres\",pool=\"primary\",statement=\"test.thing.count\"} ";
    EXPECT_TRUE(engine_->has_metric("lodestone_db_statements_total" + labels + "2\n"));
    EXPECT_TRUE(engine_->has_metric("lodestone_db_statement_seconds_total" + labels));
    EXPECT_FALSE(engine_->has_metric("lodestone_db_statement_seconds_total" + labels + "0\n"));
    EXPECT_TRUE(engine_->has_metric("lodestone_db_wait_seconds_count{engine=\"postgres\""));
}

}  // namespace

}  // namespace lodestone::db
