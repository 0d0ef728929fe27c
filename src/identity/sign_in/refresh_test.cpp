// Refreshing: one token for the next, and what becomes of a family when somebody has a copy.
#include "identity/sign_in/refresh.hpp"

#include <gmock/gmock.h>

#include "identity/nouns/invitation.hpp"
#include "identity/nouns/key.hpp"
#include "identity/nouns/refresh_token.hpp"
#include "identity/sign_in/leaked_token.hpp"
#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using test::acme;
using test::alice;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class RefreshTest : public test::SigningIn {
  protected:
    Task<SignedIn> refreshing(const std::string& text) {
        return refresh_session(vault(), database(), text, {.address = "192.0.2.7", .agent = "other/2"},
                               unit());
    }
    SignedIn refresh(const std::string& text) { return await(refreshing(text)); }
    std::string refusal_of_refresh(const std::string& text) { return refusal_of_task(refreshing(text)); }
    Session find(const SignedIn& signed_in) {
        return read([&](Tx& tx) { return find_session(tx, acme, signed_in.session.id); }).value();
    }
    bool is_access_good(const SignedIn& signed_in) {
        const TokenText token = parse_token(signed_in.access_text).value();
        const auto found = read([&](Tx& tx) { return find_session_by_public_id(tx, token.public_id); });
        return found && found->is_live(clock().now()) &&
               vault().hasher.is_match(token, found->access_hash.value);
    }
};
INSTANTIATE_ON_EVERY_DATABASE(RefreshTest);

const std::string ended = "unauthenticated: This session has ended; sign in again.";

TEST_P(RefreshTest, GivesANewPair) {
    const SignedIn first = sign_in();
    clock().advance(minutes(14));
    const SignedIn second = refresh(first.refresh_text);
    EXPECT_EQ(second.tenant, acme);
    EXPECT_EQ(second.session.id, first.session.id);
    EXPECT_EQ(find(first), second.session);
    EXPECT_EQ(second.session.created_at, first.session.created_at);
    EXPECT_EQ(second.session.last_active_at, clock().now());
    EXPECT_EQ(second.session.expires_at, clock().now() + days(7));
    EXPECT_EQ(second.session.address, "192.0.2.7");
    EXPECT_FALSE(is_access_good(first)) << "one access token at a time";
    EXPECT_TRUE(is_access_good(second));
    clock().advance(minutes(15));
    EXPECT_FALSE(is_access_good(second));
    EXPECT_TRUE(is_access_good(refresh(second.refresh_text)));
}

TEST_P(RefreshTest, IsWrittenDown) {
    const SignedIn first = sign_in();
    const SignedIn second = refresh(first.refresh_text);
    EXPECT_EQ(count_actions("session.refresh"), "1");
    const std::string entry = "session.refresh " + first.session.id.text() + " {\"public_id\":{\"from\":\"" +
                              first.session.public_id + "\",\"to\":\"" + second.session.public_id + "\"}}";
    EXPECT_THAT(all_records(), HasSubstr(entry));
}

// What nobody gave takes no turn of the one writer.
TEST_P(RefreshTest, WhatIsNoneOfOursWritesNothing) {
    const std::string made_up = vault().mint.mint(TokenKind::refresh).text;
    const auto keyed = [](const char* key) {
        db::Unit keyed = unit();
        keyed.idempotency_key = key;  // of a write it is kept
        return keyed;
    };
    EXPECT_EQ(refusal_of_task(refresh_session(vault(), database(), made_up, visitor, keyed("one"))), ended);
    await(sign_out(vault(), database(), made_up, keyed("two")));
    EXPECT_FALSE(await(revoke_leaked_token(vault(), database(), made_up, keyed("three"))));
    EXPECT_EQ(run_sql("SELECT count(*) FROM committed_units"), "0");
    const std::string real = sign_in().refresh_text;
    await(refresh_session(vault(), database(), real, visitor, keyed("one")));
    EXPECT_EQ(run_sql("SELECT count(*) FROM committed_units"), "1") << "that is how it would be noticed";
}

TEST_P(RefreshTest, ASecondUseEndsTheFamily) {
    const SignedIn first = sign_in();
    const SignedIn second = refresh(first.refresh_text);
    clock().advance(seconds(10));
    EXPECT_EQ(refusal_of_refresh(first.refresh_text), ended);
    EXPECT_FALSE(is_access_good(second));
    EXPECT_EQ(refusal_of_refresh(second.refresh_text), ended) << "of the thief too";
    EXPECT_EQ(find(first).revoked_reason, "a refresh token was used twice");
    EXPECT_EQ(count_actions("session.reuse"), "1");
    EXPECT_TRUE(is_access_good(sign_in())) << "other sessions go on";
}

TEST_P(RefreshTest, AnAnswerThatGotLostIsGivenAgain) {
    const SignedIn first = sign_in();
    const SignedIn lost = refresh(first.refresh_text);
    clock().advance(seconds(9));
    const SignedIn again = refresh(first.refresh_text);
    EXPECT_FALSE(is_access_good(lost));
    EXPECT_TRUE(is_access_good(again));
    EXPECT_TRUE(is_access_good(refresh(again.refresh_text)));
}

// The moment of grace gives a thief nothing: whoever is put out of use gives both away with the next step.
TEST_P(RefreshTest, OfTwoWithTheSameTokenBothAreNoticed) {
    const SignedIn first = sign_in();
    const SignedIn thief = refresh(first.refresh_text);
    const SignedIn owner = refresh(first.refresh_text);
    EXPECT_FALSE(is_access_good(thief));
    EXPECT_EQ(refusal_of_refresh(thief.refresh_text), ended);
    EXPECT_FALSE(is_access_good(owner));
    EXPECT_EQ(refusal_of_refresh(owner.refresh_text), ended);
}

TEST_P(RefreshTest, NoGraceOnceSomebodyWentOn) {
    const SignedIn first = sign_in();
    const SignedIn second = refresh(first.refresh_text);
    const SignedIn third = refresh(second.refresh_text);
    EXPECT_EQ(refusal_of_refresh(first.refresh_text), ended) << "within the same second";
    EXPECT_FALSE(is_access_good(third));
}

TEST_P(RefreshTest, OnlyARefreshTokenIsOne) {
    const SignedIn first = sign_in();
    EXPECT_EQ(refusal_of_refresh(first.access_text), ended);
    EXPECT_EQ(refusal_of_refresh("lsr_rubbish"), ended);
    EXPECT_EQ(refusal_of_refresh(vault().mint.mint(TokenKind::refresh).text), ended);
    TokenText guess = parse_token(first.refresh_text).value();
    guess.secret = std::string(32, 'x');
    EXPECT_EQ(refusal_of_refresh(render_token(guess)), ended);
    EXPECT_TRUE(is_access_good(first)) << "a guess ends nothing";
}

TEST_P(RefreshTest, EndsByItself) {
    set_settings(R"({"session":{"access_seconds":60,"refresh_seconds":3600,"longest_seconds":5400}})");
    const SignedIn first = sign_in();
    EXPECT_EQ(first.session.access_expires_at, clock().now() + minutes(1));
    clock().advance(minutes(59));
    const SignedIn second = refresh(first.refresh_text);
    EXPECT_EQ(second.session.expires_at, first.session.created_at + minutes(90)) << "however active";
    clock().advance(minutes(31));
    EXPECT_EQ(refusal_of_refresh(second.refresh_text), ended);
    const SignedIn idle = sign_in();
    clock().advance(minutes(60));
    EXPECT_EQ(refusal_of_refresh(idle.refresh_text), ended);
}

TEST_P(RefreshTest, SuspensionCountsAtOnce) {
    const SignedIn first = sign_in();
    run_sql("UPDATE users SET status = 'suspended'");
    EXPECT_THAT(refusal_of_refresh(first.refresh_text), StartsWith("forbidden: This user is suspended"));
    run_sql("UPDATE users SET status = 'active'");
    EXPECT_TRUE(is_access_good(refresh(first.refresh_text))) << "and is over at once";
}

TEST_P(RefreshTest, SignsOutWithEitherToken) {
    const SignedIn first = sign_in();
    await(sign_out(vault(), database(), first.access_text, unit()));
    EXPECT_FALSE(is_access_good(first));
    EXPECT_EQ(refusal_of_refresh(first.refresh_text), ended);
    const SignedIn second = sign_in();
    await(sign_out(vault(), database(), second.refresh_text, unit()));
    EXPECT_FALSE(is_access_good(second));
    await(sign_out(vault(), database(), second.refresh_text, unit()));
    await(sign_out(vault(), database(), "rubbish", unit()));
    EXPECT_EQ(count_actions("session.revoke"), "2");
}

TEST_P(RefreshTest, SignsOutEverywhere) {
    const SignedIn here = sign_in();
    const SignedIn elsewhere = sign_in();
    const auto end = [&](const std::optional<SessionId>& kept) {
        return write(
            [&](Tx& tx) { return revoke_sessions_of_user(tx, acme, alice, "signed out everywhere", kept); });
    };
    EXPECT_EQ(end(here.session.id), 1);
    EXPECT_TRUE(is_access_good(here));
    EXPECT_FALSE(is_access_good(elsewhere));
    EXPECT_EQ(end({}), 1);
    EXPECT_FALSE(is_access_good(here));
}

TEST_P(RefreshTest, SessionsAreListedAndRevokedByTheirOwner) {
    const SignedIn first = sign_in();
    clock().advance(seconds(1));
    const SignedIn second = sign_in();
    const auto listed = read([](Tx& tx) { return list_sessions(tx, acme, alice, {}); }).items;
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed[0], second.session);
    EXPECT_TRUE(read([](Tx& tx) { return list_sessions(tx, test::other_tenant, alice, {}); }).items.empty());
    const auto revoke = [&](const TenantId& tenant, const UserId& user) {
        return refusal_of([&](Tx& tx) { revoke_session(tx, tenant, user, first.session.id, "lost"); });
    };
    const std::string absent = "not-found: There is no session " + first.session.id.text() + ".";
    EXPECT_EQ(revoke(test::other_tenant, alice), absent);
    EXPECT_EQ(revoke(acme, UserId::trusted("bob")), absent);
    EXPECT_TRUE(is_access_good(first));
    EXPECT_EQ(revoke(acme, alice), "");
    EXPECT_FALSE(is_access_good(first));
    EXPECT_TRUE(is_access_good(second));
}

TEST_P(RefreshTest, WhatLeakedEnds) {
    const auto report = [&](const std::string& text) {
        return await(revoke_leaked_token(vault(), database(), text, unit()));
    };
    const SignedIn first = sign_in();
    const SignedIn second = sign_in();
    EXPECT_TRUE(report(first.access_text));
    EXPECT_FALSE(is_access_good(first));
    EXPECT_TRUE(report(second.refresh_text));
    EXPECT_FALSE(is_access_good(second));
    const auto invited = write([&](Tx& tx) {
        return create_invitation(tx, acme, {.role = RoleId::trusted("developer")}, vault().mint);
    });
    EXPECT_TRUE(report(invited.text));
    EXPECT_TRUE(read([&](Tx& tx) { return find_invitation(tx, acme, invited.invitation.id); })->revoked_at);
    EXPECT_TRUE(report(invited.text)) << "still ours";
    run_sql(
        "INSERT INTO apps (tenant_id, id, name, name_folded, type, status, config, metadata, version, "
        "created_at, created_by, updated_at, updated_by) VALUES ('acme', 'shop', 'shop', 'shop', 'service', "
        "'active', '{}', '{}', 1, 1, 'x', 1, 'x')");
    NewKey wanted;
    wanted.app_id = AppId::trusted("shop");
    wanted.name = "pipeline";
    wanted.scopes = {{{.actions = {"package:publish"}, .resources = {}, .tags = {}}}};
    wanted.expires_at = clock().now() + minutes(9);
    const IssuedKey pipelines =
        write([&](Tx& tx) { return issue_publisher_key(tx, acme, wanted, vault().mint); });
    EXPECT_TRUE(report(pipelines.text));
    EXPECT_TRUE(read([&](Tx& tx) { return find_key(tx, acme, pipelines.key.id); })->revoked_at);
    EXPECT_FALSE(report("rubbish"));
    EXPECT_FALSE(report(vault().mint.mint(TokenKind::session).text));
    EXPECT_FALSE(report(vault().mint.mint(TokenKind::personal_key).text));
    EXPECT_FALSE(report(vault().mint.mint(TokenKind::publisher).text));
}

TEST_P(RefreshTest, WhatEndedIsPurgedInTime) {
    const SignedIn gone = sign_in();
    refresh(gone.refresh_text);
    clock().advance(days(7));
    const SignedIn kept = sign_in();
    const auto purge = [&](auto verb, Time deadline) {
        return write([&](Tx& tx) { return verb(tx, deadline); });
    };
    const Time end = gone.session.expires_at;
    EXPECT_EQ(purge(purge_refresh_tokens, end), 0);
    EXPECT_EQ(purge(purge_sessions, end), 0);
    EXPECT_EQ(purge(purge_refresh_tokens, end + seconds(1)), 2);
    EXPECT_TRUE(read([&](Tx& tx) { return find_session(tx, acme, gone.session.id); })) << "still listed";
    EXPECT_EQ(purge(purge_sessions, end + seconds(1)), 1);
    EXPECT_EQ(purge(purge_sessions, end + seconds(1)), 0);
    EXPECT_FALSE(read([&](Tx& tx) { return find_session(tx, acme, gone.session.id); }));
    EXPECT_TRUE(read([&](Tx& tx) { return find_session(tx, acme, kept.session.id); }));
    EXPECT_EQ(purge(purge_sessions, clock().now() + days(30)), 1) << "with its tokens";
    EXPECT_EQ(run_sql("SELECT count(*) FROM refresh_tokens"), "0");
}

TEST_P(RefreshTest, AClientsNameForItselfIsClipped) {
    SignInRequest wanted = request();
    wanted.visitor.agent = std::string(255, 'x') + "ü";
    const SignedIn signed_in = try_sign_in(wanted).signed_in.value();
    EXPECT_EQ(find(signed_in).agent, std::string(255, 'x'));
    wanted.visitor.agent = "\xFF";
    EXPECT_EQ(find(try_sign_in(wanted).signed_in.value()).agent, "");
}

}  // namespace
}  // namespace lodestone::identity
