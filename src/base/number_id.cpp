// Numbers from the clock and from chance, and their text.
#include "base/number_id.hpp"

#include <algorithm>
#include <array>
#include <atomic>

#include "base/clock.hpp"
#include "base/hex.hpp"
#include "base/number_time.hpp"
#include "base/random.hpp"

namespace lodestone {
namespace {

constexpr Time epoch{std::chrono::seconds{1'577'836'800}};  // 2020
constexpr int chance_bits = 12;
constexpr std::size_t text_size = 16;

std::int64_t micros_at(Time time) {
    return std::max<std::int64_t>((time - epoch).count(), 0);
}

}  // namespace

std::int64_t make_number(const Clock& clock, Random& random) {
    static std::atomic<std::int64_t> last{0};
    const std::int64_t micros = micros_at(clock.now());
    const auto chance = static_cast<std::int64_t>(random.next_u64() >> (64 - chance_bits));
    const std::int64_t wanted = std::max<std::int64_t>(micros << chance_bits | chance, 1);
    std::int64_t before = last.load(std::memory_order_relaxed);
    std::int64_t made = 0;
    do made = std::max(wanted, before + 1);
    while (!last.compare_exchange_weak(before, made, std::memory_order_relaxed));
    return made;
}

Time time_of_number(std::int64_t number) {
    return epoch + std::chrono::microseconds(number >> chance_bits);
}

std::int64_t first_number_at(Time time) {
    return micros_at(time) << chance_bits;
}

std::string render_number(std::int64_t number) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> (56 - 8 * i));
    return to_hex(bytes);
}

std::optional<std::int64_t> parse_number(std::string_view text) {
    if (text.size() != text_size) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : text) {
        const int digit = hex_value(c);
        if (digit < 0 || (c >= 'A' && c <= 'F')) return std::nullopt;
        number = number << 4 | static_cast<std::uint64_t>(digit);
    }
    if (number == 0 || number >> 63 != 0) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

}  // namespace lodestone
