// Numbers without gaps whoever writes and whoever numbers, and that what was tampered with is named.
#include "ledger/chain.hpp"

#include <gmock/gmock.h>

#include "base/limits.hpp"
#include "ledger/audit.hpp"
#include "ledger/verify.hpp"
#include "support/databases.hpp"

namespace lodestone::ledger {
namespace {

using db::Tx;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ChainTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (!IsSkipped()) database().keep_records(make_record_keeper(context()));
    }
    void make_entries(int count) {
        write([&](Tx& tx) {
            for (int i = 0; i < count; ++i)
                tx.record(
                    {.action = "thing.make", .tenant = "acme", .subject = "a", .details = R"({"n":1})"});
        });
    }
    std::int64_t number_all() {
        std::int64_t numbered = 0;
        for (std::int64_t some = 1; some != 0; numbered += some) some = write(sequence_entries);
        return numbered;
    }
    AuditCheck check(std::optional<KnownHead> expected = {}) {
        AuditCheck result = read([&](Tx& tx) { return begin_audit_check(tx, expected); });
        while (!result.is_done) result = read([&](Tx& tx) { return continue_audit_check(tx, result); });
        return result;
    }
    // The only fault, as "kind sequence sentence".
    std::string fault_after(const std::string& sql) {
        run_sql(sql);
        const AuditCheck found = check();
        if (found.faults.size() != 1) return std::to_string(found.faults.size()) + " faults";
        const AuditFault& fault = found.faults.front();
        return std::string(boost::describe::enum_to_string(fault.kind, "")) + " " +
               std::to_string(fault.sequence) + " " + fault.sentence;
    }
    ChainHead head() { return read(read_chain_head); }
};
INSTANTIATE_ON_EVERY_DATABASE(ChainTest);

TEST_P(ChainTest, AnEmptyLogIsFine) {
    EXPECT_EQ(number_all(), 0);
    const AuditCheck found = check();
    EXPECT_EQ(found.fault_count + found.checked + found.pending, 0);
}

TEST_P(ChainTest, EveryEntryGetsTheNextNumber) {
    make_entries(3);
    EXPECT_EQ(read(count_pending), 3);
    EXPECT_EQ(check().pending, 3);
    EXPECT_EQ(number_all(), 3);
    make_entries(2);
    EXPECT_EQ(number_all(), 2);
    EXPECT_EQ(head().sequence, 5);
    EXPECT_EQ(read(count_pending), 0);
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit_chain WHERE sequence BETWEEN 1 AND 5"), "5");
    const AuditCheck found = check();
    EXPECT_THAT(found.faults, IsEmpty());
    EXPECT_EQ(found.checked, 5);
}

TEST_P(ChainTest, WritersAndNumberersAtOnceLeaveNoGap) {
    test::run_at_once(6, [&](int thread) {
        for (int i = 0; i < 20; ++i) {
            if (thread < 3)
                make_entries(2);
            else
                write(sequence_entries);
        }
    });
    number_all();
    EXPECT_EQ(head().sequence, 120);
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit_chain"), "120");
    EXPECT_THAT(check().faults, IsEmpty());
}

TEST_P(ChainTest, ManyAreNumberedInBatches) {
    make_entries(static_cast<int>(limits::audit_batch) + 7);
    EXPECT_EQ(write(sequence_entries), limits::audit_batch);
    EXPECT_EQ(write(sequence_entries), 7);
    EXPECT_EQ(check().checked, limits::audit_batch + 7);
}

TEST_P(ChainTest, WhatWasUndoneGetsNoNumber) {
    make_entries(1);
    EXPECT_NE(refusal_of([](Tx& tx) {
                  sequence_entries(tx);
                  throw Problem(problems::conflict, "Not this time.");
              }),
              "");
    EXPECT_EQ(head().sequence, 0);
    EXPECT_EQ(number_all(), 1);
    EXPECT_THAT(check().faults, IsEmpty());
}

TEST_P(ChainTest, AChangedEntryIsNamed) {
    make_entries(5);
    number_all();
    const std::string id = run_sql("SELECT entry_id FROM audit_chain WHERE sequence = 3");
    const std::string fault = fault_after("UPDATE audit SET actor = 'mallory' WHERE id = '" + id + "'");
    EXPECT_THAT(fault, HasSubstr("changed 3 Entry 3 (" + id + ", now \"thing.make\") was changed"));
}

TEST_P(ChainTest, AnEntryThatWasChangedBeforeItHadANumberIsNamed) {
    make_entries(1);
    run_sql("UPDATE audit SET details = '{\"n\":2}'");
    number_all();
    EXPECT_THAT(check().faults, SizeIs(1));
}

TEST_P(ChainTest, ARemovedEntryIsNamed) {
    make_entries(5);
    number_all();
    EXPECT_THAT(fault_after("DELETE FROM audit WHERE id = "
                            "(SELECT entry_id FROM audit_chain WHERE sequence = 4)"),
                HasSubstr("removed 4 Entry 4 ("));
}

TEST_P(ChainTest, ARemovedNumberIsNamed) {
    make_entries(6);
    number_all();
    run_sql(
        "DELETE FROM audit WHERE id IN "
        "(SELECT entry_id FROM audit_chain WHERE sequence IN (3, 4, 6))");
    run_sql("DELETE FROM audit_chain WHERE sequence IN (3, 4, 6)");
    const AuditCheck found = check();
    ASSERT_THAT(found.faults, SizeIs(2));
    EXPECT_EQ(found.faults[0].sentence, "Entries 3 to 4 were removed, with their numbers.");
    EXPECT_EQ(found.faults[1].sentence, "Entry 6 was removed, with its number.");
}

// The head says how many there were.
TEST_P(ChainTest, TheLastEntriesAreMissed) {
    make_entries(5);
    number_all();
    run_sql("DELETE FROM audit WHERE id IN (SELECT entry_id FROM audit_chain WHERE sequence >= 4)");
    EXPECT_EQ(fault_after("DELETE FROM audit_chain WHERE sequence >= 4"),
              "removed 4 Entries 4 to 5 were removed, with their numbers.");
    run_sql("DELETE FROM audit WHERE id IN (SELECT entry_id FROM audit_chain)");
    EXPECT_EQ(fault_after("DELETE FROM audit_chain"),
              "removed 1 Entries 1 to 5 were removed, with their numbers.");
}

TEST_P(ChainTest, AHeadThatWasSetBackIsNamed) {
    make_entries(4);
    number_all();
    EXPECT_EQ(
        fault_after("UPDATE audit_head SET sequence = 2, head = "
                    "(SELECT head FROM audit_chain WHERE sequence = 2)"),
        "broken 4 The chain goes on to entry 4, but its head says 2: the head was set back, or removed.");
    EXPECT_THAT(fault_after("DELETE FROM audit_head"), HasSubstr("broken 4 The chain goes on to entry 4"));
}

TEST_P(ChainTest, AnInsertedEntryIsNamed) {
    make_entries(2);
    number_all();
    EXPECT_THAT(fault_after("INSERT INTO audit (id, at, actor, request_id, action, subject, details) "
                            "VALUES ('forged', 1, 'bob', '', 'tenant.create', 'x', '{}')"),
                HasSubstr("inserted 0 Entry forged (\"tenant.create\") was inserted"));
}

TEST_P(ChainTest, AChainThatWasMendedAfterAChangeIsNamed) {
    make_entries(4);
    number_all();
    EXPECT_THAT(fault_after("UPDATE audit_chain SET head = leaf WHERE sequence = 4"), HasSubstr("2 faults"));
}

TEST_P(ChainTest, AnotherChainThanTheKnownOneIsNamed) {
    make_entries(3);
    number_all();
    const ChainHead known = head();
    EXPECT_THAT(check(KnownHead{.sequence = known.sequence, .head = known.head}).faults, IsEmpty());
    EXPECT_THAT(check(KnownHead{.sequence = 2, .head = known.head}).faults, SizeIs(1));
    EXPECT_THAT(check(KnownHead{.sequence = 5, .head = known.head}).faults, SizeIs(1)) << "cut off";
}

TEST_P(ChainTest, WhatIsPastItsTimeGoesAndTheRestIsVerified) {
    make_entries(3);
    number_all();
    clock().advance(std::chrono::hours(1));
    const Time deadline = clock().now();
    make_entries(2);
    number_all();
    EXPECT_EQ(write([&](Tx& tx) { return purge_audit(tx, deadline); }), 3);
    EXPECT_EQ(write([&](Tx& tx) { return purge_audit(tx, deadline); }), 0);
    number_all();
    EXPECT_EQ(head().purged_sequence, 3);
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit"), "3") << "two, and that the others were removed";
    const AuditCheck found = check();
    EXPECT_THAT(found.faults, IsEmpty());
    EXPECT_EQ(found.checked, 3);
    EXPECT_THAT(run_sql("SELECT details FROM audit WHERE action = 'audit.purge'"),
                HasSubstr(R"("removed":3,"through_sequence":3)"));
}

TEST_P(ChainTest, AnAttackerWhoImitatesRetentionIsNamed) {
    make_entries(4);
    number_all();
    run_sql("DELETE FROM audit WHERE id IN (SELECT entry_id FROM audit_chain WHERE sequence <= 2)");
    run_sql("DELETE FROM audit_chain WHERE sequence <= 2");
    EXPECT_THAT(fault_after("UPDATE audit_head SET purged_sequence = 2"), HasSubstr("broken 3 "));
}

}  // namespace
}  // namespace lodestone::ledger
