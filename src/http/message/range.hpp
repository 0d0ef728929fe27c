// Byte ranges, RFC 9110 §14.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace lodestone::http {

struct ByteRange {
    std::uint64_t offset;
    std::uint64_t size_bytes;
    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

struct Ranges {
    // ignore: send the whole. Malformed, another unit, an empty representation (some clients put a Range on
    // everything, and an empty file is no error), or abusive: more than limits::ranges_per_request of them,
    // or more bytes asked for than there are. unsatisfiable: 416. A range that ends before it begins may be
    // ignored or refused (§14.2), and is refused: clients of images take the whole for not knowing ranges.
    enum class Verdict { ignore, satisfiable, unsatisfiable } verdict;
    // In the order asked for, never empty ones; those that overlap or touch are merged into the first.
    std::vector<ByteRange> ranges;
};

// `value` is the Range header, `size_bytes` the whole representation's.
Ranges parse_ranges(std::string_view value, std::uint64_t size_bytes);

}  // namespace lodestone::http
