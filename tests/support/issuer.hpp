// An issuer of tokens for tests: keys made for the occasion, as OpenSSL makes them, and whatever is to be
// signed.
#pragma once

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/base64url.hpp"
#include "base/ensure.hpp"

namespace lodestone::test {

enum class KeyType { rsa, p256, ed25519 };

class SigningKey {
  public:
    explicit SigningKey(KeyType type, std::string id = "key-1", std::size_t rsa_bits = 2048)
        : type_(type), id_(std::move(id)), key_(make(type, rsa_bits), EVP_PKEY_free) {
        ensure(key_ != nullptr, "the key is made");
    }

    const std::string& id() const { return id_; }
    std::string algorithm() const {
        return type_ == KeyType::rsa ? "RS256" : type_ == KeyType::p256 ? "ES256" : "EdDSA";
    }
    // The public half, as a key set has it; `extra` stands behind the other members.
    std::string jwk(const std::string& extra = {}) const {
        std::string text = R"({"kid":")" + id_ + R"(",)";
        if (type_ == KeyType::rsa)
            text += R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
                    number(OSSL_PKEY_PARAM_RSA_E) + '"';
        if (type_ == KeyType::p256)
            text += R"("kty":"EC","crv":"P-256","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X, 32) +
                    R"(","y":")" + number(OSSL_PKEY_PARAM_EC_PUB_Y, 32) + '"';
        if (type_ == KeyType::ed25519) {
            std::string bytes(32, '\0');
            std::size_t size = bytes.size();
            EVP_PKEY_get_raw_public_key(key_.get(), to_bytes(bytes), &size);
            text += R"("kty":"OKP","crv":"Ed25519","x":")" + render_base64url(bytes) + '"';
        }
        return text + extra + "}";
    }
    std::string key_set() const { return R"({"keys":[)" + jwk() + "]}"; }

    // The header that an issuer writes, or another one.
    std::string sign(std::string_view payload) const {
        return sign(payload, R"({"alg":")" + algorithm() + R"(","kid":")" + id_ + R"("})");
    }
    std::string sign(std::string_view payload, std::string_view header) const {
        const std::string text = render_base64url(header) + "." + render_base64url(payload);
        return text + "." + render_base64url(signature_of(text));
    }

  private:
    static EVP_PKEY* make(KeyType type, std::size_t rsa_bits) {
        if (type == KeyType::rsa) return EVP_RSA_gen(static_cast<unsigned>(rsa_bits));
        return type == KeyType::p256 ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    }
    static unsigned char* to_bytes(std::string& text) {
        return reinterpret_cast<unsigned char*>(text.data());
    }
    static std::string to_text(const BIGNUM* value, int size) {
        std::string bytes(static_cast<std::size_t>(size > 0 ? size : BN_num_bytes(value)), '\0');
        BN_bn2binpad(value, to_bytes(bytes), static_cast<int>(bytes.size()));
        return bytes;
    }
    std::string number(const char* name, int size = 0) const {
        BIGNUM* value = nullptr;
        ensure(EVP_PKEY_get_bn_param(key_.get(), name, &value) == 1, "the key has this number");
        std::string bytes = to_text(value, size);
        BN_free(value);
        return render_base64url(bytes);
    }
    std::string signature_of(const std::string& text) const {
        const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        const EVP_MD* const digest = type_ == KeyType::ed25519 ? nullptr : EVP_sha256();
        ensure(EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1, "it can sign");
        std::string signature(1'024, '\0');
        std::size_t size = signature.size();
        const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
        ensure(EVP_DigestSign(context.get(), to_bytes(signature), &size, bytes, text.size()) == 1,
               "it signs");
        signature.resize(size);
        return type_ == KeyType::p256 ? from_der(signature) : signature;
    }
    static std::string from_der(const std::string& der) {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* const pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::string both = to_text(ECDSA_SIG_get0_r(pair), 32) + to_text(ECDSA_SIG_get0_s(pair), 32);
        ECDSA_SIG_free(pair);
        return both;
    }

    KeyType type_;
    std::string id_;
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

}  // namespace lodestone::test
