// Base 62, eight bytes at a time, so that the work grows with the text and not with its square.
#include "identity/secrets/base62.hpp"

#include <algorithm>
#include <array>
#include <boost/crc.hpp>
#include <cstdint>

namespace lodestone::identity {

namespace {

constexpr std::size_t block_bytes = 8;
// How many digits it takes to write so many bytes.
constexpr std::array<std::size_t, block_bytes + 1> digits_of{0, 2, 3, 5, 6, 7, 9, 10, 11};
constexpr std::size_t block_digits = digits_of[block_bytes];

std::uint64_t value_of(char digit) {
    if (digit <= '9') return static_cast<std::uint64_t>(digit - '0');
    if (digit <= 'Z') return static_cast<std::uint64_t>(digit - 'A') + 10;
    return static_cast<std::uint64_t>(digit - 'a') + 36;
}

void append_digits(std::string& out, std::uint64_t number, std::size_t count) {
    out.append(count, base62_digits.front());
    for (auto digit = out.rbegin(); number > 0; ++digit, number /= base62_digits.size())
        *digit = base62_digits[number % base62_digits.size()];
}

// Nothing when the digits say more than fits into so many bytes.
std::optional<std::uint64_t> read_digits(std::string_view digits, std::size_t bytes) {
    const std::uint64_t most = ~std::uint64_t{0} >> (8 * (block_bytes - bytes));
    std::uint64_t number = 0;
    for (const char digit : digits) {
        const std::uint64_t value = value_of(digit);
        if (number > (most - value) / base62_digits.size()) return std::nullopt;
        number = number * base62_digits.size() + value;
    }
    return number;
}

}  // namespace

bool is_base62(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    });
}

std::string render_base62(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() / block_bytes + 1) * block_digits);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), block_bytes))) {
        const std::string_view block = bytes.substr(0, block_bytes);
        std::uint64_t number = 0;
        for (const char byte : block) number = number << 8 | static_cast<unsigned char>(byte);
        append_digits(text, number, digits_of[block.size()]);
    }
    return text;
}

std::optional<std::string> parse_base62(std::string_view text) {
    if (!is_base62(text)) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / block_digits * block_bytes + block_bytes);
    for (; !text.empty(); text.remove_prefix(std::min(text.size(), block_digits))) {
        const std::string_view digits = text.substr(0, block_digits);
        const auto* const count = std::ranges::find(digits_of, digits.size());
        if (count == digits_of.end()) return std::nullopt;
        const auto size = static_cast<std::size_t>(count - digits_of.begin());
        const std::optional<std::uint64_t> number = read_digits(digits, size);
        if (!number) return std::nullopt;
        for (std::size_t i = size; i > 0; --i) bytes += static_cast<char>(*number >> (8 * (i - 1)) & 0xff);
    }
    return bytes;
}

std::string checksum_of(std::string_view text) {
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    std::string out;
    append_digits(out, crc.checksum(), checksum_characters);
    return out;
}

}  // namespace lodestone::identity
