// The bytes of an entry and their hashes, which must never change: what was exported once is verified by
// them.
#include "ledger/canonical.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "db/migrate/checksum.hpp"

namespace lodestone::ledger {
namespace {

AuditEntry example() {
    return {.id = AuditId::trusted("01890a5d-ac96-774b-bcce-b302099a8057"),
            .at = Time{std::chrono::microseconds{1'800'000'000'000'001}},
            .tenant_id = TenantId::trusted("acme"),
            .actor = "alice",
            .actor_tenant_id = TenantId::trusted("acme"),
            .source = db::Source::api,
            .address = "192.0.2.1",
            .agent = "curl/8",
            .key_id = "key-1",
            .session_id = {},
            .request_id = "request-1",
            .action = "app.create",
            .subject = "\"main\"\n東京",
            .result = db::ActionResult::ok,
            .details = R"({"name":{"from":"","to":"Main"}})"};
}

TEST(Canonical, AnEntryHasOneSpelling) {
    EXPECT_EQ(canonical_entry(example()),
              R"({"action":"app.create","actor":"alice","actor_tenant":"acme","address":"192.0.2.1",)"
              R"("agent":"curl/8","at":"2027-01-15T08:00:00.000001Z",)"
              R"("details":{"name":{"from":"","to":"Main"}},)"
              R"("id":"01890a5d-ac96-774b-bcce-b302099a8057","key":"key-1","request_id":"request-1",)"
              R"("result":"ok","session":null,"source":"api","subject":"\"main\"\n東京","tenant":"acme"})");
    EXPECT_EQ(canonical_json(canonical_entry(example())), canonical_entry(example()));
}

TEST(Canonical, JsonIsSortedAndShort) {
    EXPECT_EQ(canonical_json(R"( { "b" : [1, 2.50, -0.0, true, null], "a": {"z":1,"y":"\u00e9\u0001\/"} } )"),
              "{\"a\":{\"y\":\"é\\u0001/\",\"z\":1},\"b\":[1,2.5,-0,true,null]}");
    EXPECT_EQ(canonical_json("{}"), "{}");
    EXPECT_EQ(canonical_json(R"({"a":18446744073709551615,"b":-9223372036854775808,"c":[]})"),
              R"({"a":18446744073709551615,"b":-9223372036854775808,"c":[]})");
}

TEST(Canonical, WhatIsNoObjectIsRefused) {
    for (const char* text : {"", "1", "[]", "{", R"({"a":1}x)", "{\"a\":\"\xFF\"}"})
        EXPECT_THROW(canonical_json(text), Problem) << text;
}

TEST(Canonical, TheHashesAreThoseThatTheDocumentSays) {
    EXPECT_EQ(leaf_hash(example()), db::sha256_hex(std::string("\0", 1) + canonical_entry(example())));
    const std::string zeros(32, '\0');
    EXPECT_EQ(chain_head(empty_head, empty_head), db::sha256_hex("\2" + zeros + zeros));
    std::string ones;
    for (int i = 0; i < 32; ++i) ones += "a1";
    EXPECT_EQ(chain_head(empty_head, ones), db::sha256_hex("\2" + zeros + std::string(32, '\xa1')));
}

TEST(Canonical, EveryMemberIsPartOfTheHash) {
    const std::string hash = leaf_hash(example());
    const auto changes = {
        +[](AuditEntry& entry) { entry.at += std::chrono::microseconds{1}; },
        +[](AuditEntry& entry) { entry.tenant_id.reset(); },
        +[](AuditEntry& entry) { entry.actor = "bob"; },
        +[](AuditEntry& entry) { entry.actor_tenant_id.reset(); },
        +[](AuditEntry& entry) { entry.source = db::Source::cli; },
        +[](AuditEntry& entry) { entry.address = ""; },
        +[](AuditEntry& entry) { entry.agent = ""; },
        +[](AuditEntry& entry) { entry.key_id.reset(); },
        +[](AuditEntry& entry) { entry.session_id = "session"; },
        +[](AuditEntry& entry) { entry.request_id = ""; },
        +[](AuditEntry& entry) { entry.action = "app.delete"; },
        +[](AuditEntry& entry) { entry.subject = ""; },
        +[](AuditEntry& entry) { entry.result = db::ActionResult::failed; },
        +[](AuditEntry& entry) { entry.details = "{}"; },
    };
    for (const auto change : changes) {
        AuditEntry changed = example();
        change(changed);
        EXPECT_NE(leaf_hash(changed), hash) << canonical_entry(changed);
    }
}

}  // namespace
}  // namespace lodestone::ledger
