// Discovery documents, issuers' addresses, and the proof key of a sign-in.
#include "identity/federation/discovery.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "identity/federation/proof_key.hpp"

namespace lodestone::identity {
namespace {

constexpr std::string_view issuer = "https://idp.example/realm";

std::string document(const std::string& members = {}) {
    return R"({"issuer":"https://idp.example/realm","jwks_uri":"https://idp.example/keys")" + members + "}";
}

TEST(DiscoveryTest, FindsTheEndpoints) {
    const auto found = parse_discovery(
        document(
            R"(,"authorization_endpoint":"https://idp.example/auth?x=1","token_endpoint":"https://idp.example/token","more":[1])"),
        issuer);
    ASSERT_TRUE(found.endpoints) << found.fault;
    EXPECT_EQ(found.endpoints->issuer, issuer);
    EXPECT_EQ(found.endpoints->keys_url, "https://idp.example/keys");
    EXPECT_EQ(found.endpoints->authorization_url, "https://idp.example/auth?x=1");
    EXPECT_EQ(found.endpoints->token_url, "https://idp.example/token");
    EXPECT_FALSE(found.endpoints->takes_secret_in_body);
}

TEST(DiscoveryTest, KnowsHowTheSecretIsTaken) {
    const auto is_in_body = [](const std::string& methods) {
        return parse_discovery(document(R"(,"token_endpoint_auth_methods_supported":)" + methods), issuer)
            .endpoints->takes_secret_in_body;
    };
    EXPECT_TRUE(is_in_body(R"(["client_secret_post"])"));
    EXPECT_FALSE(is_in_body(R"(["client_secret_post","client_secret_basic"])"));
    EXPECT_FALSE(is_in_body(R"(["private_key_jwt"])"));
    EXPECT_FALSE(is_in_body("5"));
}

TEST(DiscoveryTest, MustBeAboutTheIssuer) {
    EXPECT_EQ(parse_discovery(document(), "https://idp.example/other").fault, "is about another issuer");
    EXPECT_EQ(parse_discovery(document(), "https://idp.example/realm/").fault, "is about another issuer");
    EXPECT_EQ(parse_discovery("{}", issuer).fault, "is about another issuer");
    EXPECT_EQ(parse_discovery("[]", issuer).fault, "is not a JSON object");
    EXPECT_EQ(parse_discovery(document(R"(,"issuer":"https://idp.example/realm")"), issuer).fault,
              "has a member twice");
}

TEST(DiscoveryTest, TakesSafeAddressesOnly) {
    for (const char* url : {"http://idp.example/keys", "file:///etc/passwd", "https://u:p@idp.example/keys",
                            "/keys", "", "https://idp.example/keys#x"})
        EXPECT_EQ(
            parse_discovery(
                R"({"issuer":"https://idp.example/realm","jwks_uri":")" + std::string(url) + "\"}", issuer)
                .fault,
            "has no usable \"jwks_uri\"")
            << url;
    const auto found = parse_discovery(document(R"(,"token_endpoint":"http://idp.example/token")"), issuer);
    EXPECT_EQ(found.endpoints->token_url, "");
}

TEST(DiscoveryTest, IsAtItsPlaceBelowTheIssuer) {
    EXPECT_EQ(discovery_url("https://idp.example"), "https://idp.example/.well-known/openid-configuration");
    EXPECT_EQ(discovery_url("https://idp.example/r/"),
              "https://idp.example/r/.well-known/openid-configuration");
}

// RFC 7636, appendix B.
TEST(ProofKeyTest, ChallengesAreWhatTheRfcSays) {
    EXPECT_EQ(render_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
              "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(ProofKeyTest, NobodyGuessesThem) {
    SystemRandom random;
    const std::string one = make_unguessable(random);
    EXPECT_EQ(one.size(), 43u);  // 43 to 128 characters, says the RFC
    EXPECT_NE(one, make_unguessable(random));
}

}  // namespace
}  // namespace lodestone::identity
