// The registry's signatures, verified as clients do.
#include "formats/npm/signing.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>

#include "base/base64url.hpp"
#include "formats/npm/digests.hpp"
#include "identity/secrets/keyed_hash.hpp"

namespace lodestone::formats::npm {
namespace {

std::string decode(std::string text) {
    while (text.ends_with('=')) text.pop_back();
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return parse_base64url(text).value_or("");
}

// By the public key that is handed out, as base64 of DER.
bool is_signed(const std::string& public_text, std::string_view text, const std::string& signature) {
    const std::string der = decode(public_text);
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
    const identity::SigningKeys one(hasher);
    const identity::SigningKeys other(hasher);
    EXPECT_EQ(render_key_id(find_signing_key(one)), render_key_id(find_signing_key(other)));
    const std::string signature = sign_version(find_signing_key(one), "@acme/pad", "1.0.0", "sha512-x");
    const std::string public_text = render_base64(find_signing_key(other).public_key());
    EXPECT_TRUE(is_signed(public_text, "@acme/pad@1.0.0:sha512-x", signature));
    EXPECT_FALSE(is_signed(public_text, "@acme/pad@1.0.0:sha512-y", signature));
    const identity::KeyedHash pepper("another pepper, which is long enough");
    EXPECT_NE(render_key_id(find_signing_key(identity::SigningKeys(pepper))),
              render_key_id(find_signing_key(one)));
}

// A published version keeps its signature, and the id of its key, for good.
TEST(NpmSigning, KeepsItsKeyFromReleaseToRelease) {
    const identity::KeyedHash hasher("pepper of this test, long enough");
    EXPECT_EQ(render_key_id(find_signing_key(identity::SigningKeys(hasher))),
              "SHA256:xXNyyVjrhSZ6D/lEKEpAYPOf5I/l6EFglU2G4VXtiYE=");
}

TEST(NpmSigning, HasAKeyOfItsOwn) {
    const identity::KeyedHash hasher("pepper of this test, long enough");
    const identity::SigningKeys keys(hasher);
    EXPECT_EQ(&find_signing_key(keys), &find_signing_key(keys));
    EXPECT_NE(keys.find("something else").public_key(), find_signing_key(keys).public_key());
}

}  // namespace
}  // namespace lodestone::formats::npm
