// Which bytes may stand where in a message's head (RFC 9110 §5.5, §5.6.2; RFC 3986), as one table.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace lodestone::http {

namespace character {
inline constexpr std::uint8_t token = 1;     // method and field names
inline constexpr std::uint8_t field = 2;     // field values: no controls but tab; bytes over 0x7f are opaque
inline constexpr std::uint8_t target = 4;    // visible ASCII but '#' and '\': what nobody reads two ways
inline constexpr std::uint8_t host = 8;      // a registered name, an address, a port
inline constexpr std::uint8_t visible = 16;  // visible ASCII, every one
}  // namespace character

inline constexpr std::array<std::uint8_t, 256> character_classes = [] {
    std::array<std::uint8_t, 256> table{};
    for (unsigned c = 0; c < 256; ++c) {
        const bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const auto is_in = [c](std::string_view set) {
            return set.find(static_cast<char>(c)) != set.npos && c != 0;
        };
        if (is_alnum || is_in("!#$%&'*+-.^_`|~")) table[c] |= character::token;
        if (c == '\t' || (c >= 0x20 && c != 0x7f)) table[c] |= character::field;
        if (c > 0x20 && c < 0x7f && c != '#' && c != '\\') table[c] |= character::target;
        if (is_alnum || is_in("-._~!$&'()*+,;=:[]%")) table[c] |= character::host;
        if (c > 0x20 && c < 0x7f) table[c] |= character::visible;
    }
    return table;
}();

// Eight at a time: every byte of every head passes here, and hardly ever is one wrong.
constexpr bool is_all(std::string_view text, std::uint8_t character_class) {
    constexpr std::size_t stride = 8;
    const auto are_in_class = [character_class](std::string_view piece) {
        std::uint8_t shared = character_class;
        for (const char c : piece) shared &= character_classes[static_cast<std::uint8_t>(c)];
        return shared != 0;
    };
    for (; text.size() >= stride; text.remove_prefix(stride))
        if (!are_in_class({text.data(), stride})) return false;
    return are_in_class(text);
}

}  // namespace lodestone::http
