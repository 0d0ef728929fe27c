// The registry's signature of each version, over NAME@VERSION:INTEGRITY: whoever has the public key can tell
// that what a mirror or a proxy hands on is what was published here.
// https://github.com/npm/cli/blob/latest/docs/lib/content/commands/npm-audit.md#audit-signatures
#pragma once

#include <string>
#include <string_view>

#include "identity/secrets/signing_key.hpp"

namespace lodestone::formats::npm {

const identity::SigningKey& find_signing_key(const identity::SigningKeys& keys);

// "SHA256:" and the base64 of the public key's digest: which of several keys it is.
std::string render_key_id(const identity::SigningKey& key);

// Base64 of the signature's DER.
std::string sign_version(const identity::SigningKey& key, std::string_view name, std::string_view version,
                         std::string_view integrity);

}  // namespace lodestone::formats::npm
