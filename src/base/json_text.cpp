// JSON strings: runs of plain bytes are copied whole, everything else is looked at.
#include "base/json_text.hpp"

#include <array>
#include <cstdint>

#include "base/utf8.hpp"

namespace lodestone {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

constexpr std::array<bool, 256> make_plain_bytes() {
    std::array<bool, 256> plain{};
    for (std::size_t byte = 0x20; byte < 0x7F; ++byte) plain[byte] = byte != '"' && byte != '\\';
    return plain;
}
constexpr std::array<bool, 256> plain_bytes = make_plain_bytes();

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
    const CodePoint decoded = decode_code_point(rest);
    if (!decoded.is_valid) {
        out += replacement;
    } else if (is_treacherous(decoded.value)) {
        append_unicode_escape(out, decoded.value);
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

void append_harmless(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const bool is_plain = plain_bytes[static_cast<std::uint8_t>(text.front())];
        const bool is_quoting = text.front() == '"' || text.front() == '\\';
        if (is_plain || is_quoting) out += text.front();
        text.remove_prefix(is_plain || is_quoting ? 1 : append_escaped(out, text));
    }
}

}  // namespace lodestone
