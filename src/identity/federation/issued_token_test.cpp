// Tokens of others: what is refused by its form, by its signature, and by what it says.
#include "identity/federation/issued_token.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "support/issuer.hpp"

namespace lodestone::identity {
namespace {

using test::KeyType;
using test::SigningKey;
using namespace std::chrono_literals;

constexpr Time now{std::chrono::seconds{1'800'000'000}};

// What everything here is about, with a member more.
std::string payload(const std::string& extra = {}) {
    return R"({"iss":"https://idp.example","aud":"lodestone","sub":"alice","exp":1800000300,"iat":1800000000)" +
           extra + "}";
}

TokenRules rules() {
    return {.issuer = "https://idp.example", .audience = "lodestone", .nonce = {}};
}

class IssuedTokenTest : public ::testing::Test {
  protected:
    VerifiedToken verify(const std::string& text, const TokenRules& wanted = rules(), Time at = now) {
        const auto parsed = parse_issued_token(text);
        if (!parsed.token) return {{}, parsed.fault};
        return parsed.token->verify(keys_, wanted, at);
    }
    std::string fault_of(const std::string& text, const TokenRules& wanted = rules(), Time at = now) {
        const auto verified = verify(text, wanted, at);
        EXPECT_EQ(verified.claims.has_value(), verified.fault.empty());
        return std::string(verified.fault);
    }
    std::string fault_of_payload(const std::string& text) { return fault_of(key_.sign(text)); }
    std::string fault_of_header(const std::string& header) { return fault_of(key_.sign(payload(), header)); }

    SigningKey key_{KeyType::p256, "key-1"};
    std::vector<IssuerKey> keys_ = parse_key_set(key_.key_set()).keys;
};

TEST_F(IssuedTokenTest, BelievesWhatTheIssuerSigned) {
    const auto verified = verify(key_.sign(
        payload(R"(,"groups":["a","b"],"repository_id":17,"email_verified":true,"one":"x","odd":{"a":1})")));
    ASSERT_TRUE(verified.claims) << verified.fault;
    const Claims& claims = *verified.claims;
    EXPECT_EQ(claims.issuer(), "https://idp.example");
    EXPECT_EQ(claims.subject(), "alice");
    EXPECT_EQ(claims.expires_at(), now + 300s);
    EXPECT_EQ(claims.text("one"), "x");
    EXPECT_EQ(claims.text("repository_id"), "17");
    EXPECT_EQ(claims.text("odd"), std::nullopt);
    EXPECT_EQ(claims.text("absent"), std::nullopt);
    EXPECT_EQ(claims.texts("groups"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(claims.texts("one"), std::vector<std::string>{"x"});
    EXPECT_TRUE(claims.texts("odd").empty());
    EXPECT_TRUE(claims.is_true("email_verified"));
    EXPECT_FALSE(claims.is_true("one"));
    EXPECT_FALSE(claims.is_true("absent"));
}

TEST_F(IssuedTokenTest, EveryKindOfKeyWorks) {
    for (const auto type : {KeyType::rsa, KeyType::p256, KeyType::ed25519}) {
        const SigningKey key(type);
        keys_ = parse_key_set(key.key_set()).keys;
        EXPECT_EQ(fault_of(key.sign(payload())), "");
    }
}

TEST_F(IssuedTokenTest, RefusesWhatIsNoToken) {
    const std::string good = key_.sign(payload());
    const std::string three_parts = "is not a signed JSON Web Token in three parts";
    for (const std::string& text :
         {std::string(), std::string("a"), std::string("a.b"), good + ".x", "x." + good + "."})
        EXPECT_EQ(fault_of(text), three_parts) << text;
    EXPECT_EQ(fault_of(good + "="), "is not base64url");
    EXPECT_EQ(fault_of(good + " "), "is not base64url");
    EXPECT_EQ(fault_of(good.substr(0, good.rfind('.') + 1)), "is not signed");
    EXPECT_EQ(fault_of(std::string(limits::issued_token_bytes + 1, 'a')), "is too long");
    EXPECT_EQ(fault_of_payload("[]"), "is not a JSON object");
    EXPECT_EQ(fault_of_payload(payload(R"(,"sub":"bob")")), "has a member twice");
    EXPECT_EQ(fault_of_header(R"({"alg":"ES256","alg":"ES256"})"), "has a member twice");
}

TEST_F(IssuedTokenTest, TheHeaderChoosesNothing) {
    for (const char* algorithm : {"none", "None", "HS256", "HS512", "RS512", "PS256", "ES384", "ES256K", ""})
        EXPECT_EQ(fault_of_header(std::string(R"({"kid":"key-1","alg":")") + algorithm + "\"}"),
                  "is not signed with RS256, ES256 or EdDSA")
            << algorithm;
    EXPECT_EQ(fault_of_header(R"({"kid":"key-1"})"), "is not signed with RS256, ES256 or EdDSA");
    EXPECT_EQ(fault_of_header(R"({"kid":"key-1","alg":["ES256"]})"),
              "is not signed with RS256, ES256 or EdDSA");
    // The key is for ES256, whatever the token wants it for.
    for (const char* algorithm : {"RS256", "EdDSA"})
        EXPECT_EQ(fault_of_header(std::string(R"({"kid":"key-1","alg":")") + algorithm + "\"}"),
                  "is signed with a key that its issuer does not publish");
    EXPECT_EQ(fault_of_header(R"({"alg":"ES256","kid":"key-1","crit":["exp"]})"),
              "asks for extensions that are not known");
    EXPECT_EQ(fault_of_header(R"({"alg":"ES256","kid":"key-1","b64":false})"),
              "asks for extensions that are not known");
    EXPECT_EQ(fault_of_header(R"({"alg":"ES256","kid":"key-1","typ":"logout+jwt"})"),
              "is a token of another type");
    EXPECT_EQ(fault_of_header(R"({"alg":"ES256","kid":"key-1","typ":"JWT"})"), "");
}

// CVE-2025-24976: a key that the token brings along under a trusted name.
TEST_F(IssuedTokenTest, TakesNoKeyFromTheToken) {
    const SigningKey stranger(KeyType::p256, "key-1");
    const std::string header = R"({"alg":"ES256","kid":"key-1","jwk":)" + stranger.jwk() + "}";
    EXPECT_EQ(fault_of(stranger.sign(payload(), header)), "has a wrong signature");
    EXPECT_EQ(fault_of(stranger.sign(payload())), "has a wrong signature");
}

TEST_F(IssuedTokenTest, TheKeyIdSelectsAmongTheIssuersKeys) {
    EXPECT_EQ(fault_of_header(R"({"alg":"ES256","kid":"other"})"),
              "is signed with a key that its issuer does not publish");
    EXPECT_EQ(fault_of_header(R"({"alg":"ES256"})"), "");  // there is but one
    const SigningKey second(KeyType::p256, "key-2");
    keys_.push_back(parse_key_set(second.key_set()).keys.front());
    EXPECT_EQ(fault_of_header(R"({"alg":"ES256"})"), "does not name its key");
    EXPECT_EQ(fault_of(second.sign(payload())), "");
    EXPECT_EQ(fault_of(second.sign(payload(), R"({"alg":"ES256","kid":"key-1"})")), "has a wrong signature");
}

TEST_F(IssuedTokenTest, ChangedPayloadsHaveNoSignature) {
    const std::string good = key_.sign(payload());
    const auto first = good.find('.');
    const auto second = good.find('.', first + 1);
    EXPECT_EQ(fault_of(good.substr(0, first + 1) + render_base64url(payload(R"(,"admin":true)")) +
                       good.substr(second)),
              "has a wrong signature");
}

TEST_F(IssuedTokenTest, IsForExactlyOneAudience) {
    const auto with_audience = [](const std::string& audience) {
        return R"({"iss":"https://idp.example","sub":"a","exp":1800000300,"iat":1800000000,"aud":)" +
               audience + "}";
    };
    EXPECT_EQ(fault_of_payload(with_audience(R"("lodestone")")), "");
    EXPECT_EQ(fault_of_payload(with_audience(R"(["lodestone"])")), "");
    EXPECT_EQ(fault_of_payload(with_audience(R"("Lodestone")")), "is for another audience");
    for (const char* audience : {R"(["lodestone","other"])", R"([])", "null", "5", R"([["lodestone"]])"})
        EXPECT_EQ(fault_of_payload(with_audience(audience)), "is not for exactly one audience");
}

TEST_F(IssuedTokenTest, IssuerSubjectAndNonceAreCompared) {
    EXPECT_EQ(fault_of(key_.sign(payload()),
                       {.issuer = "https://idp.example/", .audience = "lodestone", .nonce = {}}),
              "is from another issuer");
    EXPECT_EQ(fault_of_payload(
                  R"({"iss":"https://idp.example","aud":"lodestone","exp":1800000300,"iat":1800000000})"),
              "does not say who it is about");
    TokenRules with_nonce = rules();
    with_nonce.nonce = "n-1";
    EXPECT_EQ(fault_of(key_.sign(payload(R"(,"nonce":"n-1")")), with_nonce), "");
    EXPECT_EQ(fault_of(key_.sign(payload(R"(,"nonce":"n-2")")), with_nonce),
              "does not belong to this sign-in");
    EXPECT_EQ(fault_of(key_.sign(payload()), with_nonce), "does not belong to this sign-in");
    EXPECT_EQ(fault_of(key_.sign(payload(R"(,"nonce":"n-1","azp":"other")")), with_nonce),
              "was issued to another client");
}

TEST_F(IssuedTokenTest, HasItsTime) {
    const std::string token = key_.sign(payload(R"(,"nbf":1800000000)"));
    const auto skew = limits::token_skew;
    EXPECT_EQ(fault_of(token, rules(), now - skew), "");
    EXPECT_EQ(fault_of(token, rules(), now - skew - 1us), "was issued in the future");
    EXPECT_EQ(fault_of(token, rules(), now + 300s + skew - 1us), "");
    EXPECT_EQ(fault_of(token, rules(), now + 300s + skew), "has expired");
    EXPECT_EQ(fault_of_payload(payload(R"(,"nbf":1800000031)")), "is not valid yet");
    EXPECT_EQ(fault_of_payload(payload(R"(,"nbf":"soon")")), "is not valid yet");
    const auto timed = [](const std::string& times) {
        return R"({"iss":"https://idp.example","aud":"lodestone","sub":"a")" + times + "}";
    };
    const std::string silent = "does not say when it was issued and when it expires";
    EXPECT_EQ(fault_of_payload(timed(R"(,"exp":1800000300)")), silent);
    EXPECT_EQ(fault_of_payload(timed(R"(,"iat":1800000000)")), silent);
    EXPECT_EQ(fault_of_payload(timed(R"(,"iat":1800000000,"exp":"1800000300")")), silent);
    EXPECT_EQ(fault_of_payload(timed(R"(,"iat":1800000000,"exp":1e300)")), silent);
    EXPECT_EQ(fault_of_payload(timed(R"(,"iat":-1,"exp":1800000300)")), silent);
    EXPECT_EQ(fault_of_payload(timed(R"(,"iat":1800000000.5,"exp":1800000300.25)")), "");
    const std::string too_long = "is valid for longer than a day, or for no time at all";
    EXPECT_EQ(fault_of_payload(timed(R"(,"iat":1800000000,"exp":1800086401)")), too_long);
    EXPECT_EQ(fault_of_payload(timed(R"(,"iat":1800000000,"exp":1800000000)")), too_long);
}

}  // namespace
}  // namespace lodestone::identity
