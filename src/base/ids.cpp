// UUIDs: made from the clock and from chance, written and read in one form.
#include "base/ids.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/random.hpp"

namespace lodestone {
namespace {

constexpr std::size_t text_size = 36;

constexpr bool is_hyphen_place(std::size_t at) {
    return at == 8 || at == 13 || at == 18 || at == 23;
}

constexpr bool is_lower_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

Uuid make_uuid(const Clock& clock, Random& random) {
    Uuid id;
    random.fill(id.bytes);
    const auto micros =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, clock.now().time_since_epoch().count()));
    const std::uint64_t millis = micros / 1000;
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(millis >> (40 - 8 * i));
    // RFC 9562, 6.2, method 3: the fraction of the millisecond takes the twelve bits after the version.
    const std::uint64_t fraction = micros % 1000 * 4096 / 1000;
    id.bytes[6] = static_cast<std::uint8_t>(0x70 | fraction >> 8);
    id.bytes[7] = static_cast<std::uint8_t>(fraction);
    id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3F));
    return id;
}

std::string render_uuid(const Uuid& id) {
    const std::string digits = to_hex(id.bytes);
    std::string text;
    text.reserve(text_size);
    for (const char digit : digits) {
        if (is_hyphen_place(text.size())) text += '-';
        text += digit;
    }
    return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
    if (text.size() != text_size) return std::nullopt;
    Uuid id;
    std::size_t nibble = 0;
    for (std::size_t at = 0; at < text_size; ++at) {
        if (is_hyphen_place(at)) {
            if (text[at] != '-') return std::nullopt;
            continue;
        }
        if (!is_lower_hex(text[at])) return std::nullopt;
        std::uint8_t& byte = id.bytes[nibble++ / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | hex_value(text[at]));
    }
    return id;
}

}  // namespace lodestone
