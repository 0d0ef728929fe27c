// Signing in: whoever may, gets a session; whoever may not, learns nothing.
#include "identity/sign_in/sign_in.hpp"

#include <gmock/gmock.h>

#include "identity/nouns/refresh_token.hpp"
#include "identity/sign_in/joining.hpp"
#include "identity/sign_in/refresh.hpp"
#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;
using test::acme;
using test::alice;
using test::password_of_alice;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SignInTest : public test::SigningIn {};
INSTANTIATE_ON_EVERY_DATABASE(SignInTest);

const std::string refused =
    "unauthenticated: The user name, the password or the code is wrong, or there were too many failures "
    "before: "
    "wait a while, then try again.";

TEST_P(SignInTest, OpensASession) {
    for (const char* account : {"alice", "ALICE", "Alice@Acme.Example"}) {
        const SignedIn signed_in = try_sign_in(request(account)).signed_in.value();
        EXPECT_EQ(signed_in.tenant, acme);
        const auto token = parse_token(signed_in.access_text);
        ASSERT_TRUE(token);
        const auto session = read([&](Tx& tx) { return find_session_by_public_id(tx, token->public_id); });
        ASSERT_TRUE(session);
        EXPECT_EQ(static_cast<const Session&>(*session), signed_in.session);
        EXPECT_EQ(session->tenant_id, acme);
        EXPECT_EQ(session->user_id, alice);
        EXPECT_EQ(session->address, "192.0.2.1");
        EXPECT_EQ(session->agent, "test/1");
        EXPECT_EQ(session->access_expires_at, clock().now() + minutes(15));
        EXPECT_EQ(session->expires_at, clock().now() + days(7));
        EXPECT_TRUE(session->is_live(clock().now()));
        EXPECT_FALSE(session->has_second_factor);
        EXPECT_TRUE(vault().hasher.is_match(*token, session->access_hash.value));
        EXPECT_EQ(parse_token(signed_in.refresh_text)->kind, TokenKind::refresh);
        EXPECT_FALSE(signed_in.duties.must_change_password);
        EXPECT_FALSE(signed_in.duties.must_add_second_factor);
    }
    EXPECT_EQ(count_actions("session.create"), "3");
}

// Equal in content, and in what it costs: one hash, one entry. Times would differ from run to run.
TEST_P(SignInTest, NobodyLearnsWhoExists) {
    insert_user("acme", "bob-id", "bob", "bob@acme.example");  // has no password
    std::vector<SignInRequest> wrong{request("alice", "wrong"), request("alice@acme.example", "wrong"),
                                     request("nobody", password_of_alice), request("bob", password_of_alice)};
    wrong.push_back(request());
    wrong.back().tenant = TenantId::trusted("nowhere");
    wrong.push_back(request());
    wrong.back().tenant = test::other_tenant;
    int tries = 0;
    for (const SignInRequest& wanted : wrong) {
        const auto hashes = vault().passwords.hash_count();
        EXPECT_EQ(refusal_of_sign_in(wanted), refused) << wanted.account;
        EXPECT_EQ(vault().passwords.hash_count(), hashes + 1) << wanted.account;
        EXPECT_EQ(count_actions("session.refuse"), std::to_string(++tries));
    }
    EXPECT_EQ(count_actions("session.create"), "0");
}

TEST_P(SignInTest, WhatNoAccountCouldHaveCostsNoHash) {
    const auto hashes = vault().passwords.hash_count();
    EXPECT_THAT(refusal_of_sign_in(request("")), StartsWith("invalid-input: The field username"));
    EXPECT_THAT(refusal_of_sign_in(request("alice", "")), StartsWith("invalid-input: The field password"));
    EXPECT_THAT(refusal_of_sign_in(request(std::string("a\0b", 3))), StartsWith("invalid-input: "));
    EXPECT_THAT(refusal_of_sign_in(request("\xFF")), StartsWith("invalid-input: "));
    EXPECT_THAT(refusal_of_sign_in(request("alice", std::string(1025, 'x'))), StartsWith("invalid-input: "));
    EXPECT_EQ(vault().passwords.hash_count(), hashes);
}

TEST_P(SignInTest, SuspensionIsToldToWhoeverKnowsThePassword) {
    run_sql("UPDATE users SET status = 'suspended'");
    EXPECT_EQ(refusal_of_sign_in(request("alice", "wrong")), refused);
    EXPECT_THAT(refusal_of_sign_in(request()), StartsWith("forbidden: This user is suspended"));
    run_sql("UPDATE users SET status = 'active'");
    run_sql("UPDATE tenants SET status = 'suspended'");
    EXPECT_THAT(refusal_of_sign_in(request()), StartsWith("forbidden: This organisation is suspended"));
}

TEST_P(SignInTest, WhatIsDeletedIsNotThere) {
    run_sql("UPDATE users SET deleted_at = 1, deleted_by = 'x'");
    EXPECT_EQ(refusal_of_sign_in(request()), refused);
    run_sql("UPDATE users SET deleted_at = NULL, deleted_by = NULL");
    run_sql("UPDATE tenants SET deleted_at = 1, deleted_by = 'x'");
    EXPECT_EQ(refusal_of_sign_in(request()), refused);
}

TEST_P(SignInTest, FailuresDelayOnThisNode) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(refusal_of_sign_in(request("alice", "wrong")), refused);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(refusal_of_sign_in(request("nobody", "wrong")), refused);
    const std::string early =
        "too-many-requests: This did not work several times in a row; try again in 1 seconds.";
    const auto hashes = vault().passwords.hash_count();
    EXPECT_EQ(refusal_of_sign_in(request()), early) << "the right password too";
    EXPECT_EQ(refusal_of_sign_in(request("nobody", "wrong")), early) << "and of nobody";
    EXPECT_EQ(vault().passwords.hash_count(), hashes);
    clock().advance(seconds(1));
    sign_in();
    EXPECT_EQ(credentials_of(alice).failed_attempts, 0) << "forgiven";
    EXPECT_EQ(refusal_of_sign_in(request("alice", "wrong")), refused);
}

TEST_P(SignInTest, FailuresDelayOnEveryNode) {
    for (int i = 0; i < 6; ++i) {
        const auto node = make_vault();
        EXPECT_EQ(refusal_of_task(identity::sign_in(*node, database(), request("alice", "wrong"), unit())),
                  refused);
        if (i == 4) clock().advance(seconds(1));
    }
    EXPECT_EQ(credentials_of(alice).failed_attempts, 6);
    EXPECT_EQ(credentials_of(alice).blocked_until, clock().now() + seconds(2));
    const auto node = make_vault();
    const auto hashes = node->passwords.hash_count();
    EXPECT_EQ(refusal_of_task(identity::sign_in(*node, database(), request(), unit())), refused);
    EXPECT_EQ(node->passwords.hash_count(), hashes + 1);
    EXPECT_EQ(credentials_of(alice).failed_attempts, 6) << "who comes too early makes it no longer";
    clock().advance(seconds(2));
    sign_in();
    EXPECT_EQ(credentials_of(alice).failed_attempts, 0);
    EXPECT_FALSE(credentials_of(alice).blocked_until);
}

TEST_P(SignInTest, ATenantChoosesItsDelays) {
    set_settings(R"({"account_lockout":{"max_attempts":2,"lockout_seconds":3,"reset_after_seconds":60}})");
    for (int i = 0; i < 5; ++i) {
        const auto node = make_vault();
        refusal_of_task(identity::sign_in(*node, database(), request("alice", "wrong"), unit()));
        clock().advance(seconds(4));
    }
    EXPECT_EQ(credentials_of(alice).blocked_until, clock().now() - seconds(1)) << "three seconds at most";
    clock().advance(minutes(2));
    refusal_of_sign_in(request("alice", "wrong"));
    EXPECT_EQ(credentials_of(alice).failed_attempts, 1) << "counting began anew";
    set_settings(R"({"account_lockout":{"enabled":false,"max_attempts":1}})");
    const auto node = make_vault();
    refusal_of_task(identity::sign_in(*node, database(), request("alice", "wrong"), unit()));
    EXPECT_FALSE(credentials_of(alice).blocked_until) << "each node delays by what it has seen itself";
}

TEST_P(SignInTest, ImportedHashesAreReplaced) {
    write([&](Tx& tx) {
        identity::store_password(tx, acme, alice,
                                 "$2b$04$abcdefghijklmnopqrstuuollMaOIweio9pReE0Cf7jFpC2wM7p9.");
    });
    const auto changed_at = credentials_of(alice).password_changed_at;
    clock().advance(seconds(5));
    EXPECT_TRUE(try_sign_in(request("alice", "mug")).signed_in);
    const Credentials after = credentials_of(alice);
    EXPECT_THAT(after.password_hash->value, StartsWith("$argon2id$"));
    EXPECT_EQ(after.password_changed_at, changed_at) << "it is the same password";
    EXPECT_TRUE(try_sign_in(request("alice", "mug")).signed_in);
}

// Nobody learns from the time whose hash was imported, nor who is there at all.
TEST_P(SignInTest, AnImportedHashCostsWhatAnyOtherDoes) {
    insert_user("acme", "bob-id", "bob", "bob@acme.example");
    const UserId bob = UserId::trusted("bob-id");
    const auto work_of = [&](const char* account) {
        const PasswordWork before = vault().passwords.work_done();
        refusal_of_sign_in(request(account, "wrong"));
        const PasswordWork after = vault().passwords.work_done();
        return std::pair(after.argon2id - before.argon2id, after.bcrypt_rounds - before.bcrypt_rounds);
    };
    EXPECT_EQ(work_of("nobody"), std::pair(1, std::uint64_t{0}));
    write([&](Tx& tx) {
        identity::store_password(tx, acme, bob,
                                 "$2b$04$abcdefghijklmnopqrstuuollMaOIweio9pReE0Cf7jFpC2wM7p9.");
    });
    for (const char* account : {"alice", "bob", "nobody"})
        EXPECT_EQ(work_of(account), std::pair(1, std::uint64_t{16})) << account;
    clock().advance(minutes(1));
    EXPECT_TRUE(try_sign_in(request("bob", "mug")).signed_in);
    EXPECT_EQ(work_of("nobody"), std::pair(1, std::uint64_t{0})) << "the last one was replaced";
}

TEST_P(SignInTest, TellsWhatComesFirst) {
    store_password(alice, password_of_alice, MustChange::yes);
    EXPECT_TRUE(sign_in().duties.must_change_password);
    store_password(alice, password_of_alice);
    set_settings(R"({"require_mfa":true,"password_policy":{"max_age_days":30}})");
    EXPECT_FALSE(sign_in().duties.must_change_password);
    EXPECT_TRUE(sign_in().duties.must_add_second_factor);
    clock().advance(days(30));
    EXPECT_TRUE(sign_in().duties.must_change_password);
}

TEST_P(SignInTest, NobodySignsInFromAnAddressThatIsKeptOut) {
    const SignedIn before = sign_in();
    set_config(R"({"security":{"blocked_ips":["192.0.2.0/24"]}})");
    const std::string kept_out =
        "address-not-allowed: The address is not let in there: the tenant's config.security.blocked_ips "
        "says "
        "so.";
    const std::uint64_t hashes = vault().passwords.hash_count();
    EXPECT_EQ(refusal_of_sign_in(request()), kept_out);
    EXPECT_EQ(refusal_of_sign_in(request("alice", "wrong")), kept_out) << "nor is a password tried";
    EXPECT_EQ(refusal_of_sign_in(request("nobody", "wrong")), kept_out);
    EXPECT_EQ(vault().passwords.hash_count(), hashes);
    EXPECT_EQ(refusal_of_task(refresh_session(vault(), database(), before.refresh_text, visitor, unit())),
              kept_out);
    EXPECT_EQ(refusal_of_task(register_user(
                  vault(), database(), acme,
                  {.username = "carol", .password = password_of_alice, .visitor = visitor}, unit())),
              kept_out);
    set_config(R"({"security":{"allowed_ips":["192.0.2.0/24"]}})");
    sign_in();
    await(refresh_session(vault(), database(), before.refresh_text, visitor, unit()));
}

TEST_P(SignInTest, PasswordsMayBeRuledOut) {
    set_settings(R"({"allowed_auth_methods":["oidc"]})");
    EXPECT_EQ(refusal_of_sign_in(request()), refused);
    set_settings(R"({"allowed_auth_methods":["oidc","password"]})");
    const SignedIn before = sign_in();
    set_settings(R"({"allowed_auth_methods":["oidc"]})");
    EXPECT_THAT(refusal_of_task(refresh_session(vault(), database(), before.refresh_text, visitor, unit())),
                StartsWith("forbidden: This organisation lets nobody in with a password"));
    set_settings(R"({"allowed_auth_methods":["oidc"],"registration":"open"})");
    EXPECT_THAT(refusal_of_task(register_user(
                    vault(), database(), acme,
                    {.username = "carol", .password = password_of_alice, .visitor = visitor}, unit())),
                StartsWith("forbidden: Registration is not open here"));
}

TEST_P(SignInTest, AnotherSessionEndsTheOlderOnesWhereThatIsAsked) {
    const auto is_live = [&](const SignedIn& signed_in) {
        return !read([&](Tx& tx) { return find_session(tx, acme, signed_in.session.id); })->revoked_at;
    };
    const SignedIn first = sign_in();
    const SignedIn second = sign_in();
    EXPECT_TRUE(is_live(first));
    set_config(R"({"security":{"allow_concurrent_sessions":false}})");
    const SignedIn third = sign_in();
    EXPECT_FALSE(is_live(first) || is_live(second));
    EXPECT_TRUE(is_live(third));
    const SignedIn renewed = await(refresh_session(vault(), database(), third.refresh_text, visitor, unit()));
    EXPECT_TRUE(is_live(renewed)) << "going on is no new session";
}

TEST_P(SignInTest, NoRecordHoldsASecret) {
    const SignedIn signed_in = sign_in();
    refusal_of_sign_in(request("alice", "another secret"));
    refusal_of_sign_in(request("password typed as a name", "another secret"));
    const std::string records = all_records();
    EXPECT_THAT(records, HasSubstr("session.create"));
    EXPECT_THAT(records, HasSubstr("session.refuse"));
    for (const std::string& secret :
         {password_of_alice, std::string("another secret"), std::string("password typed"),
          parse_token(signed_in.access_text)->secret, parse_token(signed_in.refresh_text)->secret,
          credentials_of(alice).password_hash->value, signed_in.session.access_hash.value})
        EXPECT_THAT(records, Not(HasSubstr(secret)));
}

TEST_P(SignInTest, TooManyAtOnceAreTurnedAway) {
    // All come before the two threads are through with the first hashes, which take some milliseconds each.
    const auto busy =
        std::make_unique<Vault>(VaultOptions{.pepper = "pepper of this test, long enough",
                                             .sealing_keys = {"sealing key of this test"},
                                             .password_cost = {.passes = 1, .memory_kib = 4096}},
                                clock(), context().random);
    int done = 0;
    int refused_count = 0;
    const int wanted = 200;
    for (int i = 0; i < wanted; ++i)
        boost::asio::co_spawn(loop(), busy->passwords.hash("tall green mug"),
                              [&](const std::exception_ptr& error, const std::string&) {
                                  if (error) ++refused_count;
                                  if (++done == wanted) loop().stop();
                              });
    loop().restart();
    const auto guard = boost::asio::make_work_guard(loop());
    loop().run();
    EXPECT_EQ(done, wanted);
    EXPECT_EQ(static_cast<std::uint64_t>(wanted - refused_count), busy->passwords.hash_count());
    EXPECT_GE(wanted - refused_count, 66) << "the line and the two in front of it";
    EXPECT_GT(refused_count, 0);
}

}  // namespace
}  // namespace lodestone::identity
