// UTF-8 as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace lodestone {

struct CodePoint {
    std::size_t size_bytes;
    char32_t value;
    bool is_valid;
};

// Reads the code point that `text` begins with, which must not be empty. An invalid one covers the longest
// beginning that could have become valid, as the Unicode standard recommends.
CodePoint decode_code_point(std::string_view text);

bool is_utf8(std::string_view text);

// Of UTF-8, at most so many bytes, and no part of a character.
std::string_view cut_text(std::string_view text, std::size_t size_bytes);

}  // namespace lodestone
