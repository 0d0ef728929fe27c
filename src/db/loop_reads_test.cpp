// Look-ups and reads of one statement run on the event loop that wants them; everything else, and whatever
// goes wrong there, on the database's threads, with the same answers.
#include <gmock/gmock.h>

#include <atomic>

#include "support/loop_thread.hpp"
#include "support/postgres_engine.hpp"
#include "support/sqlite_database.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

const Query<std::string, std::int64_t> find_name{"test.loop.find", "SELECT name FROM things WHERE id = $1"};
const Query<std::int64_t> count_things{"test.loop.count", "SELECT count(*) FROM things"};
const Command<std::int64_t, std::string> insert_thing{"test.loop.insert",
                                                      "INSERT INTO things (id, name) VALUES ($1, $2)"};
const Query<std::int64_t, std::int64_t> count_long{
    "test.loop.slow",
    {"SELECT count(*) FROM generate_series(1, $1)",
     "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < $1) SELECT count(*) FROM n"}};
const Command<std::int64_t> write_in_a_read{"test.loop.write", "DELETE FROM things WHERE id = $1"};

// What a loop is asked to do in the tests below; `where` says which thread ran it last.
struct Place {
    std::atomic<std::thread::id> where{};
    std::atomic<int> runs{0};
    void note() {
        where = std::this_thread::get_id();
        ++runs;
    }
};

Task<std::optional<std::string>> look_up(Database& database, Place& place, std::int64_t id, Unit unit = {}) {
    auto find = [&place, id](Tx& tx) {
        place.note();
        return tx.maybe(find_name, id);
    };
    co_return co_await database.look_up(std::move(unit), find);
}

Task<std::optional<std::string>> read_one(Database& database, Place& place, std::int64_t id) {
    auto find = [&place, id](Tx& tx) {
        place.note();
        return tx.maybe(find_name, id);
    };
    co_return co_await database.read({}, find);
}

template <EngineKind>  // what is learnt of one engine's place is not believed of the other's
Task<std::int64_t> read_two(Database& database, Place& place, bool& wants_second) {
    auto find = [&](Tx& tx) {
        place.note();
        const std::int64_t count = tx.one(count_things);
        return wants_second ? count * 100 + tx.one(count_things) : count;
    };
    co_return co_await database.read({}, find);
}

Task<std::string> refuse(Database& database, std::int64_t id) {
    auto find = [id](Tx& tx) -> std::string {
        const auto name = tx.maybe(find_name, id);
        if (!name) throw Problem(problems::not_found, "There is no such thing.");
        return *name;
    };
    co_return co_await database.look_up({}, find);
}

template <class Call>
std::string code_of(Call call) {
    try {
        call();
    } catch (const Problem& problem) {
        return std::string(problem.kind().code);
    }
    return {};
}

// The same on both engines.
class LoopReads : public testing::TestWithParam<EngineKind> {
  protected:
    void SetUp() override {
        if (GetParam() == EngineKind::sqlite) {
            sqlite_.emplace("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT) STRICT");
            database_ = &**sqlite_;
        } else {
            if (!test::PostgresServer::is_installed()) GTEST_SKIP() << "PostgreSQL is not installed";
            postgres_.emplace();
            postgres_->run(test::test_schema);
            engine_.emplace(postgres_->url());
            database_ = &engine_->database();
        }
        database_->write_now({}, [](Tx& tx) {
            tx.run(insert_thing, 1, "one");
            tx.run(insert_thing, 2, "two");
        });
    }
    void TearDown() override {
        if (database_ != nullptr) database_->engine().stop();
    }
    // PostgreSQL's connection for the loop is made in the background.
    bool wait_for_the_loop() {
        Place place;
        return test::wait_until([&] {
            loop_.run(look_up(*database_, place, 1));
            return place.where.load() == loop_.id();
        });
    }

    // On a busy machine one may have been slow, and then rests (Habit).
    template <class Call>
    bool ends_on_the_loop(Place& place, Call call) {
        return test::wait_until([&] {
            call();
            return place.where.load() == loop_.id();
        });
    }

    std::optional<test::SqliteDatabase> sqlite_;
    std::optional<test::PostgresDatabase> postgres_;
    std::optional<test::PostgresEngine> engine_;
    Database* database_ = nullptr;
    test::LoopThread loop_;
};

TEST_P(LoopReads, LooksUpWhereItIsAwaited) {
    ASSERT_TRUE(wait_for_the_loop());
    Place place;
    EXPECT_TRUE(ends_on_the_loop(place, [&] { EXPECT_EQ(loop_.run(look_up(*database_, place, 2)), "two"); }));
    EXPECT_TRUE(
        ends_on_the_loop(place, [&] { EXPECT_EQ(loop_.run(look_up(*database_, place, 3)), std::nullopt); }));
    EXPECT_EQ(loop_.run(refuse(*database_, 1)), "one");
    EXPECT_EQ(code_of([&] { loop_.run(refuse(*database_, 3)); }), "not-found");
}

TEST_P(LoopReads, SeesWhatWasWrittenBefore) {
    ASSERT_TRUE(wait_for_the_loop());
    Place place;
    for (std::int64_t id = 10; id < 60; ++id) {
        database_->write_now({}, [id](Tx& tx) { tx.run(insert_thing, id, std::to_string(id)); });
        EXPECT_EQ(loop_.run(look_up(*database_, place, id)), std::to_string(id));
    }
}

TEST_P(LoopReads, ReadsWithOneStatementLearnTheWay) {
    ASSERT_TRUE(wait_for_the_loop());
    Place place;
    EXPECT_EQ(loop_.run(read_one(*database_, place, 1)), "one");
    EXPECT_TRUE(
        ends_on_the_loop(place, [&] { EXPECT_EQ(loop_.run(read_one(*database_, place, 2)), "two"); }));
}

TEST_P(LoopReads, ASecondStatementWantsATransaction) {
    ASSERT_TRUE(wait_for_the_loop());
    Place place;
    bool wants_second = false;
    const auto read = [&] {
        return loop_.run(GetParam() == EngineKind::sqlite
                             ? read_two<EngineKind::sqlite>(*database_, place, wants_second)
                             : read_two<EngineKind::postgres>(*database_, place, wants_second));
    };
    EXPECT_TRUE(ends_on_the_loop(place, [&] { EXPECT_EQ(read(), 2); }));
    wants_second = true;
    EXPECT_EQ(read(), 202);
    EXPECT_NE(place.where.load(), loop_.id());
    wants_second = false;
    EXPECT_EQ(read(), 2);
    EXPECT_NE(place.where.load(), loop_.id()) << "for good";
}

Task<std::int64_t> look_up_anew(Database& database, Place& place, std::int64_t& next) {
    auto find = [&](Tx& tx) {
        place.note();
        const std::int64_t id = ++next;
        return tx.maybe(find_name, id) ? id : 0;
    };
    co_return co_await database.look_up({}, find);
}

// A function that asks for something else each time would get the answer to another question.
TEST_P(LoopReads, AnswersTheQuestionThatWasAsked) {
    ASSERT_TRUE(wait_for_the_loop());
    Place place;
    for (std::int64_t start : {0, 0, 1, 1}) {
        std::int64_t next = start;
        const std::int64_t found = loop_.run(look_up_anew(*database_, place, next));
        EXPECT_EQ(found, next <= 2 ? next : 0);
    }
}

Task<void> ask_many(Database& database, std::atomic<int>& right) {
    for (int i = 0; i < 100; ++i) {
        Place place;
        const std::int64_t id = 1 + i % 3;
        const auto name = co_await look_up(database, place, id);
        right += name == (id == 1   ? std::optional<std::string>("one")
                          : id == 2 ? std::optional<std::string>("two")
                                    : std::nullopt);
    }
}

TEST_P(LoopReads, ManyCoroutinesGetTheirOwnAnswers) {
    ASSERT_TRUE(wait_for_the_loop());
    std::atomic<int> right{0};
    std::vector<std::future<void>> crowd;
    for (int i = 0; i < 50; ++i) crowd.push_back(loop_.start(ask_many(*database_, right)));
    for (auto& one : crowd) one.get();
    EXPECT_EQ(right, 5'000);
}

Task<std::int64_t> count_up_to(Database& database, std::int64_t most, Unit unit) {
    auto count = [most](Tx& tx) { return tx.one(count_long, most); };
    co_return co_await database.look_up(std::move(unit), count);
}

TEST_P(LoopReads, ASlowStatementEndsByItsDeadlineAndHoldsNobodyUp) {
    ASSERT_TRUE(wait_for_the_loop());
    auto slow = loop_.start(count_up_to(*database_, 1'000'000'000, test::PostgresEngine::within(seconds(2))));
    Place place;
    int answered = 0;
    while (slow.wait_for(seconds(0)) != std::future_status::ready)
        answered += loop_.run(look_up(*database_, place, 1)) == "one";
    EXPECT_GE(answered, 2);
    EXPECT_EQ(code_of([&] { slow.get(); }), "unavailable");
    EXPECT_EQ(loop_.run(look_up(*database_, place, 1)), "one");
}

TEST_P(LoopReads, WhatIsSlowButInTimeIsAnswered) {
    ASSERT_TRUE(wait_for_the_loop());
    const std::int64_t count = loop_.run(count_up_to(*database_, 100'000, {}));
    EXPECT_EQ(count % 100'000, 0);
}

TEST_P(LoopReads, AMissedDeadlineIsRefused) {
    ASSERT_TRUE(wait_for_the_loop());
    Place place;
    Unit late;
    late.deadline = std::chrono::steady_clock::now() - seconds(1);
    EXPECT_EQ(code_of([&] { loop_.run(look_up(*database_, place, 1, late)); }), "unavailable");
    EXPECT_EQ(loop_.run(look_up(*database_, place, 1, test::PostgresEngine::within(seconds(20)))), "one");
}

Task<std::int64_t> write_while_reading(Database& database) {
    auto write = [](Tx& tx) { return tx.run(write_in_a_read, 1); };
    co_return co_await database.look_up({}, write);
}

TEST_P(LoopReads, WritesNothing) {
    ASSERT_TRUE(wait_for_the_loop());
    EXPECT_EQ(code_of([&] { loop_.run(write_while_reading(*database_)); }), "internal-error");
    Place place;
    EXPECT_EQ(loop_.run(look_up(*database_, place, 1)), "one");
}

TEST_P(LoopReads, NothingRunsWhileHeldOrStopped) {
    ASSERT_TRUE(wait_for_the_loop());
    Place place;
    database_->hold();
    EXPECT_EQ(code_of([&] { loop_.run(look_up(*database_, place, 1)); }), "unavailable");
    database_->release();
    EXPECT_EQ(loop_.run(look_up(*database_, place, 1)), "one");
    database_->engine().stop();
    EXPECT_EQ(code_of([&] { loop_.run(look_up(*database_, place, 1)); }), "unavailable");
}

TEST_P(LoopReads, ASchemaThatChangedIsSeen) {
    ASSERT_TRUE(wait_for_the_loop());
    Place place;
    EXPECT_EQ(loop_.run(look_up(*database_, place, 1)), "one");
    const std::string change = GetParam() == EngineKind::sqlite
                                   ? "ALTER TABLE things ADD COLUMN more TEXT; UPDATE things SET name = 'neu'"
                                   : "ALTER TABLE things ALTER COLUMN name TYPE varchar(99); "
                                     "UPDATE things SET name = 'neu'";
    if (GetParam() == EngineKind::sqlite)
        sqlite_->ask(change);
    else
        postgres_->run(change);
    EXPECT_EQ(loop_.run(look_up(*database_, place, 1)), "neu");
    database_->engine().forget_statements();
    EXPECT_EQ(loop_.run(look_up(*database_, place, 1)), "neu");
    EXPECT_TRUE(wait_for_the_loop());
}

TEST_P(LoopReads, StopsWhileManyAsk) {
    ASSERT_TRUE(wait_for_the_loop());
    std::atomic<int> right{0};
    std::vector<std::future<void>> crowd;
    for (int i = 0; i < 20; ++i) crowd.push_back(loop_.start(ask_many(*database_, right)));
    ASSERT_TRUE(test::wait_until([&] { return right > 10; }));
    database_->engine().stop();
    for (auto& one : crowd) EXPECT_THAT(code_of([&] { one.get(); }), testing::AnyOf("", "unavailable"));
}

INSTANTIATE_TEST_SUITE_P(, LoopReads, testing::Values(EngineKind::sqlite, EngineKind::postgres),
                         [](const auto& engine) {
                             return engine.param == EngineKind::sqlite ? "sqlite" : "postgres";
                         });

}  // namespace

}  // namespace lodestone::db
