// The registry's signature of each version, over NAME@VERSION:INTEGRITY: whoever has the public key can tell
// that what a mirror or a proxy hands on is what was published here.
// https://github.com/npm/cli/blob/latest/docs/lib/content/commands/npm-audit.md#audit-signatures
#pragma once

#include <memory>
#include <string>
#include <string_view>

using EVP_PKEY = struct evp_pkey_st;

namespace lodestone::identity {
class KeyedHash;
}

namespace lodestone::formats::npm {

// ECDSA with P-256. The key is made from the installation's pepper, so that all nodes have the same one and
// none is stored.
class SigningKey {
  public:
    explicit SigningKey(const identity::KeyedHash& hasher);

    std::string sign(std::string_view text) const;  // base64 of the signature's DER
    // "SHA256:" and the base64 of the public key's digest: which of several keys it is.
    const std::string& id() const { return id_; }
    const std::string& public_text() const { return public_text_; }  // base64 of its DER (RFC 5280)

  private:
    struct End {
        void operator()(EVP_PKEY* key) const;
    };
    std::unique_ptr<EVP_PKEY, End> key_;
    std::string id_;
    std::string public_text_;
};

// What is signed of a version.
std::string signed_text(std::string_view name, std::string_view version, std::string_view integrity);

}  // namespace lodestone::formats::npm
