// Decoding by Unicode 15, table 3-7.
#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace lodestone {
namespace {

// What may follow a lead byte: the second byte's range rules out overlong forms, surrogates and what lies
// above U+10FFFF.
struct Lead {
    std::size_t size_bytes;
    std::uint8_t second_min;
    std::uint8_t second_max;
};

constexpr Lead find_lead(std::uint8_t byte) {
    if (byte < 0x80) return {1, 0, 0};
    if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
    if (byte == 0xE0) return {3, 0xA0, 0xBF};
    if (byte == 0xED) return {3, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
    if (byte == 0xF0) return {4, 0x90, 0xBF};
    if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
    if (byte == 0xF4) return {4, 0x80, 0x8F};
    return {0, 0, 0};
}

// Eight bytes at a time, as long as they are ASCII.
std::size_t ascii_prefix(std::string_view text) {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        if ((word & 0x8080808080808080u) != 0) break;
    }
    return at;
}

}  // namespace

CodePoint decode_code_point(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const Lead lead = find_lead(byte(0));
    if (lead.size_bytes == 0) return {1, 0, false};
    if (lead.size_bytes == 1) return {1, byte(0), true};
    char32_t value = byte(0) & (0xFFu >> (lead.size_bytes + 1));
    for (std::size_t i = 1; i < lead.size_bytes; ++i) {
        const std::uint8_t min = i == 1 ? lead.second_min : 0x80;
        const std::uint8_t max = i == 1 ? lead.second_max : 0xBF;
        if (i == text.size() || byte(i) < min || byte(i) > max) return {i, 0, false};
        value = value << 6 | (byte(i) & 0x3Fu);
    }
    return {lead.size_bytes, value, true};
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        text.remove_prefix(ascii_prefix(text));
        if (text.empty()) return true;
        const CodePoint next = decode_code_point(text);
        if (!next.is_valid) return false;
        text.remove_prefix(next.size_bytes);
    }
    return true;
}

std::string_view cut_text(std::string_view text, std::size_t size_bytes) {
    if (text.size() <= size_bytes) return text;
    while (size_bytes > 0 && (static_cast<unsigned char>(text[size_bytes]) & 0xc0) == 0x80) --size_bytes;
    return text.substr(0, size_bytes);
}

}  // namespace lodestone
