// JSON Web Keys become OpenSSL's keys; signatures are checked with EVP.
#include "identity/federation/issuer_key.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "base/base64url.hpp"
#include "base/limits.hpp"
#include "base/strict_json.hpp"

namespace lodestone::identity {

namespace {

namespace json = boost::json;
using KeyPointer = std::shared_ptr<EVP_PKEY>;
using BigNumber = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

constexpr std::size_t coordinate_bytes = 32;  // of P-256 and of Ed25519

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// What failed leaves nothing behind: the thread's TLS connections look at the same queue of errors.
struct ErrorsForgotten {
    ErrorsForgotten() = default;
    ~ErrorsForgotten() { ERR_clear_error(); }
    ErrorsForgotten(const ErrorsForgotten&) = delete;
    ErrorsForgotten& operator=(const ErrorsForgotten&) = delete;
};

std::string_view text_of(const json::object& key, std::string_view name) {
    const json::value* const value = key.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

BigNumber number_of(const json::object& key, std::string_view name) {
    const auto bytes = parse_base64url(text_of(key, name));
    if (!bytes || bytes->empty()) return {nullptr, BN_free};
    return {BN_bin2bn(bytes_of(*bytes), static_cast<int>(bytes->size()), nullptr), BN_free};
}

KeyPointer make_key(const char* type, OSSL_PARAM_BLD* parts) {
    const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(OSSL_PARAM_BLD_to_param(parts),
                                                                             OSSL_PARAM_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr), EVP_PKEY_CTX_free);
    EVP_PKEY* key = nullptr;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
        return nullptr;
    return {key, EVP_PKEY_free};
}

using Parts = std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)>;

KeyPointer make_rsa_key(const json::object& jwk) {
    const BigNumber modulus = number_of(jwk, "n");
    const BigNumber exponent = number_of(jwk, "e");
    if (!modulus || !exponent) return nullptr;
    const auto bits = static_cast<std::size_t>(BN_num_bits(modulus.get()));
    if (bits < limits::rsa_bits_least || bits > limits::rsa_bits_most || BN_is_odd(modulus.get()) == 0)
        return nullptr;
    // 3 to 2³²−1 and odd: what there is in the world, and cheap to verify with.
    if (BN_num_bits(exponent.get()) < 2 || BN_num_bits(exponent.get()) > 32 || BN_is_odd(exponent.get()) == 0)
        return nullptr;
    const Parts parts(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
    if (!parts || OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
        return nullptr;
    return make_key("RSA", parts.get());
}

KeyPointer make_curve_key(const json::object& jwk) {
    const auto x = parse_base64url(text_of(jwk, "x"));
    const auto y = parse_base64url(text_of(jwk, "y"));
    if (text_of(jwk, "crv") != "P-256" || !x || !y || x->size() != coordinate_bytes ||
        y->size() != coordinate_bytes)
        return nullptr;
    const std::string point = "\x04" + *x + *y;
    const Parts parts(OSSL_PARAM_BLD_new(), OSSL_PARAM_BLD_free);
    if (!parts ||
        OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
            1)
        return nullptr;
    KeyPointer key = make_key("EC", parts.get());
    if (!key) return nullptr;
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> check(
        EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr), EVP_PKEY_CTX_free);
    return check && EVP_PKEY_public_check(check.get()) == 1 ? key : nullptr;
}

KeyPointer make_edwards_key(const json::object& jwk) {
    const auto x = parse_base64url(text_of(jwk, "x"));
    if (text_of(jwk, "crv") != "Ed25519" || !x || x->size() != coordinate_bytes) return nullptr;
    return {EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size()), EVP_PKEY_free};
}

// Whether the issuer says that the key is for signatures; most say nothing.
bool is_for_signatures(const json::object& jwk) {
    if (jwk.contains("use") && text_of(jwk, "use") != "sig") return false;
    const json::value* const operations = jwk.if_contains("key_ops");
    if (operations == nullptr) return true;
    if (!operations->is_array()) return false;
    return std::ranges::any_of(operations->get_array(), [](const json::value& operation) {
        return operation.is_string() && operation.get_string() == "verify";
    });
}

std::optional<IssuerKey> find_key(const json::object& jwk) {
    const std::string_view type = text_of(jwk, "kty");
    const std::string_view id = text_of(jwk, "kid");
    if (!is_for_signatures(jwk) || id.size() > limits::key_id_bytes) return std::nullopt;
    IssuerKey key{.id = std::string(id), .algorithm = Algorithm::rs256, .key = nullptr};
    if (type == "RSA") {
        key.key = make_rsa_key(jwk);
    } else if (type == "EC") {
        key.algorithm = Algorithm::es256;
        key.key = make_curve_key(jwk);
    } else if (type == "OKP") {
        key.algorithm = Algorithm::eddsa;
        key.key = make_edwards_key(jwk);
    }
    // A key for RS512 or PS256 is not one for RS256.
    if (!key.key || (jwk.contains("alg") && find_algorithm(text_of(jwk, "alg")) != key.algorithm))
        return std::nullopt;
    return key;
}

// JWS has the two numbers side by side, OpenSSL wants them in DER.
std::string to_der(std::string_view signature) {
    if (signature.size() != 2 * coordinate_bytes) return {};
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(ECDSA_SIG_new(), ECDSA_SIG_free);
    BIGNUM* const r = BN_bin2bn(bytes_of(signature), coordinate_bytes, nullptr);
    BIGNUM* const s = BN_bin2bn(bytes_of(signature.substr(coordinate_bytes)), coordinate_bytes, nullptr);
    if (!pair || ECDSA_SIG_set0(pair.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return {};
    }
    unsigned char* der = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &der);
    std::string text;
    if (size > 0) text.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    return text;
}

}  // namespace

std::optional<Algorithm> find_algorithm(std::string_view name) {
    if (name == "RS256") return Algorithm::rs256;
    if (name == "ES256") return Algorithm::es256;
    if (name == "EdDSA" || name == "Ed25519") return Algorithm::eddsa;  // RFC 8037, RFC 9864
    return std::nullopt;
}

bool has_signed(const IssuerKey& key, std::string_view text, std::string_view signature) {
    const ErrorsForgotten forgotten;
    const std::string der = key.algorithm == Algorithm::es256 ? to_der(signature) : std::string(signature);
    const EVP_MD* const digest = key.algorithm == Algorithm::eddsa ? nullptr : EVP_sha256();
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    return !der.empty() && context &&
           EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key.key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(der), der.size(), bytes_of(text), text.size()) == 1;
}

KeySet parse_key_set(std::string_view text) {
    const ErrorsForgotten forgotten;
    const StrictJson document = parse_strict_json(text, limits::issuer_document_bytes);
    if (!document.object) return {{}, document.fault};
    const json::value* const keys = document.object->if_contains("keys");
    if (keys == nullptr || !keys->is_array()) return {{}, "has no \"keys\""};
    if (keys->get_array().size() > limits::issuer_keys) return {{}, "has too many keys"};
    KeySet set;
    for (const json::value& jwk : keys->get_array()) {
        if (!jwk.is_object()) return {{}, "has a key that is no object"};
        if (jwk.get_object().contains("d")) return {{}, "publishes a private key"};
        if (auto key = find_key(jwk.get_object())) set.keys.push_back(*std::move(key));
    }
    if (set.keys.empty()) return {{}, "has no key for RS256, ES256 or EdDSA that is strong enough"};
    return set;
}

}  // namespace lodestone::identity
