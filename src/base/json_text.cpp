// JSON strings: runs of plain bytes are copied whole, everything else is looked at.
#include "base/json_text.hpp"

#include <array>
#include <cstdint>

namespace lodestone {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

constexpr std::array<bool, 256> make_plain_bytes() {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x7F; ++byte) plain[byte] = byte != '"' && byte != '\\';
    return plain;
}
constexpr std::array<bool, 256> plain_bytes = make_plain_bytes();

struct Decoded {
    std::size_t size_bytes;
    char32_t code_point;
    bool is_valid;
};

// What may follow a lead byte (Unicode 15, table 3-7): the second byte's range rules out overlong forms,
// surrogates and what lies above U+10FFFF.
struct Lead {
    std::size_t size_bytes;
    std::uint8_t second_min;
    std::uint8_t second_max;
};

constexpr Lead find_lead(std::uint8_t byte) {
    if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
    if (byte == 0xE0) return {3, 0xA0, 0xBF};
    if (byte == 0xED) return {3, 0x80, 0x9F};
    if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
    if (byte == 0xF0) return {4, 0x90, 0xBF};
    if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
    if (byte == 0xF4) return {4, 0x80, 0x8F};
    return {0, 0, 0};
}

// Reads one code point that begins with a byte above 0x7F. An invalid one covers the longest beginning that
// could have become valid, as the Unicode standard recommends.
Decoded decode_utf8(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const Lead lead = find_lead(byte(0));
    if (lead.size_bytes == 0) return {1, 0, false};
    char32_t code_point = byte(0) & (0xFFu >> (lead.size_bytes + 1));
    for (std::size_t i = 1; i < lead.size_bytes; ++i) {
        const std::uint8_t min = i == 1 ? lead.second_min : 0x80;
        const std::uint8_t max = i == 1 ? lead.second_max : 0xBF;
        if (i == text.size() || byte(i) < min || byte(i) > max) return {i, 0, false};
        code_point = code_point << 6 | (byte(i) & 0x3Fu);
    }
    return {lead.size_bytes, code_point, true};
}

// C1 controls are escape sequences to some terminals, U+2028/9 end a line for JavaScript, and the overrides
// and isolates make a line read as something that it is not.
constexpr bool is_treacherous(char32_t c) {
    return c <= 0x9F || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void append_unicode_escape(std::string& out, char32_t code_point) {
    static constexpr char digits[] = "0123456789abcdef";
    const char escape[6] = {'\\',
                            'u',
                            digits[code_point >> 12 & 15],
                            digits[code_point >> 8 & 15],
                            digits[code_point >> 4 & 15],
                            digits[code_point & 15]};
    out.append(escape, sizeof escape);
}

void append_ascii_escape(std::string& out, char c) {
    switch (c) {
        case '"': out += "\\\""; return;
        case '\\': out += "\\\\"; return;
        case '\n': out += "\\n"; return;
        case '\r': out += "\\r"; return;
        case '\t': out += "\\t"; return;
        default: append_unicode_escape(out, static_cast<std::uint8_t>(c));
    }
}

// Appends the code point that `rest` begins with, escaped if it must be; answers how many bytes it took.
std::size_t append_escaped(std::string& out, std::string_view rest) {
    if (static_cast<std::uint8_t>(rest[0]) < 0x80) {
        append_ascii_escape(out, rest[0]);
        return 1;
    }
    const Decoded decoded = decode_utf8(rest);
    if (!decoded.is_valid) {
        out += replacement;
    } else if (is_treacherous(decoded.code_point)) {
        append_unicode_escape(out, decoded.code_point);
    } else {
        out += rest.substr(0, decoded.size_bytes);
    }
    return decoded.size_bytes;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t at = 0;
    while (at < text.size()) {
        std::size_t end = at;
        while (end < text.size() && plain_bytes[static_cast<std::uint8_t>(text[end])]) ++end;
        out.append(text.data() + at, end - at);
        at = end;
        if (at < text.size()) at += append_escaped(out, text.substr(at));
    }
    out += '"';
}

}  // namespace lodestone
