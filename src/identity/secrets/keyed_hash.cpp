// Keyed BLAKE2b: a hash that nobody computes without the key. https://www.rfc-editor.org/rfc/rfc7693
#include "identity/secrets/keyed_hash.hpp"

#include "base/base64url.hpp"
#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "identity/secrets/sodium.hpp"

namespace lodestone::identity {

KeyedHash::KeyedHash(std::string_view pepper) {
    ensure(pepper.size() >= limits::token_characters, "a pepper is long enough");
    start_sodium();
    // Other uses of the same secret get other keys.
    const std::string material = "lodestone token hash:" + std::string(pepper);
    crypto_generichash(key_.data(), key_.size(), sodium_bytes(material), material.size(), nullptr, 0);
}

KeyedHash::~KeyedHash() {
    sodium_memzero(key_.data(), key_.size());
}

std::string KeyedHash::hash(std::string_view purpose, std::string_view text) const {
    crypto_generichash_state state;
    std::array<unsigned char, 32> digest{};
    crypto_generichash_init(&state, key_.data(), key_.size(), digest.size());
    crypto_generichash_update(&state, sodium_bytes(purpose), purpose.size());
    constexpr unsigned char end = 0;  // "ab" of "c" is not "a" of "bc"
    crypto_generichash_update(&state, &end, 1);
    crypto_generichash_update(&state, sodium_bytes(text), text.size());
    crypto_generichash_final(&state, digest.data(), digest.size());
    return render_base64url({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string KeyedHash::hash(const TokenText& token) const {
    return hash("token", render_token(token));
}

bool KeyedHash::is_match(const TokenText& token, std::string_view stored_hash) const {
    return is_equal_secret(hash(token), stored_hash);
}

bool is_equal_secret(std::string_view left, std::string_view right) {
    return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace lodestone::identity
