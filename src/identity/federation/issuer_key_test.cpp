// Key sets and signatures: the RFCs' own examples, keys of every kind made here, and what is no good as a
// key.
#include "identity/federation/issuer_key.hpp"

#include <gtest/gtest.h>

#include "base/base64url.hpp"
#include "support/issuer.hpp"

namespace lodestone::identity {
namespace {

using test::KeyType;
using test::SigningKey;

// RFC 7515, appendices A.2 and A.3; RFC 8037, appendix A.4.
constexpr std::string_view joe =
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view rsa_jwk =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})";
constexpr std::string_view rsa_signature =
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
    "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_"
    "IoypGlUPQGe77Rw";
constexpr std::string_view curve_jwk =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr std::string_view curve_signature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
constexpr std::string_view edwards_jwk =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr std::string_view edwards_text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr std::string_view edwards_signature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

KeySet key_set(std::string_view jwk) {
    return parse_key_set(R"({"keys":[)" + std::string(jwk) + "]}");
}

std::string fault_of(std::string_view jwk) {
    return std::string(key_set(jwk).fault);
}

const std::string no_key = "has no key for RS256, ES256 or EdDSA that is strong enough";

void expect_vouches(std::string_view jwk, const std::string& text, std::string_view signature) {
    const KeySet set = key_set(jwk);
    ASSERT_EQ(set.keys.size(), 1u) << set.fault;
    std::string bytes = parse_base64url(signature).value();
    EXPECT_TRUE(has_signed(set.keys[0], text, bytes));
    EXPECT_FALSE(has_signed(set.keys[0], text + "x", bytes));
    EXPECT_FALSE(has_signed(set.keys[0], text, ""));
    EXPECT_FALSE(has_signed(set.keys[0], text, bytes.substr(1)));
    EXPECT_FALSE(has_signed(set.keys[0], text, bytes + bytes));
    bytes[bytes.size() / 2] ^= 1;
    EXPECT_FALSE(has_signed(set.keys[0], text, bytes));
}

TEST(IssuerKeyTest, VerifiesTheExamplesOfTheRfcs) {
    expect_vouches(rsa_jwk, "eyJhbGciOiJSUzI1NiJ9." + std::string(joe), rsa_signature);
    expect_vouches(curve_jwk, "eyJhbGciOiJFUzI1NiJ9." + std::string(joe), curve_signature);
    expect_vouches(edwards_jwk, std::string(edwards_text), edwards_signature);
}

TEST(IssuerKeyTest, AZeroSignatureIsNone) {
    const KeySet set = key_set(curve_jwk);
    EXPECT_FALSE(has_signed(set.keys[0], "text", std::string(64, '\0')));
}

TEST(IssuerKeyTest, TakesKeysOfEveryKindWithTheirUse) {
    for (const auto type : {KeyType::rsa, KeyType::p256, KeyType::ed25519}) {
        const SigningKey key(type, "the-key");
        for (const char* extra : {"", R"(,"use":"sig")", R"(,"key_ops":["verify"])"}) {
            const KeySet set = key_set(key.jwk(extra));
            ASSERT_EQ(set.keys.size(), 1u) << set.fault << key.jwk(extra);
            EXPECT_EQ(set.keys[0].id, "the-key");
        }
        EXPECT_EQ(fault_of(key.jwk(R"(,"alg":")" + key.algorithm() + '"')), "");
        EXPECT_EQ(fault_of(key.jwk(R"(,"use":"enc")")), no_key);
        EXPECT_EQ(fault_of(key.jwk(R"(,"key_ops":["encrypt"])")), no_key);
        // HMAC with a public key as its secret is the oldest trick with these tokens.
        for (const char* algorithm : {"RS512", "PS256", "HS256", "none", ""})
            EXPECT_EQ(fault_of(key.jwk(std::string(R"(,"alg":")") + algorithm + '"')), no_key) << algorithm;
    }
}

TEST(IssuerKeyTest, LeavesOutWeakAndForeignKeys) {
    EXPECT_EQ(fault_of(SigningKey(KeyType::rsa, "weak", 1024).jwk()), no_key);
    for (
        const char* jwk :
        {R"({"kty":"oct","k":"c2VjcmV0"})", R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
         R"({"kty":"RSA","n":5,"e":"AQAB"})", R"({"kty":"RSA"})",
         R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})",
         R"({"kty":"EC","crv":"secp256k1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
         // Not on the curve: x of one point with x of it as y.
         R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})",
         R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
         R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})", R"({})"})
        EXPECT_EQ(fault_of(jwk), no_key) << jwk;
    // RSA with the exponent 1: everybody could sign.
    std::string jwk(rsa_jwk);
    jwk.replace(jwk.find("AQAB\""), 4, "AQ");
    EXPECT_EQ(fault_of(jwk), no_key);
}

TEST(IssuerKeyTest, AForeignKeyDoesNotSpoilTheOthers) {
    const KeySet set = key_set(R"({"kty":"new"},)" + std::string(curve_jwk));
    EXPECT_EQ(set.keys.size(), 1u);
}

TEST(IssuerKeyTest, RefusesWhatIsNoKeySet) {
    EXPECT_EQ(parse_key_set("nonsense").fault, "is not JSON");
    EXPECT_EQ(parse_key_set("{}").fault, "has no \"keys\"");
    EXPECT_EQ(parse_key_set(R"({"keys":[]})").fault, no_key);
    EXPECT_EQ(parse_key_set(R"({"keys":[1]})").fault, "has a key that is no object");
    EXPECT_EQ(parse_key_set(R"({"keys":[],"keys":[]})").fault, "has a member twice");
    EXPECT_EQ(
        fault_of(
            R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})"),
        "publishes a private key");
    std::string many = R"({"kty":"new"})";
    for (int i = 0; i < 100; ++i) many += R"(,{"kty":"new"})";
    EXPECT_EQ(fault_of(many), "has too many keys");
}

}  // namespace
}  // namespace lodestone::identity
