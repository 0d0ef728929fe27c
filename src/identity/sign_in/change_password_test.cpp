// Passwords that change, and links that change them once.
#include "identity/sign_in/change_password.hpp"

#include <gmock/gmock.h>

#include "identity/nouns/reset_link.hpp"
#include "identity/sign_in/leaked_token.hpp"
#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using std::chrono::hours;
using test::acme;
using test::alice;
using test::password_of_alice;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ChangePasswordTest : public test::SigningIn {
  protected:
    std::string change(std::string current, std::string fresh, const std::optional<SessionId>& session = {}) {
        return refusal_of_task(change_password(vault(), database(),
                                               {.tenant = acme,
                                                .user = alice,
                                                .session = session,
                                                .current_password = std::move(current),
                                                .new_password = std::move(fresh),
                                                .visitor = visitor},
                                               unit()));
    }
    std::string reset(std::string link, std::string fresh) {
        return refusal_of_task(reset_password(
            vault(), database(),
            {.link = std::move(link), .new_password = std::move(fresh), .visitor = visitor}, unit()));
    }
    std::string make_link() {
        return write([&](Tx& tx) { return create_reset_link(tx, acme, alice, vault().mint); }).text;
    }
    bool is_open(const SignedIn& signed_in) {
        return !read([&](Tx& tx) { return find_session(tx, acme, signed_in.session.id); })->revoked_at;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(ChangePasswordTest);

const std::string fresh_password = "small blue teapot";
const std::string dead_link =
    "not-found: This link does not work, or no longer: ask an administrator for another one.";

TEST_P(ChangePasswordTest, IsChangedByWhoKnowsIt) {
    store_password(alice, password_of_alice, MustChange::yes);
    const SignedIn here = sign_in();
    const SignedIn elsewhere = sign_in();
    const std::string link = make_link();
    clock().advance(hours(1));
    EXPECT_EQ(change(password_of_alice, fresh_password, here.session.id), "");
    EXPECT_TRUE(is_open(here));
    EXPECT_FALSE(is_open(elsewhere));
    EXPECT_THAT(refusal_of_sign_in(request()), StartsWith("unauthenticated"));
    EXPECT_FALSE(try_sign_in(request("alice", fresh_password)).signed_in->duties.must_change_password);
    EXPECT_EQ(credentials_of(alice).password_changed_at, clock().now());
    EXPECT_EQ(reset(link, "another blue teapot"), dead_link) << "whoever knows the password needs none";
}

// Who has stolen a session guesses until they have to wait; its owner's own session waits for nobody.
TEST_P(ChangePasswordTest, AGuesserWithASessionStopsNobodyElse) {
    const auto change_in = [&](const std::string& session, const std::string& current) {
        db::Unit in_session = unit();
        in_session.session = session;
        return refusal_of_task(change_password(vault(), database(),
                                               {.tenant = acme,
                                                .user = alice,
                                                .session = {},
                                                .current_password = current,
                                                .new_password = fresh_password,
                                                .visitor = {.address = "192.0.2." + session, .agent = {}}},
                                               in_session));
    };
    std::string refusal;
    for (int guesses = 0; guesses < 20 && !refusal.starts_with("too-many-requests"); ++guesses)
        refusal = change_in("1", "a guess");
    EXPECT_THAT(refusal, StartsWith("too-many-requests"));
    EXPECT_EQ(change_in("2", password_of_alice), "");
}

TEST_P(ChangePasswordTest, IsNotChangedByOthersOrToAnything) {
    EXPECT_EQ(change("wrong", fresh_password),
              "invalid-input: The field current_password is not the user's password.");
    EXPECT_EQ(change(password_of_alice, password_of_alice),
              "invalid-input: The field new_password is the current password; choose another.");
    EXPECT_EQ(change(password_of_alice, "short"),
              "invalid-input: The field new_password cannot be used: the password is too short: 12 "
              "characters is the "
              "least.");
    EXPECT_THAT(change(password_of_alice, "i am alice, really"), HasSubstr("holds the user's name"));
    set_settings(R"({"password_policy":{"min_length":20}})");
    EXPECT_THAT(change(password_of_alice, fresh_password), HasSubstr("20 characters is the least"));
    sign_in();
}

TEST_P(ChangePasswordTest, GuessingTheOldOneIsSlow) {
    std::string refusal;
    int guesses = 0;
    while (guesses < 20 && !refusal.starts_with("too-many-requests")) {
        refusal = change("wrong", fresh_password);
        ++guesses;
    }
    EXPECT_EQ(guesses, 6);
}

TEST_P(ChangePasswordTest, ALinkSetsItOnce) {
    const SignedIn signed_in = sign_in();
    const std::string link = make_link();
    sign_in();
    EXPECT_THAT(reset(link, "short"), StartsWith("invalid-input: The field new_password"));
    EXPECT_EQ(reset(link, fresh_password), "");
    EXPECT_FALSE(is_open(signed_in));
    EXPECT_TRUE(try_sign_in(request("alice", fresh_password)).signed_in);
    EXPECT_EQ(reset(link, "another blue teapot"), dead_link);
}

TEST_P(ChangePasswordTest, ALinkEnds) {
    const std::string replaced = make_link();
    const std::string current = make_link();
    EXPECT_EQ(reset(replaced, fresh_password), dead_link) << "there is another";
    clock().advance(hours(24));
    EXPECT_EQ(reset(current, fresh_password), dead_link);
    const std::string leaked = make_link();
    EXPECT_TRUE(await(revoke_leaked_token(vault(), database(), leaked, unit())));
    EXPECT_EQ(reset(leaked, fresh_password), dead_link);
    EXPECT_EQ(reset("rubbish", fresh_password), dead_link);
    EXPECT_EQ(reset(vault().mint.mint(TokenKind::reset_link).text, fresh_password), dead_link);
    EXPECT_EQ(reset(sign_in().access_text, fresh_password), dead_link);
}

TEST_P(ChangePasswordTest, ALinkIsForAUserOfTheTenant) {
    EXPECT_EQ(refusal_of([&](Tx& tx) { create_reset_link(tx, test::other_tenant, alice, vault().mint); }),
              "not-found: There is no user alice-id.");
    insert_user("acme", "bob-id", "bob", "bob@acme.example");  // has no credentials at all
    const std::string link = write([&](Tx& tx) {
                                 return create_reset_link(tx, acme, UserId::trusted("bob-id"), vault().mint);
                             }).text;
    EXPECT_EQ(reset(link, fresh_password), "");
    EXPECT_TRUE(try_sign_in(request("bob", fresh_password)).signed_in);
}

// However it changes: at a shell, too.
TEST_P(ChangePasswordTest, AnotherPasswordEndsTheLinks) {
    const std::string link = make_link();
    store_password(alice, "another green mug");
    EXPECT_EQ(reset(link, fresh_password), dead_link);
}

TEST_P(ChangePasswordTest, ALinkForgivesFailures) {
    for (int i = 0; i < 5; ++i) refusal_of_sign_in(request("alice", "wrong"));
    EXPECT_TRUE(credentials_of(alice).blocked_until);
    EXPECT_EQ(reset(make_link(), fresh_password), "");
    const auto node = make_vault();
    EXPECT_TRUE(
        await(identity::sign_in(*node, database(), request("alice", fresh_password), unit())).signed_in);
}

TEST_P(ChangePasswordTest, NoRecordHoldsASecret) {
    const std::string link = make_link();
    reset(link, fresh_password);
    change(fresh_password, password_of_alice);
    const std::string records = all_records();
    EXPECT_THAT(records, HasSubstr("user.password_change"));
    EXPECT_THAT(records, HasSubstr("user.reset_link_create"));
    for (const std::string& secret : {password_of_alice, fresh_password, parse_token(link)->secret})
        EXPECT_THAT(records, Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace lodestone::identity
