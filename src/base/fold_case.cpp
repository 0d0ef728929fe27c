// Case folding by a table of ranges.
#include "base/fold_case.hpp"

#include <algorithm>
#include <iterator>

#include "base/fold_ranges.hpp"
#include "base/utf8.hpp"

namespace lodestone {

namespace {

char32_t fold_code_point(char32_t c) {
    const auto* range = std::ranges::lower_bound(fold_ranges, c, {}, &FoldRange::last);
    if (range == std::end(fold_ranges) || c < range->first || (c - range->first) % range->step != 0) return c;
    return static_cast<char32_t>(static_cast<std::int32_t>(c) + range->delta);
}

void append_utf8(std::string& out, char32_t c) {
    const auto continuation = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += {static_cast<char>(0xC0 | c >> 6), continuation(0)};
    } else if (c < 0x10000) {
        out += {static_cast<char>(0xE0 | c >> 12), continuation(6), continuation(0)};
    } else {
        out += {static_cast<char>(0xF0 | c >> 18), continuation(12), continuation(6), continuation(0)};
    }
}

}  // namespace

std::string fold_case(std::string_view text) {
    std::string folded;
    folded.reserve(text.size());
    while (!text.empty()) {
        const CodePoint next = decode_code_point(text);
        if (next.is_valid)
            append_utf8(folded, fold_code_point(next.value));
        else
            folded += text.substr(0, next.size_bytes);
        text.remove_prefix(next.size_bytes);
    }
    return folded;
}

}  // namespace lodestone
