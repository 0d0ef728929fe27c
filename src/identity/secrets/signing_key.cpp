// A key from a secret: a number below the curve's order, and the point that belongs to it.
#include "identity/secrets/signing_key.hpp"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include <array>

#include "base/base64url.hpp"
#include "base/ensure.hpp"
#include "identity/secrets/keyed_hash.hpp"

namespace lodestone::identity {

namespace {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const {
        release(object);
    }
};
template <class T, auto release>
using Owned = std::unique_ptr<T, Release<release>>;

using Number = Owned<BIGNUM, BN_clear_free>;
using Group = Owned<EC_GROUP, EC_GROUP_free>;
using Point = Owned<EC_POINT, EC_POINT_free>;
using Builder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Parameters = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using SignContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;

constexpr const char* failed = "a key is made";

// From 1 to the order less one; of 512 bits, so that none is likelier than another.
Number derive_number(const KeyedHash& hasher, std::string_view purpose, const EC_GROUP* group) {
    const std::string seed = parse_base64url(hasher.hash(purpose, "1")).value_or("") +
                             parse_base64url(hasher.hash(purpose, "2")).value_or("");
    ensure(seed.size() == 64, failed);
    Number number(BN_bin2bn(reinterpret_cast<const unsigned char*>(seed.data()), 64, nullptr));
    Number most(BN_dup(EC_GROUP_get0_order(group)));
    Owned<BN_CTX, BN_CTX_free> scratch(BN_CTX_new());
    ensure(number && most && scratch && BN_sub_word(most.get(), 1) == 1 &&
               BN_mod(number.get(), number.get(), most.get(), scratch.get()) == 1 &&
               BN_add_word(number.get(), 1) == 1,
           failed);
    return number;
}

std::array<unsigned char, 65> find_point(const EC_GROUP* group, const BIGNUM* number) {
    std::array<unsigned char, 65> bytes{};
    const Point point(EC_POINT_new(group));
    ensure(point && EC_POINT_mul(group, point.get(), number, nullptr, nullptr, nullptr) == 1 &&
               EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, bytes.data(),
                                  bytes.size(), nullptr) == bytes.size(),
           failed);
    return bytes;
}

EVP_PKEY* make_key(const KeyedHash& hasher, std::string_view purpose) {
    const Group group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
    ensure(group != nullptr, failed);
    const Number number = derive_number(hasher, purpose, group.get());
    const auto point = find_point(group.get(), number.get());
    const Builder builder(OSSL_PARAM_BLD_new());
    ensure(builder &&
               OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
               OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, number.get()) &&
               OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                                point.size()),
           failed);
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    ensure(parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
               EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters.get()) == 1,
           failed);
    return key;
}

std::string render_public(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    ensure(size > 0, failed);
    std::string bytes(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return bytes;
}

}  // namespace

void SigningKey::End::operator()(EVP_PKEY* key) const {
    EVP_PKEY_free(key);
}

SigningKey::SigningKey(const KeyedHash& hasher, std::string_view purpose)
    : key_(make_key(hasher, purpose)), public_key_(render_public(key_.get())) {}

std::string SigningKey::sign(std::string_view text) const {
    const SignContext context(EVP_MD_CTX_new());
    std::array<unsigned char, 80> signature{};
    std::size_t size = signature.size();
    ensure(context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
               EVP_DigestSign(context.get(), signature.data(), &size,
                              reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1,
           "a text is signed");
    return {reinterpret_cast<const char*>(signature.data()), size};
}

const SigningKey& SigningKeys::find(std::string_view purpose) const {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(purpose);
    if (found != keys_.end()) return found->second;
    return keys_.try_emplace(std::string(purpose), hasher_, purpose).first->second;
}

}  // namespace lodestone::identity
