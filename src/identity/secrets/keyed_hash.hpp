// What is kept of a token instead of its secret: a hash under a key (the installation's pepper) that is not
// in the database, so that a copy of the database alone proves nothing and lets nobody try guesses.
//
// A plain fast hash would do for secrets of 190 bits; recovery codes have fewer, and need the key.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "identity/secrets/token_text.hpp"

namespace lodestone::identity {

class KeyedHash {
  public:
    // `pepper`: at least limits::token_characters. Whoever changes it makes every token invalid.
    explicit KeyedHash(std::string_view pepper);
    ~KeyedHash();
    KeyedHash(const KeyedHash&) = delete;
    KeyedHash& operator=(const KeyedHash&) = delete;

    // `purpose` keeps hashes of different things apart: one copied to another place proves nothing there.
    std::string hash(std::string_view purpose, std::string_view text) const;
    // Of the token's whole text: kind, public id and secret.
    std::string hash(const TokenText& token) const;
    // In constant time.
    bool is_match(const TokenText& token, std::string_view stored_hash) const;

  private:
    std::array<std::uint8_t, 32> key_{};
};

// Whether two texts are equal, in a time that depends on their lengths alone.
bool is_equal_secret(std::string_view left, std::string_view right);

}  // namespace lodestone::identity
