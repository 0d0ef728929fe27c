// Base64, four digits at a time where they come together.
#include "formats/npm/base64_stream.hpp"

#include <array>

namespace lodestone::formats::npm {

namespace {

constexpr std::uint8_t none = 0xFF;

constexpr std::array<std::uint8_t, 256> values = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(none);
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < digits.size(); ++i)
        table[static_cast<std::uint8_t>(digits[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

std::uint8_t value_of(char c) {
    return values[static_cast<std::uint8_t>(c)];
}

// Takes whole groups off the front, up to the first thing that is no digit.
void take_groups(std::string_view& text, std::string& bytes) {
    const std::size_t before = bytes.size();
    bytes.resize(before + text.size() / 4 * 3);
    char* into = bytes.data() + before;
    while (text.size() >= 4) {
        const std::uint32_t a = value_of(text[0]);
        const std::uint32_t b = value_of(text[1]);
        const std::uint32_t c = value_of(text[2]);
        const std::uint32_t d = value_of(text[3]);
        if ((a | b | c | d) > 63) break;
        const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
        *into++ = static_cast<char>(group >> 16);
        *into++ = static_cast<char>(group >> 8);
        *into++ = static_cast<char>(group);
        text.remove_prefix(4);
    }
    bytes.resize(static_cast<std::size_t>(into - bytes.data()));
}

}  // namespace

bool Base64Stream::add(std::string_view text, std::string& bytes) {
    while (!text.empty()) {
        if (count_ == 0 && padding_ == 0) take_groups(text, bytes);
        if (text.empty()) break;
        const char c = text.front();
        text.remove_prefix(1);
        if (c == '=') {
            // One or two, of which no digit may come after; what they leave over has to be nothing.
            if (count_ < 2 || ++padding_ > 4 - count_) return false;
            if ((bits_ & ((1U << (count_ == 2 ? 4 : 2)) - 1)) != 0) return false;
            continue;
        }
        const std::uint8_t value = value_of(c);
        if (value == none || padding_ > 0) return false;
        bits_ = bits_ << 6 | value;
        ++count_;
        if (count_ >= 2) bytes += static_cast<char>(bits_ >> (8 - 2 * count_));
        if (count_ == 4) bits_ = count_ = 0;
    }
    return true;
}

}  // namespace lodestone::formats::npm
