// Bytes as lower-case hexadecimal and back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace lodestone {

std::string to_hex(std::span<const std::uint8_t> bytes);

// -1 for what is not a hexadecimal digit.
constexpr int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace lodestone
