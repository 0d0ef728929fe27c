// Refusals in the audit log: told apart as far as there is room, and counted in any case.
#include "ledger/refusals.hpp"

#include <gmock/gmock.h>

#include "base/limits.hpp"
#include "ledger/audit.hpp"
#include "support/databases.hpp"

namespace lodestone::ledger {
namespace {

using db::Tx;
using ::testing::HasSubstr;

class RefusalsTest : public test::OnEveryDatabase {
  protected:
    static Refusal refusal(const std::string& actor) {
        return {.tenant = TenantId::trusted("acme"),
                .actor = actor,
                .actor_tenant = {},
                .address = "192.0.2.1",
                .agent = "a\xFF\n",
                .key = "key-1",
                .session = {},
                .request_id = "request-1",
                .permission = "package:publish",
                .resource = "repository:acme-npm",
                .status = 403,
                .reason = "no role gives it"};
    }
    std::vector<AuditEntry> list() {
        return read([](Tx& tx) { return list_whole_audit(tx, {.sort = "-at"}); }).items;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(RefusalsTest);

TEST_P(RefusalsTest, EqualOnesAreOneEntry) {
    RefusalRecorder recorder(context());
    recorder.note(refusal("bob"));
    clock().advance(std::chrono::seconds(2));
    recorder.note(refusal("bob"));
    recorder.note(refusal("carol"));
    EXPECT_EQ(recorder.flush(database()), 2u);
    EXPECT_EQ(recorder.flush(database()), 0u);
    const auto entries = list();
    ASSERT_EQ(entries.size(), 2u);
    const AuditEntry& entry = entries[entries[0].actor == "bob" ? 0 : 1];
    EXPECT_EQ(entry.action, "access.refuse");
    EXPECT_EQ(entry.result, db::ActionResult::refused);
    EXPECT_EQ(entry.subject, "repository:acme-npm");
    EXPECT_EQ(entry.agent, "a??");
    EXPECT_EQ(entry.key_id, "key-1");
    EXPECT_THAT(entry.details, HasSubstr(R"("permission":"package:publish","reason":"no role gives it",)"
                                         R"("since":"2027-01-15T08:00:00.000000Z","status":403,"times":2,)"
                                         R"("until":"2027-01-15T08:00:02.000000Z")"));
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit_pending"), "2");
    EXPECT_EQ(run_sql("SELECT count(*) FROM outbox"), "0");
}

// Of two that are alike but for how they ended, each has its own.
TEST_P(RefusalsTest, WhatFailedIsToldFromWhatWasRefused) {
    RefusalRecorder recorder(context());
    Refusal failed = refusal("bob");
    failed.result = db::ActionResult::failed;
    recorder.note(failed);
    recorder.note(refusal("bob"));
    recorder.note(failed);
    EXPECT_EQ(recorder.flush(database()), 2u);
    EXPECT_EQ(run_sql("SELECT action FROM audit WHERE result = 'failed'"), "request.fail");
    EXPECT_EQ(run_sql("SELECT action FROM audit WHERE result = 'refused'"), "access.refuse");
    EXPECT_THAT(run_sql("SELECT details FROM audit WHERE result = 'failed'"), HasSubstr("\"times\":2"));
}

TEST_P(RefusalsTest, AFloodStaysSmall) {
    RefusalRecorder recorder(context());
    for (int i = 0; i < 10'000; ++i) recorder.note(refusal("actor-" + std::to_string(i)));
    EXPECT_EQ(recorder.flush(database()), limits::refusal_kinds + 1);
    EXPECT_THAT(run_sql("SELECT details FROM audit WHERE actor = 'several'"),
                HasSubstr("\"times\":" + std::to_string(10'000 - limits::refusal_kinds)));
}

TEST_P(RefusalsTest, OddTextsAreKeptAsTheyCanBe) {
    RefusalRecorder recorder(context());
    Refusal odd = refusal("bob");
    odd.resource = std::string("a\0\xFF", 3);
    recorder.note(odd);
    odd.actor = "carol";
    odd.resource = std::string(limits::audited_value_bytes - 1, 'x') + "東京";
    recorder.note(odd);
    EXPECT_EQ(recorder.flush(database()), 2u);
    EXPECT_EQ(run_sql("SELECT subject FROM audit WHERE actor = 'bob'"), "a??");
    EXPECT_EQ(run_sql("SELECT subject FROM audit WHERE actor = 'carol'"),
              std::string(limits::audited_value_bytes - 1, 'x'));
}

TEST_P(RefusalsTest, WhatCouldNotBeWrittenStays) {
    RefusalRecorder recorder(context());
    recorder.note(refusal("bob"));
    database().hold();
    EXPECT_THROW(recorder.flush(database()), Problem);
    recorder.note(refusal("bob"));
    database().release();
    EXPECT_EQ(recorder.flush(database()), 1u);
    EXPECT_THAT(list().front().details, HasSubstr("\"times\":2"));
}

}  // namespace
}  // namespace lodestone::ledger
