// Ranges, read from the left in one pass; what they mean is the clients' business.
#include "formats/npm/range.hpp"

#include <algorithm>

#include "formats/npm/version.hpp"

namespace lodestone::formats::npm {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

void skip_spaces(std::string_view& text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Clients take zeros before a number, and what is to become a version without the dash before it.
bool take_loose_number(std::string_view& text) {
    while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
    return take_number(text).has_value();
}

bool is_identifier_character(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

bool take_loose_prerelease(std::string_view& text) {
    if (text.empty() || !is_identifier_character(text.front())) return true;
    do {
        const auto end = std::ranges::find_if_not(text, is_identifier_character);
        if (end == text.begin()) return false;
        text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
    } while (take(text, "."));
    return true;
}

// "1", "x", "*".
bool take_part(std::string_view& text) {
    return take(text, "x") || take(text, "X") || take(text, "*") || take_loose_number(text);
}

// "1", "1.2", "1.x", "v1.2.3-beta+build", "01.2.3beta".
bool take_partial(std::string_view& text) {
    while (!text.empty() && (is_space(text.front()) || text.front() == 'v' || text.front() == '='))
        text.remove_prefix(1);
    if (!take_part(text)) return false;
    for (int dots = 0; dots < 2; ++dots) {
        if (!take(text, ".")) return true;
        if (!take_part(text)) return false;
    }
    if (!take_loose_prerelease(text)) return false;
    return !take(text, "+") || take_build(text).has_value();
}

void take_operator(std::string_view& text) {
    for (const std::string_view one : {"<=", ">=", "~>", "<", ">", "~", "^"})
        if (take(text, one)) return;
}

// " - " between two of them.
bool take_dash(std::string_view& text) {
    std::string_view rest = text;
    skip_spaces(rest);
    if (rest.size() == text.size() || rest.size() < 2 || rest[0] != '-' || !is_space(rest[1])) return false;
    text = rest.substr(1);
    return true;
}

// One alternative: ">=1.2 <2", "1 - 2", or nothing, which is any version.
bool is_alternative(std::string_view text) {
    for (skip_spaces(text); !text.empty(); skip_spaces(text)) {
        take_operator(text);
        if (!take_partial(text)) return false;
        if (take_dash(text) && !take_partial(text)) return false;
        if (!text.empty() && !is_space(text.front())) return false;
    }
    return true;
}

}  // namespace

bool is_range(std::string_view text) {
    for (;;) {
        const std::size_t bars = text.find("||");
        if (!is_alternative(text.substr(0, bars))) return false;
        if (bars == text.npos) return true;
        text.remove_prefix(bars + 2);
    }
}

}  // namespace lodestone::formats::npm
