// The life of a key, on every database: made, shown once, found by its text, changed, rotated, revoked,
// purged.
#include "identity/nouns/key.hpp"

#include <gmock/gmock.h>

#include "base/limits.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/rules/scopes.hpp"
#include "ledger/audit.hpp"
#include "support/databases.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using std::chrono::days;
using std::chrono::hours;
using ::testing::HasSubstr;
using ::testing::Not;

const TenantId acme = TenantId::trusted("acme");
const TenantId other = TenantId::trusted("other");
const UserId alice = UserId::trusted("alice");
const AppId shop = AppId::trusted("shop");

class KeyTest : public test::OnEveryDatabase {
  protected:
    void SetUp() override {
        OnEveryDatabase::SetUp();
        if (IsSkipped()) return;
        database().keep_records(ledger::make_record_keeper(context()));
        for (const TenantId& tenant : {acme, other}) {
            run_sql(
                "INSERT INTO tenants (id, name, name_folded, status, metadata, version, created_at, "
                "created_by, "
                "updated_at, updated_by) VALUES ('" +
                tenant.text() + "', '" + tenant.text() + "', '" + tenant.text() +
                "', 'active', '{}', 1, 1, 'x', 1, 'x')");
        }
        run_sql(
            "INSERT INTO users (tenant_id, id, username, username_folded, full_name, status, metadata, "
            "version, "
            "created_at, created_by, updated_at, updated_by) "
            "VALUES ('acme', 'alice', 'alice', 'alice', '', 'active', '{}', 1, 1, 'x', 1, 'x')");
        run_sql(
            "INSERT INTO apps (tenant_id, id, name, name_folded, type, status, config, metadata, version, "
            "created_at, created_by, updated_at, updated_by) "
            "VALUES ('acme', 'shop', 'shop', 'shop', 'web', 'active', '{}', '{}', 1, 1, 'x', 1, 'x')");
    }
    IssuedKey issue(const NewKey& wanted = {.user_id = alice, .name = "laptop"}) {
        return write([&](Tx& tx) { return issue_key(tx, acme, wanted, mint()); });
    }
    std::string refusal_of_issue(const NewKey& wanted, const TenantId& tenant = acme) {
        return refusal_of([&](Tx& tx) { issue_key(tx, tenant, wanted, mint()); });
    }
    std::optional<Key> find(const KeyId& id) {
        return read([&](Tx& tx) { return find_key(tx, acme, id); });
    }
    Key revoke(const KeyId& id, std::string_view reason = "lost") {
        return write([&](Tx& tx) { return revoke_key(tx, acme, id, reason); });
    }
    std::vector<std::string> list_names(const db::ListRequest& request) {
        std::vector<std::string> names;
        for (const Key& key : read([&](Tx& tx) { return list_keys(tx, acme, request); }).items)
            names.push_back(key.name);
        return names;
    }
    const TokenMint& mint() {
        if (!mint_) mint_.emplace(hasher_, clock(), context().random);
        return *mint_;
    }
    KeyedHash hasher_{"pepper of this test, long enough"};
    std::optional<TokenMint> mint_;
};
INSTANTIATE_ON_EVERY_DATABASE(KeyTest);

using Names = std::vector<std::string>;

TEST_P(KeyTest, IsFoundByItsText) {
    const IssuedKey issued = issue({.user_id = alice,
                                    .environment = KeyEnvironment::test,
                                    .name = "laptop",
                                    .scopes = {{{.actions = {"package:*"}, .resources = {}, .tags = {"x"}}}},
                                    .networks = {"10.0.0.0/8", "2001:db8::1"},
                                    .metadata = R"({"machine":"büro"})"});
    EXPECT_EQ(find(issued.key.id), issued.key);
    EXPECT_EQ(issued.key.version, 1);
    EXPECT_EQ(issued.key.created_by, "alice");
    EXPECT_EQ(issued.key.expires_at, clock().now() + days(90));
    EXPECT_EQ(issued.key.find_scopes()->front().actions, Names{"package:*"});
    EXPECT_EQ(issued.key.list_networks(), (Names{"10.0.0.0/8", "2001:db8::1"}));

    const auto token = parse_token(issued.text);
    ASSERT_TRUE(token);
    EXPECT_EQ(token->kind, TokenKind::personal_key);
    EXPECT_EQ(token->environment, KeyEnvironment::test);
    const auto found = read([&](Tx& tx) { return find_key_by_public_id(tx, token->public_id); });
    ASSERT_TRUE(found);
    EXPECT_EQ(static_cast<const Key&>(*found), issued.key);
    EXPECT_EQ(found->tenant_id, acme);
    EXPECT_TRUE(hasher_.is_match(*token, found->secret_hash.value));
    EXPECT_FALSE(read([&](Tx& tx) { return find_key_by_public_id(tx, token->secret); }));
}

// Its app's word, then the tenant's configuration, then its settings.
TEST_P(KeyTest, LivesAsLongAsItsAppOrTenantSays) {
    const auto days_of = [&](const NewKey& wanted) {
        return std::chrono::duration_cast<days>(issue(wanted).key.expires_at - clock().now()).count();
    };
    const NewKey of_person{.user_id = alice, .name = "laptop"};
    const NewKey of_app{.app_id = shop, .name = "robot"};
    run_sql(R"(UPDATE tenants SET settings = '{"keys":{"usual_days":30,"longest_days":50}}')");
    EXPECT_EQ(days_of(of_person), 30);
    run_sql(R"(UPDATE tenants SET config = '{"default_credentials":{"apikey":{"expires_after_days":20}}}')");
    EXPECT_EQ(days_of(of_person), 20);
    EXPECT_EQ(days_of(of_app), 20);
    run_sql(R"(UPDATE apps SET config = '{"credentials":{"apikey":{"expires_after_days":10}}}')");
    EXPECT_EQ(days_of(of_person), 20);
    EXPECT_EQ(days_of(of_app), 10);
    run_sql(R"(UPDATE apps SET config = '{"credentials":{"apikey":{"expires_after_days":70}}}')");
    EXPECT_EQ(days_of(of_app), 50) << "never longer than the settings allow";
}

TEST_P(KeyTest, AreNotMadeWhereNobodyIsLetInWithOne) {
    const IssuedKey before = issue();
    run_sql(R"(UPDATE tenants SET settings = '{"allowed_auth_methods":["password"]}' WHERE id = 'acme')");
    const std::string refused =
        "forbidden: This organisation lets no keys in (settings.allowed_auth_methods).";
    EXPECT_EQ(refusal_of_issue({.user_id = alice, .name = "laptop"}), refused);
    EXPECT_EQ(refusal_of([&](Tx& tx) { rotate_key(tx, acme, before.key.id, hours(1), mint()); }), refused);
    revoke(before.key.id);
}

TEST_P(KeyTest, OfAnAppIsSeenAsOne) {
    const IssuedKey issued = issue({.app_id = shop, .name = "robot"});
    EXPECT_EQ(parse_token(issued.text)->kind, TokenKind::app_key);
    EXPECT_FALSE(issued.key.user_id);
    EXPECT_FALSE(issued.key.find_scopes()) << "whatever the app may do";
}

TEST_P(KeyTest, IsOfItsTenantOnly) {
    const KeyId id = issue().key.id;
    EXPECT_FALSE(read([&](Tx& tx) { return find_key(tx, other, id); }));
    EXPECT_TRUE(read([&](Tx& tx) { return list_keys(tx, other, {}); }).items.empty());
    const std::string absent = "not-found: There is no key " + id.text() + ".";
    EXPECT_EQ(refusal_of([&](Tx& tx) { revoke_key(tx, other, id, ""); }), absent);
    EXPECT_EQ(refusal_of([&](Tx& tx) { update_key(tx, other, id, 1, {.name = "mine"}); }), absent);
    EXPECT_EQ(refusal_of([&](Tx& tx) { rotate_key(tx, other, id, hours(1), mint()); }), absent);
    EXPECT_EQ(refusal_of_issue({.user_id = alice, .name = "x"}, other), "not-found: There is no user alice.");
    EXPECT_EQ(refusal_of_issue({.app_id = shop, .name = "x"}, other), "not-found: There is no app shop.");
    EXPECT_EQ(refusal_of_issue({.app_id = shop, .name = "x"}, TenantId::trusted("nobody")),
              "not-found: There is no tenant nobody.");
}

TEST_P(KeyTest, EveryFieldIsChecked) {
    const auto refusal = [&](auto change) {
        NewKey wanted{.user_id = alice, .name = "laptop"};
        change(wanted);
        return refusal_of_issue(wanted);
    };
    EXPECT_THAT(refusal([](NewKey& key) { key.name = ""; }), HasSubstr("The name of a key cannot be empty."));
    EXPECT_THAT(refusal([](NewKey& key) { key.user_id.reset(); }), HasSubstr("name one of the two"));
    EXPECT_THAT(refusal([](NewKey& key) { key.app_id = shop; }), HasSubstr("name one of the two"));
    EXPECT_THAT(refusal([](NewKey& key) { key.user_id = UserId::trusted("bob"); }),
                HasSubstr("There is no user bob."));
    EXPECT_THAT(refusal([](NewKey& key) { key.networks = {"10.0.0.1/8"}; }), HasSubstr("The field networks"));
    EXPECT_THAT(
        refusal([](NewKey& key) { key.networks = Names(limits::networks_per_key + 1, "10.0.0.0/8"); }),
        HasSubstr("networks has too many"));
    EXPECT_THAT(refusal([](NewKey& key) { key.scopes.emplace(); }), HasSubstr("The field scopes is empty"));
    EXPECT_THAT(refusal([](NewKey& key) { key.scopes.emplace(1); }),
                HasSubstr("The field scopes[0].actions is empty"));
    EXPECT_THAT(
        refusal([](NewKey& key) { key.scopes = {{{.actions = {"a b"}, .resources = {}, .tags = {}}}}; }),
        HasSubstr("The field scopes[0].actions has an entry"));
    EXPECT_THAT(refusal([](NewKey& key) { key.metadata = "[]"; }), HasSubstr("metadata"));
    EXPECT_THAT(refusal([&](NewKey& key) { key.expires_at = clock().now(); }),
                HasSubstr("expires_at is in the past"));
    EXPECT_THAT(refusal([&](NewKey& key) { key.expires_at = clock().now() + days(367); }),
                HasSubstr("366 days is the most here"));
}

TEST_P(KeyTest, APublicOneOnlyReads) {
    NewKey wanted{.user_id = alice, .type = KeyType::public_, .name = "page"};
    EXPECT_THAT(refusal_of_issue(wanted), HasSubstr("The field scopes is missing"));
    for (const char* action : {"package:*", "*", "package:publish"}) {
        wanted.scopes = {{{.actions = {"package:read", action}, .resources = {}, .tags = {}}}};
        EXPECT_THAT(refusal_of_issue(wanted), HasSubstr("may name reading only")) << action;
    }
    wanted.scopes = {{{.actions = {"package:read", "package:list"}, .resources = {}, .tags = {}}}};
    EXPECT_EQ(find(issue(wanted).key.id)->type, KeyType::public_);
    EXPECT_EQ(run_sql("SELECT type FROM keys"), "public");
}

TEST_P(KeyTest, ATenantsSettingsSayHowLong) {
    run_sql(
        R"(UPDATE tenants SET settings = '{"keys":{"usual_days":7,"longest_days":1000}}' WHERE id = 'acme')");
    EXPECT_EQ(issue().key.expires_at, clock().now() + days(7));
    EXPECT_EQ(refusal_of_issue({.user_id = alice, .name = "x", .expires_at = clock().now() + days(1000)}),
              "");
    run_sql(R"(UPDATE tenants SET settings = '{"keys":{"longest_days":30}}' WHERE id = 'acme')");
    EXPECT_EQ(issue().key.expires_at, clock().now() + days(30)) << "never longer than allowed";
}

TEST_P(KeyTest, IsAllowedFromItsNetworks) {
    Key key;
    EXPECT_TRUE(key.is_allowed_from("192.0.2.1"));
    key.networks = R"(["10.0.0.0/8","2001:db8::/32"])";
    EXPECT_TRUE(key.is_allowed_from("10.1.2.3"));
    EXPECT_TRUE(key.is_allowed_from("2001:db8::5"));
    EXPECT_FALSE(key.is_allowed_from("192.0.2.1"));
    EXPECT_FALSE(key.is_allowed_from("unix"));
    EXPECT_FALSE(key.is_allowed_from(""));
}

TEST_P(KeyTest, IsChangedByWhoSawIt) {
    const Key seen = issue().key;
    clock().advance(std::chrono::seconds(5));
    const KeyChanges changes{.name = "desktop",
                             .scopes = {{{.actions = {"package:read"}, .resources = {}, .tags = {}}}},
                             .networks = {{"10.0.0.0/8"}},
                             .metadata = R"({"a":1})",
                             .expires_at = clock().now() + days(1)};
    const auto update = [&](Tx& tx) { return update_key(tx, acme, seen.id, seen.version, changes); };
    const Key changed = write(update);
    EXPECT_EQ(find(seen.id), changed);
    EXPECT_EQ(changed.version, 2);
    EXPECT_EQ(changed.name, "desktop");
    EXPECT_EQ(changed.secret_hash, seen.secret_hash);
    EXPECT_THAT(refusal_of(update), HasSubstr("precondition-failed: "));
    EXPECT_EQ(list_names({.filters = {{"name", "DESK"}}}), Names{"desktop"});
    EXPECT_THAT(refusal_of([&](Tx& tx) {
                    update_key(tx, acme, seen.id, 2, {.expires_at = clock().now() + days(400)});
                }),
                HasSubstr("expires_at"));
    revoke(seen.id);
    EXPECT_THAT(refusal_of([&](Tx& tx) { update_key(tx, acme, seen.id, 3, {.name = "x"}); }),
                HasSubstr("conflict: The key " + seen.id.text() + " is revoked"));
}

TEST_P(KeyTest, RotatesWithOverlap) {
    const IssuedKey old = issue();
    clock().advance(days(60));
    const IssuedKey fresh = write([&](Tx& tx) { return rotate_key(tx, acme, old.key.id, hours(2), mint()); });
    EXPECT_EQ(fresh.key.rotated_from, old.key.id);
    EXPECT_EQ(fresh.key.expires_at, clock().now() + days(90)) << "as long as the first";
    EXPECT_NE(fresh.text, old.text);
    EXPECT_EQ(find(old.key.id)->expires_at, clock().now() + hours(2));
    EXPECT_TRUE(find(old.key.id)->is_live(clock().now()));
    clock().advance(hours(2));
    EXPECT_FALSE(find(old.key.id)->is_live(clock().now()));
    EXPECT_TRUE(find(fresh.key.id)->is_live(clock().now()));
    EXPECT_THAT(refusal_of([&](Tx& tx) { rotate_key(tx, acme, old.key.id, hours(2), mint()); }),
                HasSubstr("has expired"));
    EXPECT_THAT(refusal_of([&](Tx& tx) { rotate_key(tx, acme, fresh.key.id, days(31), mint()); }),
                HasSubstr("The field overlap"));
}

TEST_P(KeyTest, OverlapMakesNoKeyLiveLonger) {
    const IssuedKey old = issue();
    clock().advance(days(90) - hours(1));
    write([&](Tx& tx) { rotate_key(tx, acme, old.key.id, hours(2), mint()); });
    EXPECT_EQ(find(old.key.id)->expires_at, old.key.expires_at);
}

TEST_P(KeyTest, IsRevokedForGood) {
    const Key key = issue().key;
    clock().advance(std::chrono::seconds(5));
    const Key revoked = revoke(key.id, "lost");
    EXPECT_EQ(revoked.revoked_at, clock().now());
    EXPECT_EQ(revoked.revoked_by, "alice");
    EXPECT_EQ(revoked.revoked_reason, "lost");
    EXPECT_FALSE(revoked.is_live(clock().now()));
    EXPECT_EQ(find(key.id), revoked);
    EXPECT_EQ(revoke(key.id, "found again"), revoked) << "the first time counts";
    EXPECT_THAT(refusal_of([&](Tx& tx) { rotate_key(tx, acme, key.id, hours(2), mint()); }),
                HasSubstr("is revoked"));
}

TEST_P(KeyTest, GoesWithItsOwner) {
    const KeyId personal = issue().key.id;
    const KeyId robot = issue({.app_id = shop, .name = "robot"}).key.id;
    EXPECT_EQ(write([&](Tx& tx) { return revoke_keys_of_user(tx, acme, alice, "left"); }), 1);
    EXPECT_EQ(write([&](Tx& tx) { return revoke_keys_of_user(tx, acme, alice, "left"); }), 0);
    EXPECT_TRUE(find(personal)->revoked_at);
    EXPECT_FALSE(find(robot)->revoked_at);
    EXPECT_EQ(write([&](Tx& tx) { return revoke_keys_of_app(tx, acme, shop, "closed"); }), 1);
    EXPECT_TRUE(find(robot)->revoked_at);
}

TEST_P(KeyTest, ALeakedOneIsRevoked) {
    const IssuedKey issued = issue();
    const auto report = [&](const std::string& text) {
        return write([&](Tx& tx) { return revoke_leaked_key(tx, text, hasher_, "leaked"); }).has_value();
    };
    EXPECT_FALSE(report("lsk_live_rubbish"));
    EXPECT_FALSE(report(mint().mint(TokenKind::personal_key).text));
    TokenText guess = *parse_token(issued.text);
    guess.secret = std::string(32, 'x');
    EXPECT_FALSE(report(render_token(guess))) << "the public id alone revokes nothing";
    EXPECT_FALSE(find(issued.key.id)->revoked_at);
    EXPECT_TRUE(report(issued.text));
    EXPECT_EQ(find(issued.key.id)->revoked_reason, "leaked");
    EXPECT_TRUE(report(issued.text));
    EXPECT_TRUE(report(render_hf_alias(*parse_token(issue().text))));
}

TEST_P(KeyTest, UsesAreNotedTogether) {
    const KeyId first = issue().key.id;
    const KeyId second = issue().key.id;
    const Time now = clock().now();
    const auto note = [&](const std::vector<KeyUse>& uses) {
        write([&](Tx& tx) { note_key_uses(tx, uses); });
    };
    note({{acme, first, now, "192.0.2.1"}, {acme, second, now, "unix"}, {other, first, now, "192.0.2.9"}});
    EXPECT_EQ(find(first)->last_used_at, now);
    EXPECT_EQ(find(first)->last_used_from, "192.0.2.1");
    EXPECT_EQ(find(second)->last_used_from, "unix");
    EXPECT_EQ(find(first)->version, 1) << "being used is no change";
    note({{acme, first, now - hours(1), "192.0.2.7"}});
    EXPECT_EQ(find(first)->last_used_from, "192.0.2.1") << "another node was later";
    note({});
}

TEST_P(KeyTest, AreListed) {
    issue({.user_id = alice, .name = "one"});
    clock().advance(std::chrono::seconds(1));
    issue({.app_id = shop, .name = "two"});
    clock().advance(std::chrono::seconds(1));
    issue({.user_id = alice, .environment = KeyEnvironment::test, .name = "three"});
    EXPECT_EQ(list_names({}), (Names{"three", "two", "one"}));
    EXPECT_EQ(list_names({.sort = "created_at"}), (Names{"one", "two", "three"}));
    EXPECT_EQ(list_names({.filters = {{"user_id", "alice"}}}), (Names{"three", "one"}));
    EXPECT_EQ(list_names({.filters = {{"app_id", "shop"}}}), (Names{"two"}));
    EXPECT_EQ(list_names({.filters = {{"environment", "test"}}}), (Names{"three"}));
    EXPECT_EQ(list_names({.filters = {{"type", "public"}}}), Names{});
    EXPECT_EQ(list_names({.filters = {{"name", "T"}}, .sort = "created_at"}), (Names{"two", "three"}));
}

TEST_P(KeyTest, IsPurgedLongAfterItExpired) {
    const KeyId gone = issue().key.id;
    const KeyId kept =
        issue({.user_id = alice, .name = "kept", .expires_at = clock().now() + days(300)}).key.id;
    const Time expiry = find(gone)->expires_at;
    const auto purge = [&](Time deadline) { return write([&](Tx& tx) { return purge_keys(tx, deadline); }); };
    EXPECT_EQ(purge(expiry), 0);
    EXPECT_EQ(purge(expiry + hours(1)), 1);
    EXPECT_EQ(purge(expiry + hours(1)), 0);
    EXPECT_FALSE(find(gone));
    EXPECT_TRUE(find(kept));
}

TEST_P(KeyTest, NoRecordHoldsASecret) {
    const IssuedKey issued = issue();
    const TokenText token = *parse_token(issued.text);
    const IssuedKey fresh =
        write([&](Tx& tx) { return rotate_key(tx, acme, issued.key.id, hours(2), mint()); });
    revoke(issued.key.id);
    std::string actions;
    for (const auto& entry : read([&](Tx& tx) { return ledger::list_audit(tx, acme, {}); }).items) {
        actions += entry.action + " ";
        EXPECT_THAT(entry.details, Not(HasSubstr(token.secret)));
        EXPECT_THAT(entry.details, Not(HasSubstr(parse_token(fresh.text)->secret)));
        EXPECT_THAT(entry.details, Not(HasSubstr(issued.key.secret_hash.value)));
    }
    EXPECT_THAT(actions, HasSubstr("key.revoke"));
    EXPECT_THAT(actions, HasSubstr("key.rotate"));
    EXPECT_THAT(actions, HasSubstr("key.create"));
    EXPECT_EQ(run_sql("SELECT count(*) FROM keys WHERE secret_hash LIKE '%" + token.secret + "%'"), "0");
}

}  // namespace
}  // namespace lodestone::identity
