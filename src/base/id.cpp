// What an id may look like.
#include "base/id.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace lodestone {
namespace {

constexpr bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

bool is_id_text(std::string_view text) {
    if (text.empty() || text.size() > limits::id_bytes || text.front() == '-') return false;
    return std::ranges::all_of(text, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

}  // namespace lodestone
