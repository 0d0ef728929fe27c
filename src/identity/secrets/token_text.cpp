// Token texts: prefixes by kind, base62, and the checksum at the end.
#include "identity/secrets/token_text.hpp"

#include <algorithm>
#include <array>

#include "base/ensure.hpp"
#include "identity/secrets/base62.hpp"

namespace lodestone::identity {

namespace {

constexpr std::size_t public_id_characters = 16;
constexpr std::size_t secret_characters = 32;
constexpr std::size_t body_characters = public_id_characters + secret_characters + checksum_characters;
constexpr std::string_view hf_prefix = "hf_";

struct Prefix {
    std::string_view text;
    TokenKind kind;
    KeyEnvironment environment;
};
constexpr std::array prefixes{
    Prefix{"lsk_live_", TokenKind::personal_key, KeyEnvironment::live},
    Prefix{"lsk_test_", TokenKind::personal_key, KeyEnvironment::test},
    Prefix{"lsa_live_", TokenKind::app_key, KeyEnvironment::live},
    Prefix{"lsa_test_", TokenKind::app_key, KeyEnvironment::test},
    Prefix{"lss_", TokenKind::session, KeyEnvironment::live},
    Prefix{"lsr_", TokenKind::refresh, KeyEnvironment::live},
    Prefix{"lsi_", TokenKind::invitation, KeyEnvironment::live},
    Prefix{"lsx_", TokenKind::reset_link, KeyEnvironment::live},
    Prefix{"lsp_", TokenKind::publisher, KeyEnvironment::live},
    Prefix{"lsw_", TokenKind::web_login, KeyEnvironment::live},
};

std::string make_base62(std::size_t characters, Random& random) {
    std::string text;
    while (text.size() < characters) {
        std::array<std::uint8_t, 64> bytes{};
        random.fill(bytes);
        for (const std::uint8_t byte : bytes) {
            // What is left above the last whole 62 would make some digits more likely than others.
            if (byte < 4 * base62_digits.size() && text.size() < characters)
                text += base62_digits[byte % base62_digits.size()];
        }
    }
    return text;
}

// `body`: everything behind the prefix.
std::optional<TokenText> parse_body(const Prefix& prefix, std::string_view body) {
    if (body.size() != body_characters || !is_base62(body)) return std::nullopt;
    const std::string_view sum = body.substr(body_characters - checksum_characters);
    body.remove_suffix(checksum_characters);
    if (checksum_of(std::string(prefix.text).append(body)) != sum) return std::nullopt;
    return TokenText{.kind = prefix.kind,
                     .environment = prefix.environment,
                     .public_id = std::string(body.substr(0, public_id_characters)),
                     .secret = std::string(body.substr(public_id_characters))};
}

}  // namespace

TokenText make_token(TokenKind kind, Random& random, KeyEnvironment environment) {
    TokenText token{.kind = kind, .environment = environment, .public_id = {}, .secret = {}};
    ensure(token.is_key() || environment == KeyEnvironment::live, "only keys are for tests");
    token.public_id = make_base62(public_id_characters, random);
    token.secret = make_base62(secret_characters, random);
    return token;
}

std::string render_token(const TokenText& token) {
    const auto* const prefix = std::ranges::find_if(prefixes, [&token](const Prefix& candidate) {
        return candidate.kind == token.kind && candidate.environment == token.environment;
    });
    ensure(prefix != prefixes.end(), "every kind of token has a prefix");
    std::string text = std::string(prefix->text).append(token.public_id).append(token.secret);
    return text + checksum_of(text);
}

std::string render_hf_alias(const TokenText& token) {
    ensure(token.kind == TokenKind::personal_key, "only a person's key has an alias");
    const std::string text = render_token(token);
    return std::string(hf_prefix).append(text, text.size() - body_characters);
}

std::optional<TokenText> parse_token(std::string_view text) {
    if (text.starts_with(hf_prefix)) {
        // The checksum is that of the key's own text, and so tells which one it is.
        const std::string_view body = text.substr(hf_prefix.size());
        auto token = parse_body(prefixes[0], body);
        return token ? token : parse_body(prefixes[1], body);
    }
    for (const Prefix& prefix : prefixes)
        if (text.starts_with(prefix.text)) return parse_body(prefix, text.substr(prefix.text.size()));
    return std::nullopt;
}

}  // namespace lodestone::identity
