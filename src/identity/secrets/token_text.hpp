// The texts that people and programs show to say who they are: keys, sessions, links that work once. All have
// one form, so that a scanner can recognise what leaked, and what is mistyped or made up is refused without a
// query:
//
//   lsk_live_ 16 characters ‖ 32 characters ‖ 6 characters
//   kind      public id       secret          CRC32 of all before it; all three in base62
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace lodestone::identity {

enum class TokenKind : std::uint8_t {
    personal_key,
    app_key,
    session,
    refresh,
    invitation,
    reset_link,
    publisher,
    web_login  // of the client that waits for somebody to sign in by a page
};

// What a key is for; other tokens are always live. Told apart by the text, so that a test's key is seen as
// one.
enum class KeyEnvironment : std::uint8_t { live, test };
BOOST_DESCRIBE_ENUM(KeyEnvironment, live, test)

struct TokenText {
    TokenKind kind = TokenKind::personal_key;
    KeyEnvironment environment = KeyEnvironment::live;
    std::string public_id;  // may be shown, logged and searched for
    std::string secret;     // 190 bits

    bool is_key() const { return kind == TokenKind::personal_key || kind == TokenKind::app_key; }
    bool operator==(const TokenText&) const = default;
};

TokenText make_token(TokenKind kind, Random& random, KeyEnvironment environment = KeyEnvironment::live);

std::string render_token(const TokenText& token);
// A personal key as clients of the Hugging Face protocol insist on it: the same key with another beginning.
std::string render_hf_alias(const TokenText& token);

// Takes exactly what the two above write. Nothing for everything else: no query needed.
std::optional<TokenText> parse_token(std::string_view text);

}  // namespace lodestone::identity
