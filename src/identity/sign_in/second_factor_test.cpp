// Second factors: offered, confirmed, asked for, replaced by paper, and dropped.
#include "identity/sign_in/second_factor.hpp"

#include <gmock/gmock.h>

#include "identity/secrets/totp.hpp"
#include "identity/sign_in/change_password.hpp"
#include "identity/sign_in/second_factor_check.hpp"
#include "support/signing_in.hpp"

namespace lodestone::identity {
namespace {

using db::Tx;
using std::chrono::minutes;
using std::chrono::seconds;
using test::acme;
using test::alice;
using test::password_of_alice;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SecondFactorTest : public test::SigningIn {
  protected:
    SecondFactorRequest asked(std::string password = password_of_alice) {
        return {.tenant = acme, .user = alice, .password = std::move(password), .visitor = visitor};
    }
    SecondFactorOffer offer() { return await(offer_second_factor(vault(), database(), asked(), unit())); }
    // What the app shows now.
    std::string code() {
        const auto secret =
            vault().sealer.open(credentials_of(alice).totp_secret->value, second_factor_place(acme, alice));
        return totp_code(*secret, totp_step(clock().now()));
    }
    Task<std::vector<std::string>> confirm(std::string shown, const SessionId& session = {}) {
        return confirm_offer(
            vault(), database(),
            {.tenant = acme, .user = alice, .session = session, .code = std::move(shown), .visitor = visitor},
            unit());
    }
    // With a second factor that was confirmed a minute ago.
    std::vector<std::string> enrol() {
        offer();
        std::vector<std::string> codes = await(confirm(code()));
        clock().advance(minutes(1));
        return codes;
    }
    std::string challenge() { return try_sign_in(request()).challenge; }
    Task<SignedIn> prove(std::string challenge, std::string shown) {
        return prove_second_factor(
            vault(), database(),
            {.challenge = std::move(challenge), .code = std::move(shown), .visitor = visitor}, unit());
    }
};
INSTANTIATE_ON_EVERY_DATABASE(SecondFactorTest);

const std::string refused_code = "unauthenticated: The user name, the password or the code is wrong";

TEST_P(SecondFactorTest, IsAskedForOnceItIsConfirmed) {
    const SecondFactorOffer offered = offer();
    EXPECT_THAT(offered.url, StartsWith("otpauth://totp/Lodestone:alice?secret=" + offered.secret));
    EXPECT_TRUE(try_sign_in(request()).signed_in) << "not confirmed yet";
    EXPECT_THAT(refusal_of_task(confirm("000000")), StartsWith("invalid-input: The field code"));
    EXPECT_EQ(await(confirm(code())).size(), 10u);
    const SignInOutcome outcome = try_sign_in(request());
    EXPECT_FALSE(outcome.signed_in);
    EXPECT_FALSE(outcome.challenge.empty());
    clock().advance(minutes(1));
    const SignedIn signed_in = await(prove(outcome.challenge, code()));
    EXPECT_TRUE(signed_in.session.has_second_factor);
    EXPECT_FALSE(signed_in.duties.must_add_second_factor);
}

TEST_P(SecondFactorTest, MayComeWithThePassword) {
    enrol();
    SignInRequest wanted = request();
    wanted.code = code();
    EXPECT_TRUE(try_sign_in(wanted).signed_in->session.has_second_factor);
    EXPECT_THAT(refusal_of_sign_in(wanted), StartsWith(refused_code)) << "a code is good once";
    wanted.password = "wrong";
    clock().advance(minutes(1));
    wanted.code = code();
    EXPECT_THAT(refusal_of_sign_in(wanted), StartsWith(refused_code));
}

TEST_P(SecondFactorTest, ACodeIsGoodOnce) {
    enrol();
    const std::string first = challenge();
    const std::string second = challenge();
    const std::string shown = code();
    await(prove(first, shown));
    EXPECT_THAT(refusal_of_task(prove(second, shown)), StartsWith(refused_code));
    EXPECT_THAT(refusal_of_task(prove(second, "000000")), StartsWith(refused_code));
    EXPECT_THAT(refusal_of_task(prove(second, "")), StartsWith("invalid-input: The field code"));
    clock().advance(minutes(1));
    await(prove(second, code()));
}

TEST_P(SecondFactorTest, PaperStandsInForIt) {
    const std::vector<std::string> codes = enrol();
    await(prove(challenge(), codes[3]));
    EXPECT_THAT(refusal_of_task(prove(challenge(), codes[3])), StartsWith(refused_code)) << "once";
    EXPECT_EQ(read([](Tx& tx) { return count_recovery_codes(tx, acme, alice); }), 9);
    const auto fresh = await(renew_recovery_codes(vault(), database(), asked(), unit()));
    EXPECT_THAT(refusal_of_task(prove(challenge(), codes[4])), StartsWith(refused_code)) << "replaced";
    await(prove(challenge(), fresh[0]));
}

TEST_P(SecondFactorTest, AChallengeEnds) {
    enrol();
    const std::string old = challenge();
    clock().advance(minutes(5));
    EXPECT_THAT(refusal_of_task(prove(old, code())), StartsWith(refused_code));
    const std::string current = challenge();
    EXPECT_THAT(refusal_of_task(prove(current + "x", code())), StartsWith(refused_code));
    EXPECT_THAT(refusal_of_task(prove("", code())), StartsWith(refused_code));
    clock().advance(seconds(1));
    store_password(alice, "another tall mug");
    EXPECT_THAT(refusal_of_task(prove(current, code())), StartsWith(refused_code))
        << "the password was changed";
}

TEST_P(SecondFactorTest, GuessingIsSlow) {
    enrol();
    const std::string current = challenge();
    int guesses = 0;
    std::string refusal;
    while (guesses < 20 && !refusal.starts_with("too-many-requests")) {
        refusal = refusal_of_task(prove(current, "000000"));
        ++guesses;
    }
    EXPECT_LT(guesses, 7);
}

TEST_P(SecondFactorTest, AnotherSessionEndsWhenItIsAdded) {
    const SignedIn here = sign_in();
    const SignedIn elsewhere = sign_in();
    offer();
    await(confirm(code(), here.session.id));
    const auto find = [&](const SignedIn& signed_in) {
        return read([&](Tx& tx) { return find_session(tx, acme, signed_in.session.id); }).value();
    };
    EXPECT_TRUE(find(here).has_second_factor);
    EXPECT_FALSE(find(here).revoked_at);
    EXPECT_TRUE(find(elsewhere).revoked_at);
}

TEST_P(SecondFactorTest, NeedsThePasswordAgain) {
    const auto refusal = [&](auto verb) {
        return refusal_of_task(verb(vault(), database(), asked("wrong"), unit()));
    };
    const std::string wrong = "invalid-input: The field password is not the user's password.";
    EXPECT_EQ(refusal(offer_second_factor), wrong);
    enrol();
    EXPECT_EQ(refusal(renew_recovery_codes), wrong);
    EXPECT_EQ(refusal(drop_second_factor), wrong);
    EXPECT_THAT(refusal_of_task(offer_second_factor(vault(), database(), asked(), unit())),
                StartsWith("conflict: There is a second factor already"));
}

TEST_P(SecondFactorTest, IsDropped) {
    const std::vector<std::string> codes = enrol();
    set_settings(R"({"require_mfa":true})");
    EXPECT_THAT(refusal_of_task(drop_second_factor(vault(), database(), asked(), unit())),
                StartsWith("conflict: This organisation asks for a second factor"));
    set_settings("{}");
    await(drop_second_factor(vault(), database(), asked(), unit()));
    EXPECT_TRUE(try_sign_in(request()).signed_in);
    EXPECT_EQ(read([](Tx& tx) { return count_recovery_codes(tx, acme, alice); }), 0);
    EXPECT_FALSE(write([](Tx& tx) { return remove_second_factor(tx, acme, alice); }));
    enrol();
    EXPECT_TRUE(write([](Tx& tx) { return remove_second_factor(tx, acme, alice); })) << "by an administrator";
    EXPECT_TRUE(try_sign_in(request()).signed_in);
}

TEST_P(SecondFactorTest, IsStoredSealed) {
    offer();
    const std::string sealed = credentials_of(alice).totp_secret->value;
    EXPECT_THAT(sealed, StartsWith("v1."));
    EXPECT_FALSE(vault().sealer.open(sealed, second_factor_place(acme, UserId::trusted("bob"))));
    const std::vector<std::string> codes = await(confirm(code()));
    const std::string records = all_records();
    EXPECT_THAT(records, HasSubstr("user.second_factor_add"));
    EXPECT_THAT(records, Not(HasSubstr(sealed)));
    EXPECT_THAT(records, Not(HasSubstr(codes[0])));
    EXPECT_EQ(run_sql("SELECT count(*) FROM recovery_codes WHERE code_hash = '" + codes[0] + "'"), "0");
}

}  // namespace
}  // namespace lodestone::identity
