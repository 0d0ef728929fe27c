// The Range header. Numbers of any length are legal, so they saturate instead of overflowing.
#include "http/message/range.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/limits.hpp"
#include "http/message/headers.hpp"

namespace lodestone::http {

namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

std::optional<std::uint64_t> parse_saturated(std::string_view digits) {
    if (digits.empty()) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        value = value > (most - digit) / 10 ? most : value * 10 + digit;
    }
    return value;
}

// "first-last", "first-" or "-suffix" against the real size.
struct Wanted {
    bool is_valid = false;
    std::optional<ByteRange> range;  // absent: not satisfiable
    bool is_backward = false;        // it ends before it begins, so it is no range
};

Wanted parse_suffix(std::string_view digits, std::uint64_t size_bytes) {
    const auto suffix = parse_saturated(digits);
    if (!suffix) return {};
    if (*suffix == 0) return {.is_valid = true, .range = std::nullopt};
    const auto length = std::min(*suffix, size_bytes);
    return {.is_valid = true, .range = ByteRange{size_bytes - length, length}};
}

Wanted parse_range(std::string_view text, std::uint64_t size_bytes) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return {};
    if (dash == 0) return parse_suffix(text.substr(1), size_bytes);
    const auto first = parse_saturated(text.substr(0, dash));
    const auto last_digits = text.substr(dash + 1);
    const auto last = last_digits.empty() ? most : parse_saturated(last_digits);
    if (!first || !last) return {};
    if (*last < *first) return {.is_valid = true, .range = std::nullopt, .is_backward = true};
    if (*first >= size_bytes) return {.is_valid = true, .range = std::nullopt};
    return {.is_valid = true, .range = ByteRange{*first, std::min(*last, size_bytes - 1) - *first + 1}};
}

bool touches(const ByteRange& a, const ByteRange& b) {
    return a.offset <= b.offset + b.size_bytes && b.offset <= a.offset + a.size_bytes;
}

// The kept ranges touch nothing of each other, hence neither does what `added` grows by: one pass is enough.
void merge(std::vector<ByteRange>& kept, ByteRange added) {
    std::size_t place = kept.size();
    for (std::size_t i = 0; i < kept.size();) {
        if (!touches(kept[i], added)) {
            ++i;
            continue;
        }
        const auto end = std::max(kept[i].offset + kept[i].size_bytes, added.offset + added.size_bytes);
        added.offset = std::min(kept[i].offset, added.offset);
        added.size_bytes = end - added.offset;
        place = std::min(place, i);
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(i));
    }
    place = std::min(place, kept.size());
    kept.insert(kept.begin() + static_cast<std::ptrdiff_t>(place), added);
}

}  // namespace

Ranges parse_ranges(std::string_view value, std::uint64_t size_bytes) {
    using Verdict = Ranges::Verdict;
    value = trim_whitespace(value);
    const auto equals = value.find('=');
    if (size_bytes == 0 || equals == std::string_view::npos) return {Verdict::ignore, {}};
    if (!equals_ignoring_case(value.substr(0, equals), "bytes")) return {Verdict::ignore, {}};
    const auto members = split_list(value.substr(equals + 1));
    if (members.empty() || members.size() > limits::ranges_per_request) return {Verdict::ignore, {}};

    std::vector<ByteRange> ranges;
    std::uint64_t left_bytes = size_bytes;
    bool is_refused = false;
    for (const auto member : members) {
        const Wanted wanted = parse_range(member, size_bytes);
        if (!wanted.is_valid) return {Verdict::ignore, {}};
        is_refused |= wanted.is_backward;
        if (!wanted.range) continue;
        if (wanted.range->size_bytes > left_bytes) return {Verdict::ignore, {}};
        left_bytes -= wanted.range->size_bytes;
        merge(ranges, *wanted.range);
    }
    if (ranges.empty() || is_refused) return {Verdict::unsatisfiable, {}};
    return {Verdict::satisfiable, std::move(ranges)};
}

}  // namespace lodestone::http
