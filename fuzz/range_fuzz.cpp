// Fuzzes the Range header against a representation of any size: what is granted lies within it, once.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "http/message/range.hpp"

using lodestone::ensure;
using namespace lodestone::http;

namespace {

void check_granted(const Ranges& parsed, std::uint64_t size_bytes) {
    ensure(!parsed.ranges.empty() && parsed.ranges.size() <= lodestone::limits::ranges_per_request,
           "some ranges, and not too many");
    std::uint64_t total = 0;
    for (const ByteRange& range : parsed.ranges) {
        ensure(range.size_bytes > 0, "no range is empty");
        ensure(range.offset < size_bytes && range.size_bytes <= size_bytes - range.offset,
               "ranges lie within");
        ensure(range.size_bytes <= size_bytes - total, "together they are no more than the whole");
        total += range.size_bytes;
    }
    for (const ByteRange& a : parsed.ranges)
        for (const ByteRange& b : parsed.ranges)
            ensure(&a == &b || a.offset + a.size_bytes < b.offset || b.offset + b.size_bytes < a.offset,
                   "ranges that overlap or touch are merged");
}

void check_asked_again(const Ranges& parsed, std::uint64_t size_bytes) {
    std::string value = "bytes=";
    for (const ByteRange& range : parsed.ranges)
        value +=
            std::to_string(range.offset) + "-" + std::to_string(range.offset + range.size_bytes - 1) + ",";
    const Ranges again = parse_ranges(value, size_bytes);
    ensure(again.verdict == parsed.verdict && again.ranges == parsed.ranges,
           "what is granted can be asked for");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first eight bytes are the representation's size.
    std::uint64_t size_bytes = 0;
    if (size < sizeof size_bytes) return 0;
    std::memcpy(&size_bytes, data, sizeof size_bytes);
    const std::string_view value(reinterpret_cast<const char*>(data) + sizeof size_bytes,
                                 size - sizeof size_bytes);
    const Ranges parsed = parse_ranges(value, size_bytes);
    if (parsed.verdict == Ranges::Verdict::satisfiable) {
        check_granted(parsed, size_bytes);
        check_asked_again(parsed, size_bytes);
    } else {
        ensure(parsed.ranges.empty(), "only a satisfiable header has ranges");
    }
    return 0;
}
