// The keys that an issuer signs its tokens with, as its key set publishes them (RFC 7517, RFC 7518, RFC
// 8037). Each is good for exactly one algorithm, whatever a token says of itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;  // OpenSSL's

namespace lodestone::identity {

// No "none", nothing with a shared secret.
enum class Algorithm : std::uint8_t { rs256, es256, eddsa };

// By the name that stands in a token; others than these are none of ours.
std::optional<Algorithm> find_algorithm(std::string_view name);

struct IssuerKey {
    std::string id;  // "kid"; may be empty
    Algorithm algorithm;
    std::shared_ptr<evp_pkey_st> key;
};

bool has_signed(const IssuerKey& key, std::string_view text, std::string_view signature);

// Either keys or `fault`, a clause about the document.
struct KeySet {
    std::vector<IssuerKey> keys;
    std::string_view fault;
};

// Leaves out, as RFC 7517 asks for, keys that are of another kind or for another use, and those that are
// weak: RSA below 2048 bits, curves other than P-256 and Ed25519, points that are on none. A key set without
// any other key is refused, and so is one that holds a private key.
KeySet parse_key_set(std::string_view text);

}  // namespace lodestone::identity
