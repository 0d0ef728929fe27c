// By which an installation signs what it hands out, so that others can tell later that it did: ECDSA with
// P-256. A key is made from the installation's pepper, so that all nodes have the same one and none is
// stored.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

using EVP_PKEY = struct evp_pkey_st;

namespace lodestone::identity {

class KeyedHash;

class SigningKey {
  public:
    SigningKey(const KeyedHash& hasher, std::string_view purpose);

    std::string sign(std::string_view text) const;                 // DER; of SHA-256; from every thread
    const std::string& public_key() const { return public_key_; }  // DER (RFC 5280)

  private:
    struct End {
        void operator()(EVP_PKEY* key) const;
    };
    std::unique_ptr<EVP_PKEY, End> key_;
    std::string public_key_;
};

// One for each purpose, made when it is asked for first: that takes as long as ten signatures.
class SigningKeys {
  public:
    explicit SigningKeys(const KeyedHash& hasher) : hasher_(hasher) {}
    const SigningKey& find(std::string_view purpose) const;

  private:
    const KeyedHash& hasher_;
    mutable std::mutex mutex_;
    mutable std::map<std::string, SigningKey, std::less<>> keys_;
};

}  // namespace lodestone::identity
