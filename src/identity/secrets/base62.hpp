// Bytes as digits and letters: what can be copied by a double click, stands in every header and is found by a
// scanner's pattern. Eight bytes are eleven characters, and every text has one spelling.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace lodestone::identity {

inline constexpr std::string_view base62_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_base62(std::string_view text);
std::string render_base62(std::string_view bytes);
// Takes exactly what render_base62() writes.
std::optional<std::string> parse_base62(std::string_view text);

// Six characters that tell a mistyped token from a whole one: CRC32 of the text. Keeps nobody from making one
// up.
inline constexpr std::size_t checksum_characters = 6;  // 62^6 > 2^32
std::string checksum_of(std::string_view text);

}  // namespace lodestone::identity
