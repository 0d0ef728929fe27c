// The registry's signatures, verified as clients do.
#include "formats/npm/signing.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/base64url.hpp"
#include "identity/secrets/keyed_hash.hpp"

namespace lodestone::formats::npm {
namespace {

std::string decode(std::string text) {
    while (text.ends_with('=')) text.pop_back();
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return parse_base64url(text).value_or("");
}

bool is_signed(const SigningKey& key, std::string_view text, const std::string& signature) {
    const std::string der = decode(key.public_text());
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    EVP_PKEY* known = d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size()));
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const std::string bytes = decode(signature);
    const bool is_good =
        EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, known) == 1 &&
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                         reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(known);
    return is_good;
}

TEST(NpmSigning, IsTheSameOnEveryNode) {
    const identity::KeyedHash hasher("pepper of this test, long enough");
    const SigningKey one(hasher);
    const SigningKey other(hasher);
    EXPECT_EQ(one.id(), other.id());
    const std::string text = signed_text("@acme/pad", "1.0.0", "sha512-x");
    EXPECT_EQ(text, "@acme/pad@1.0.0:sha512-x");
    EXPECT_TRUE(is_signed(other, text, one.sign(text)));
    EXPECT_FALSE(is_signed(other, text + "y", one.sign(text)));
    EXPECT_NE(SigningKey(identity::KeyedHash("another pepper, which is long enough")).id(), one.id());
}

}  // namespace
}  // namespace lodestone::formats::npm
