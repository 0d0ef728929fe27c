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
    // ignore: send the whole (malformed, other unit, or abusive: too many or overlapping); unsatisfiable:
    // 416.
    enum class Verdict { ignore, satisfiable, unsatisfiable } verdict;
    std::vector<ByteRange> ranges;
};

// `value` is the Range header, `size_bytes` the whole representation's.
Ranges parse_ranges(std::string_view value, std::uint64_t size_bytes);

}  // namespace lodestone::http
