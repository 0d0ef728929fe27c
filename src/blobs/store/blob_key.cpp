// Keys as text, one spelling each.
#include "blobs/store/blob_key.hpp"

#include "base/hex.hpp"

namespace lodestone::blobs {

namespace {

constexpr std::size_t digest_digits = 64;
constexpr std::size_t folder_size = 3;  // "ab/"
constexpr std::size_t key_size = folder_size + digest_digits + 1 + 16;

}  // namespace

std::optional<Sha256> parse_sha256(std::string_view text) {
    if (text.size() != digest_digits) return std::nullopt;
    Sha256 digest{};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int digit = text[i] >= 'A' && text[i] <= 'F' ? -1 : hex_value(text[i]);
        if (digit < 0) return std::nullopt;
        digest[i / 2] = static_cast<std::uint8_t>(digest[i / 2] << 4 | digit);
    }
    return digest;
}

std::string render_blob_key(const BlobKey& key) {
    const std::string digest = to_hex(key.sha256);
    std::string text;
    text.reserve(key_size);
    text.append(digest, 0, 2).append("/");
    return text.append(digest).append("-").append(render_number(key.id.value()));
}

std::optional<BlobKey> parse_blob_key(std::string_view text) {
    if (text.size() != key_size || text[folder_size + digest_digits] != '-') return std::nullopt;
    const auto digest = parse_sha256(text.substr(folder_size, digest_digits));
    const auto number = parse_number(text.substr(folder_size + digest_digits + 1));
    if (!digest || !number) return std::nullopt;
    const BlobKey key{.sha256 = *digest, .id = BlobId::trusted(*number)};
    if (render_blob_key(key) != text) return std::nullopt;  // in another folder
    return key;
}

}  // namespace lodestone::blobs
