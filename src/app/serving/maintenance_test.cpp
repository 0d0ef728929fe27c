// Chores are done by one node at a time, in bounded steps; the audit log is numbered without anybody's
// asking.
#include "app/serving/maintenance.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "ledger/audit.hpp"
#include "ledger/chain.hpp"
#include "support/databases.hpp"
#include "support/files.hpp"
#include "support/wait.hpp"

namespace lodestone::app {
namespace {

using db::Tx;
using ::testing::HasSubstr;

class MaintenanceTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (!IsSkipped()) database().keep_records(ledger::make_record_keeper(context()));
    }
    void make_entry() {
        write([](Tx& tx) {
            tx.record({.action = "thing.make", .tenant = "a", .subject = "b", .details = "{}"});
        });
    }
    ledger::RefusalRecorder& refusals() {
        if (!refusals_) refusals_.emplace(context());
        return *refusals_;
    }

  private:
    std::optional<ledger::RefusalRecorder> refusals_;
};
INSTANTIATE_ON_EVERY_DATABASE(MaintenanceTest);

TEST_P(MaintenanceTest, OneNodeHasTheTurnUntilItIsDueAgain) {
    const Chore chore{"test", std::chrono::hours(1), {}};
    std::atomic<int> turns{0};
    test::run_at_once(4, [&](int node) {
        if (write([&](Tx& tx) { return take_turn(tx, chore, std::to_string(node)); })) ++turns;
    });
    EXPECT_EQ(turns, 1);
    clock().advance(std::chrono::minutes(59));
    EXPECT_FALSE(write([&](Tx& tx) { return take_turn(tx, chore, "5"); }));
    clock().advance(std::chrono::minutes(1));
    EXPECT_TRUE(write([&](Tx& tx) { return take_turn(tx, chore, "5"); }));
}

TEST_P(MaintenanceTest, WhatIsPutOffIsDueWhenItsTimeHasPassedOnce) {
    const Chore chore{"test", std::chrono::hours(1), {}};
    write([&](Tx& tx) { put_off(tx, chore); });
    clock().advance(std::chrono::minutes(59));
    EXPECT_FALSE(write([&](Tx& tx) { return take_turn(tx, chore, "1"); }));
    write([&](Tx& tx) { put_off(tx, chore); });  // which is too late now
    clock().advance(std::chrono::minutes(1));
    EXPECT_TRUE(write([&](Tx& tx) { return take_turn(tx, chore, "1"); }));
}

TEST_P(MaintenanceTest, WhoGoesOnForLongKeepsTheTurn) {
    const Chore chore{"test", std::chrono::hours(1), {}};
    EXPECT_FALSE(write([&](Tx& tx) { return keep_turn(tx, chore, "1"); })) << "nobody has it";
    EXPECT_TRUE(write([&](Tx& tx) { return take_turn(tx, chore, "1"); }));
    clock().advance(std::chrono::minutes(59));
    EXPECT_TRUE(write([&](Tx& tx) { return keep_turn(tx, chore, "1"); }));
    clock().advance(std::chrono::minutes(59));
    EXPECT_FALSE(write([&](Tx& tx) { return take_turn(tx, chore, "2"); }));
    clock().advance(std::chrono::minutes(1));
    EXPECT_TRUE(write([&](Tx& tx) { return take_turn(tx, chore, "2"); }));
    EXPECT_FALSE(write([&](Tx& tx) { return keep_turn(tx, chore, "1"); })) << "it was away for too long";
}

TEST_P(MaintenanceTest, AChoreIsRepeatedUntilThereIsNothingMore) {
    int left = 3;
    Maintenance maintenance(
        database(), refusals(),
        {{"test", std::chrono::hours(1), [&left](Tx&) -> std::int64_t { return left == 0 ? 0 : left--; }}},
        context());
    maintenance.run_chores();
    EXPECT_EQ(left, 0);
    left = 3;
    maintenance.run_chores();
    EXPECT_EQ(left, 3) << "not due";
    EXPECT_THAT(context().metrics.render(), HasSubstr("lodestone_chore_rows_total{chore=\"test\"} 6"));
}

TEST_P(MaintenanceTest, AChoreThatNeverEndsIsStopped) {
    int steps = 0;
    Maintenance maintenance(database(), refusals(),
                            {{"test", std::chrono::hours(1),
                              [&steps](Tx&) -> std::int64_t {
                                  ++steps;
                                  return 1;
                              }}},
                            context());
    maintenance.run_chores();
    EXPECT_EQ(steps, Maintenance::chore_steps);
}

// Two that fail, and one in between that does not.
TEST_P(MaintenanceTest, AChoreThatFailsIsNewsOnce) {
    const test::TempFolder folder;
    Log log{LogOptions{.file = folder / "log"}, clock()};
    Context noted{clock(), context().random, log, context().metrics, context().health};
    std::string why = "full";
    const auto fail = [&why](Tx&) -> std::int64_t { throw std::runtime_error(why); };
    Maintenance maintenance(database(), refusals(),
                            {{"first", std::chrono::hours(1), fail},
                             {"well", std::chrono::hours(1), [](Tx&) -> std::int64_t { return 0; }},
                             {"second", std::chrono::hours(1), fail}},
                            noted);
    const auto count_lines = [&] {
        log.flush();
        return std::ranges::count(test::read_file(folder / "log"), '\n');
    };
    const auto repeat = [&] {
        clock().advance(std::chrono::hours(2));
        maintenance.run_chores();
    };
    for (int i = 0; i < 3; ++i) repeat();
    EXPECT_EQ(count_lines(), 2) << test::read_file(folder / "log");
    why = "gone";
    repeat();
    EXPECT_EQ(count_lines(), 4) << "for another reason";
}

TEST_P(MaintenanceTest, TheThreadNumbersEntriesAndDoesFirstThingsFirst) {
    std::atomic<int> first{0};
    Maintenance maintenance(database(), refusals(), {}, context());
    maintenance.begin_with([&first] { ++first; });
    make_entry();
    maintenance.start();
    EXPECT_TRUE(test::wait_until([&] { return read(ledger::read_chain_head).sequence == 1; }));
    refusals().note({.resource = "package:x"});
    maintenance.stop();
    EXPECT_EQ(first, 1);
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'access.refuse'"), "1");
    EXPECT_EQ(read(ledger::count_pending), 0);
}

TEST_P(MaintenanceTest, WhatWaitsIsWrittenWhenItIsDueAndAtTheEnd) {
    std::atomic<bool> is_due{true};
    std::atomic<int> written{0};
    Maintenance maintenance(database(), refusals(), {}, context());
    maintenance.look_after({.name = "test",
                            .is_due = [&is_due] { return is_due.exchange(false); },
                            .write = [&written] { ++written; }});
    maintenance.start();
    EXPECT_TRUE(test::wait_until([&] { return written == 1; }));
    maintenance.stop();
    EXPECT_EQ(written, 2);
}

TEST_P(MaintenanceTest, OldIdempotencyKeysGo) {
    write([](Tx&) {}, {.idempotency_key = "old"});
    clock().advance(committed_unit_lifetime + std::chrono::seconds(1));
    write([](Tx&) {}, {.idempotency_key = "new"});
    const auto chores = make_chores({});
    EXPECT_EQ(write(chores.back().step), 1);
    EXPECT_EQ(run_sql("SELECT key FROM committed_units"), "new");
}

TEST_P(MaintenanceTest, OldKeptAnswersGo) {
    const auto keep = [&](const std::string& key) {
        run_sql("INSERT INTO kept_answers (key, content, body, location, etag, kept_at) VALUES ('" + key +
                "', '', '', '', '', " + std::to_string(clock().now().time_since_epoch().count()) + ")");
    };
    keep("old");
    clock().advance(committed_unit_lifetime + std::chrono::seconds(1));
    keep("new");
    const auto chores = make_chores({});
    EXPECT_EQ(write(std::ranges::find(chores, "answers.purge", &Chore::name)->step), 1);
    EXPECT_EQ(run_sql("SELECT key FROM kept_answers"), "new");
}

TEST_P(MaintenanceTest, EveryChoreCanBeDoneWhereThereIsNothingToDo) {
    Maintenance maintenance(database(), refusals(), make_chores({}), context());
    maintenance.run_chores();
    for (const Chore& chore : make_chores({}))
        EXPECT_THAT(context().metrics.render(),
                    HasSubstr("lodestone_chore_failures_total{chore=\"" + chore.name + "\"} 0"));
    EXPECT_EQ(run_sql("SELECT count(*) FROM chores"), std::to_string(make_chores({}).size()));
}

TEST_P(MaintenanceTest, EntriesPastTheirTimeGoOnlyWhenASettingSaysSo) {
    EXPECT_EQ(make_chores({}).front().name, "sessions.purge");
    Config config;
    config.audit.retention = std::chrono::hours(24);
    const auto chores = make_chores(config);
    ASSERT_EQ(chores.front().name, "audit.purge");
    make_entry();
    write(ledger::sequence_entries);
    EXPECT_EQ(write(chores.front().step), 0);
    clock().advance(std::chrono::hours(25));
    EXPECT_EQ(write(chores.front().step), 1);
}

}  // namespace
}  // namespace lodestone::app
