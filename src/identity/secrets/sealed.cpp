// Sealing with XChaCha20-Poly1305: nonces of 192 bits are made by chance, and never meet.
// https://datatracker.ietf.org/doc/html/draft-irtf-cfrg-xchacha
#include "identity/secrets/sealed.hpp"

#include <span>

#include "base/base64url.hpp"
#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "identity/secrets/sodium.hpp"

namespace lodestone::identity {

namespace {

constexpr std::string_view version = "v1.";
constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;

void derive(std::string_view use, std::string_view secret, std::span<std::uint8_t> out) {
    const std::string material = std::string(use).append(secret);
    crypto_generichash(out.data(), out.size(), sodium_bytes(material), material.size(), nullptr, 0);
}

}  // namespace

Sealer::Sealer(const std::vector<std::string>& secrets) {
    ensure(!secrets.empty(), "there is a key to seal with");
    start_sodium();
    for (const std::string& secret : secrets) {
        ensure(secret.size() >= limits::token_characters, "a sealing key is long enough");
        Key key;
        derive("lodestone seal:", secret, key.bytes);
        std::array<std::uint8_t, crypto_generichash_BYTES_MIN> name{};
        derive("lodestone seal name:", secret, name);
        key.name = render_base64url({reinterpret_cast<const char*>(name.data()), 6});
        keys_.push_back(std::move(key));
    }
}

Sealer::~Sealer() {
    for (Key& key : keys_) sodium_memzero(key.bytes.data(), key.bytes.size());
}

std::string Sealer::seal(std::string_view plain, std::string_view place, Random& random) const {
    const Key& key = keys_.front();
    std::array<std::uint8_t, nonce_bytes> nonce{};
    random.fill(nonce);
    std::string bytes(reinterpret_cast<const char*>(nonce.data()), nonce.size());
    bytes.resize(nonce_bytes + plain.size() + tag_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(
        reinterpret_cast<unsigned char*>(bytes.data()) + nonce_bytes, nullptr, sodium_bytes(plain),
        plain.size(), sodium_bytes(place), place.size(), nullptr, nonce.data(), key.bytes.data());
    return std::string(version).append(key.name).append(".").append(render_base64url(bytes));
}

std::optional<std::string> Sealer::open(std::string_view sealed, std::string_view place) const {
    if (!sealed.starts_with(version)) return std::nullopt;
    sealed.remove_prefix(version.size());
    const auto dot = sealed.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto bytes = parse_base64url(sealed.substr(dot + 1));
    if (!bytes || bytes->size() < nonce_bytes + tag_bytes) return std::nullopt;
    const std::string_view cipher = std::string_view(*bytes).substr(nonce_bytes);
    for (const Key& key : keys_) {
        if (key.name != sealed.substr(0, dot)) continue;
        std::string plain(cipher.size() - tag_bytes, '\0');
        const bool is_ours = crypto_aead_xchacha20poly1305_ietf_decrypt(
                                 reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr,
                                 sodium_bytes(cipher), cipher.size(), sodium_bytes(place), place.size(),
                                 sodium_bytes(*bytes), key.bytes.data()) == 0;
        if (is_ours) return plain;
    }
    return std::nullopt;
}

bool Sealer::is_outdated(std::string_view sealed) const {
    return !sealed.starts_with(std::string(version).append(keys_.front().name).append("."));
}

}  // namespace lodestone::identity
