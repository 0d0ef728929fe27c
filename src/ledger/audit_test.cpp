// What is written down, and that it shares the fate of what it tells of.
#include "ledger/audit.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/changed_fields.hpp"
#include "support/databases.hpp"

namespace lodestone::ledger {
namespace {

using db::Change;
using db::Tx;

const TenantId acme = TenantId::trusted("acme");
const TenantId other = TenantId::trusted("other");

struct Upstream {
    std::string url;
    db::Secret<std::string> password;
};
BOOST_DESCRIBE_STRUCT(Upstream, (), (url, password))

class AuditTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (!IsSkipped()) database().keep_records(make_record_keeper(context()));
    }
    static Change change(std::string subject, const TenantId& tenant = acme) {
        return {
            .action = "thing.make", .tenant = tenant.text(), .subject = std::move(subject), .details = "{}"};
    }
    std::vector<AuditEntry> list(const TenantId& tenant, const db::ListRequest& request = {}) {
        return read([&](Tx& tx) { return list_audit(tx, tenant, request); }).items;
    }
    std::string count(const std::string& table) { return run_sql("SELECT count(*) FROM " + table); }
};
INSTANTIATE_ON_EVERY_DATABASE(AuditTest);

TEST_P(AuditTest, AChangeIsAnEntryAndAnEvent) {
    write([](Tx& tx) {
        tx.record(
            {.action = "thing.make", .tenant = "acme", .subject = "it's 東京", .details = R"({"a":"\"\\"})"});
    });
    const auto entries = list(acme);
    ASSERT_EQ(entries.size(), 1u);
    const AuditEntry wanted{.id = entries[0].id,
                            .at = clock().now(),
                            .tenant_id = acme,
                            .actor = "alice",
                            .actor_tenant_id = {},
                            .source = db::Source::system,
                            .address = "",
                            .agent = "",
                            .key_id = {},
                            .session_id = {},
                            .request_id = "request-1",
                            .action = "thing.make",
                            .subject = "it's 東京",
                            .result = db::ActionResult::ok,
                            .details = R"({"a":"\"\\"})"};
    EXPECT_EQ(entries[0], wanted);
    const std::string event =
        "SELECT count(*) FROM outbox JOIN audit ON audit.id = outbox.id AND audit.at = outbox.at "
        "AND audit.tenant_id = outbox.tenant_id AND audit.action = outbox.action AND "
        "audit.subject = outbox.subject AND audit.details = outbox.details";
    EXPECT_EQ(run_sql(event), "1");
}

TEST_P(AuditTest, AnEntrySaysWhoFromWhereAndWithWhat) {
    write([](Tx& tx) { tx.record(change("a")); }, {.actor = "bob",
                                                   .request_id = "request-2",
                                                   .actor_tenant = "other",
                                                   .source = db::Source::api,
                                                   .address = "2001:db8::1",
                                                   .agent = "caf\xC3\xA9\r\n" + std::string(2'000, 'x'),
                                                   .key = "key-1",
                                                   .session = "session-1"});
    const AuditEntry entry = list(acme).front();
    EXPECT_EQ(entry.actor, "bob");
    EXPECT_EQ(entry.actor_tenant_id, other);
    EXPECT_EQ(entry.source, db::Source::api);
    EXPECT_EQ(entry.address, "2001:db8::1");
    EXPECT_EQ(entry.agent, "caf????" + std::string(limits::logged_agent_bytes - 7, 'x'));
    EXPECT_EQ(entry.key_id, "key-1");
    EXPECT_EQ(entry.session_id, "session-1");
}

TEST_P(AuditTest, IsFoundByWhatWasShownAndWhereItCameFrom) {
    const auto note = [&](const std::string& subject, const std::string& key, const std::string& session) {
        write([&](Tx& tx) { tx.record(change(subject)); }, {.actor = "bob",
                                                            .request_id = "request-" + subject,
                                                            .source = db::Source::api,
                                                            .address = "192.0.2." + subject,
                                                            .key = key,
                                                            .session = session});
        clock().advance(std::chrono::seconds(1));
    };
    note("1", "key-1", "");
    note("2", "", "session-1");
    note("3", "key-1", "");
    const auto found = [&](const db::ListRequest& request) {
        std::string subjects;
        for (const AuditEntry& entry : list(acme, request)) subjects += entry.subject;
        return subjects;
    };
    EXPECT_EQ(found({.filters = {{"key_id", "key-1"}}}), "31");
    EXPECT_EQ(found({.filters = {{"key_id", "key-1"}}, .sort = "at"}), "13");
    EXPECT_EQ(found({.filters = {{"key_id", "key-1"}, {"request_id", "request-3"}}}), "3");
    EXPECT_EQ(found({.filters = {{"session_id", "session-1"}}}), "2");
    EXPECT_EQ(found({.filters = {{"address", "192.0.2.1"}}}), "1");
    EXPECT_EQ(found({.filters = {{"key_id", "key-2"}}}), "");
    EXPECT_TRUE(list(other, {.filters = {{"key_id", "key-1"}}}).empty());
    const auto first =
        read([](Tx& tx) { return list_audit(tx, acme, {.filters = {{"key_id", "key-1"}}, .limit = 1}); });
    EXPECT_EQ(found({.filters = {{"key_id", "key-1"}}, .cursor = first.next}), "1");
}

TEST_P(AuditTest, WhatWasRefusedIsNoEvent) {
    write([](Tx& tx) {
        Change refused = change("a");
        refused.result = db::ActionResult::refused;
        tx.record(std::move(refused));
        tx.record(change("b"));
    });
    EXPECT_EQ(count("audit") + count("outbox"), "21");
    EXPECT_EQ(list(acme, {.filters = {{"result", "refused"}}}).front().subject, "a");
}

TEST_P(AuditTest, SecretsAreNotWrittenDown) {
    const Upstream before{.url = "https://upstream.example", .password = {"hunter2"}};
    const Upstream after{.url = "https://upstream.example", .password = {"hunter3"}};
    write([&](Tx& tx) {
        Change changed = change("upstream");
        changed.details = db::render_changes(before, after);
        tx.record(std::move(changed));
    });
    EXPECT_EQ(run_sql("SELECT details FROM audit"), R"({"password":{"changed":true}})");
    EXPECT_EQ(run_sql("SELECT details FROM outbox"), R"({"password":{"changed":true}})");
}

TEST_P(AuditTest, WhatIsUndoneIsNotWrittenDown) {
    EXPECT_EQ(refusal_of([](Tx& tx) {
                  tx.record(change("first"));
                  throw Problem(problems::conflict, "Not this time.");
              }),
              "conflict: Not this time.");
    EXPECT_EQ(count("audit") + count("outbox"), "00");
}

TEST_P(AuditTest, WhatCannotBeWrittenDownIsUndone) {
    EXPECT_FALSE(refusal_of([](Tx& tx) {
                     tx.record(change("fine"));
                     tx.record(change("not UTF-8: \xFF"));
                 }).empty());
    EXPECT_EQ(count("audit") + count("outbox"), "00");
}

TEST_P(AuditTest, TheOrderOfChangesIsKeptAlsoInPieces) {
    write([](Tx& tx) {
        for (int i = 0; i < 2'500; ++i) tx.record(change(std::to_string(i)));
    });
    int expected = 2'499;
    db::ListRequest request{.limit = 1'000};
    do {
        const auto page = read([&](Tx& tx) { return list_audit(tx, acme, request); });
        for (const AuditEntry& entry : page.items) EXPECT_EQ(entry.subject, std::to_string(expected--));
        request.cursor = page.next;
    } while (!request.cursor.empty());
    EXPECT_EQ(expected, -1);
    EXPECT_EQ(count("outbox"), "2500");
}

TEST_P(AuditTest, ATenantSeesItsOwn) {
    write([](Tx& tx) {
        tx.record(change("a"));
        tx.record(change("b", other));
        tx.record({.action = "installation.start", .tenant = "", .subject = "c", .details = "{}"});
    });
    ASSERT_EQ(list(acme).size(), 1u);
    EXPECT_EQ(list(acme)[0].subject, "a");
    EXPECT_EQ(list(other).size(), 1u);
    EXPECT_TRUE(list({}).empty());
    EXPECT_TRUE(list(TenantId::trusted("nobody")).empty());
    EXPECT_EQ(run_sql("SELECT subject FROM audit WHERE tenant_id IS NULL"), "c");
}

TEST_P(AuditTest, ACursorIsForItsOwnTenant) {
    write([](Tx& tx) {
        for (const char* subject : {"a", "b", "c"}) {
            tx.record(change(subject));
            tx.record(change(subject, other));
        }
    });
    const auto page = read([](Tx& tx) { return list_audit(tx, acme, {.limit = 1}); });
    EXPECT_EQ(list(acme, {.cursor = page.next}).front().subject, "b");
    EXPECT_TRUE(refusal_of([&](Tx& tx) {
                    list_audit(tx, other, {.cursor = page.next});
                }).starts_with("invalid-input: The cursor"));
}

TEST_P(AuditTest, IsFiltered) {
    write([](Tx& tx) { tx.record(change("a")); });
    write([](Tx& tx) { tx.record(change("b")); }, {.actor = "bob"});
    EXPECT_EQ(list(acme, {.filters = {{"actor", "bob"}}}).front().subject, "b");
    EXPECT_EQ(list(acme, {.filters = {{"subject", "a"}, {"action", "thing.make"}}}).size(), 1u);
    EXPECT_TRUE(list(acme, {.filters = {{"action", "thing"}}}).empty());
}

TEST_P(AuditTest, IsFilteredByTime) {
    write([](Tx& tx) { tx.record(change("a")); });
    clock().advance(std::chrono::hours(1));
    write([](Tx& tx) { tx.record(change("b")); });
    EXPECT_EQ(list(acme, {.filters = {{"since", "2027-01-15T09:00:00Z"}}}).front().subject, "b");
    EXPECT_EQ(list(acme, {.filters = {{"until", "2027-01-15T09:00:00Z"}}}).front().subject, "a");
    EXPECT_EQ(list(acme, {.sort = "at"}).front().subject, "a");
    EXPECT_TRUE(refusal_of([](Tx& tx) {
                    list_audit(tx, acme, {.filters = {{"since", "soon"}}});
                }).starts_with("invalid-input: "));
}

TEST_P(AuditTest, TheInstallationsOwnAndTheWholeAreListsOfTheirOwn) {
    write([](Tx& tx) {
        tx.record(change("a"));
        tx.record({.action = "installation.start", .tenant = "", .subject = "c", .details = "{}"});
    });
    const auto own = read([](Tx& tx) { return list_installation_audit(tx, {}); }).items;
    ASSERT_EQ(own.size(), 1u);
    EXPECT_EQ(own[0].subject, "c");
    EXPECT_EQ(read([](Tx& tx) { return list_whole_audit(tx, {}); }).items.size(), 2u);
    const auto acmes =
        read([](Tx& tx) { return list_whole_audit(tx, {.filters = {{"tenant", "acme"}}}); }).items;
    ASSERT_EQ(acmes.size(), 1u);
    EXPECT_EQ(acmes[0].subject, "a");
}

}  // namespace
}  // namespace lodestone::ledger
