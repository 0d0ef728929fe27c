// Normalising a file's text, and hashing it.
#include "db/migrate/checksum.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>
#include <span>

#include "base/ensure.hpp"
#include "base/hex.hpp"

namespace lodestone::db {

std::string normalize_text(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    while (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    std::string normalized;
    normalized.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\r') {
            if (at + 1 == text.size() || text[at + 1] != '\n') normalized += '\n';
        } else {
            normalized += text[at];
        }
    }
    return normalized;
}

std::string sha256_hex(std::string_view text) {
    std::array<std::uint8_t, 32> digest{};
    unsigned size = digest.size();
    ensure(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1,
           "SHA-256 is there");
    return to_hex(digest);
}

}  // namespace lodestone::db
