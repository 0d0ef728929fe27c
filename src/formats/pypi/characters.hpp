// What names, versions and file names are made of: ASCII, whatever the locale.
#pragma once

namespace lodestone::formats::pypi {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr bool is_alphanumeric(char c) {
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}
constexpr bool is_separator(char c) {
    return c == '.' || c == '_' || c == '-';
}

}  // namespace lodestone::formats::pypi
