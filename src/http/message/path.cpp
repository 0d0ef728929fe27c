// Taking a request target apart. A segment without '%' and dots is copied as it stands; the rest is decoded
// byte by byte and then checked.
#include "http/message/path.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/hex.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"
#include "http/message/characters.hpp"

namespace lodestone::http {

namespace {

[[noreturn]] void refuse(const char* detail) {
    throw Problem(problems::malformed_request, detail);
}

// How a raw byte of a path is taken: as it is, with a closer look at its segment, or not at all.
enum Class : std::uint8_t { plain = 0, dot = 1, escape = 2, forbidden = 4 };

constexpr std::array<std::uint8_t, 256> path_classes = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c)
        if ((character_classes[c] & character::target) == 0 || c == '?') table[c] = Class::forbidden;
    table['%'] = Class::escape;
    table['.'] = Class::dot;
    return table;
}();

// Of valid UTF-8: C0, DEL, and C1 (U+0080 to U+009F).
bool has_control(std::string_view text, std::string_view allowed) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<std::uint8_t>(text[i]);
        if ((c < 0x20 || c == 0x7f) && allowed.find(text[i]) == allowed.npos) return true;
        if (c == 0xc2 && static_cast<std::uint8_t>(text[i + 1]) < 0xa0) return true;
    }
    return false;
}

// `at` stands on the '%' and is left on the escape's last digit.
char decode_escape(std::string_view raw, std::size_t& at) {
    const int high = at + 2 < raw.size() ? hex_value(raw[at + 1]) : -1;
    const int low = at + 2 < raw.size() ? hex_value(raw[at + 2]) : -1;
    if (high < 0 || low < 0) refuse("The URL has a '%' that is not followed by two hexadecimal digits.");
    at += 2;
    return static_cast<char>(high << 4 | low);
}

bool is_dots(std::string_view text) {
    return text == "." || text == "..";
}

// What an encoded slash divides would be segments to whoever decodes it: they are checked like them.
void check_divided(std::string_view text) {
    for (;;) {
        const std::size_t slash = text.find('/');
        const std::string_view piece = text.substr(0, slash);
        if (piece.empty()) refuse("The URL's path has an encoded slash with nothing before or after it.");
        if (is_dots(piece)) refuse("The URL's path has a '.' or '..' segment.");
        if (slash == text.npos) return;
        text.remove_prefix(slash + 1);
    }
}

PathSegment decode_segment(std::string_view raw) {
    PathSegment segment;
    segment.text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const char c = raw[i] == '%' ? decode_escape(raw, i) : raw[i];
        if (c == '/') segment.has_encoded_slash = true;
        if (c == '\\') refuse("The URL's path has a backslash in it.");
        segment.text.push_back(c);
    }
    if (!is_utf8(segment.text)) refuse("The URL's path is not UTF-8 once it is decoded.");
    if (has_control(segment.text, "")) refuse("The URL's path has a control character in it.");
    check_divided(segment.text);
    return segment;
}

PathSegment parse_segment(std::string_view raw, unsigned classes) {
    if ((classes & Class::forbidden) != 0)
        refuse("The URL's path has a character in it that must be percent-encoded or may not stand there.");
    if ((classes & Class::escape) != 0) return decode_segment(raw);
    if ((classes & Class::dot) != 0 && is_dots(raw)) refuse("The URL's path has a '.' or '..' segment.");
    return {.text = std::string(raw)};
}

std::string decode_query_text(std::string_view raw) {
    std::string text;
    text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const char c = raw[i];
        text.push_back(c == '+' ? ' ' : c == '%' ? decode_escape(raw, i) : c);
    }
    if (!is_utf8(text)) refuse("The URL's query is not UTF-8 once it is decoded.");
    if (has_control(text, "\t\r\n")) refuse("The URL's query has a control character in it.");
    return text;
}

}  // namespace

Path parse_path(std::string_view raw_path) {
    if (raw_path.empty() || raw_path.front() != '/') refuse("The URL's path does not begin with a slash.");
    if (raw_path.size() > limits::target_bytes)
        throw Problem(problems::target_too_long, "The URL is longer than this server takes.");
    Path path;
    std::string_view rest = raw_path.substr(1);
    if (rest.empty()) return path;
    path.has_trailing_slash = rest.back() == '/';
    if (path.has_trailing_slash) rest.remove_suffix(1);

    const auto count = static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '/')) + 1;
    if (count > limits::path_segments)
        throw Problem(problems::target_too_long, "The URL's path has more segments than this server takes.");
    path.segments.reserve(count);
    for (std::size_t begin = 0; begin <= rest.size();) {
        unsigned classes = 0;
        std::size_t end = begin;
        for (; end < rest.size() && rest[end] != '/'; ++end)
            classes |= path_classes[static_cast<std::uint8_t>(rest[end])];
        if (end == begin) refuse("The URL's path has an empty segment (two slashes in a row).");
        path.segments.push_back(parse_segment(rest.substr(begin, end - begin), classes));
        begin = end + 1;
    }
    return path;
}

std::optional<std::string_view> Query::find(std::string_view name) const {
    for (const auto& [own_name, value] : parameters_)
        if (own_name == name) return value;
    return std::nullopt;
}

std::vector<std::string_view> Query::find_all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const auto& [own_name, value] : parameters_)
        if (own_name == name) values.emplace_back(value);
    return values;
}

Query parse_query(std::string_view raw_query) {
    if (raw_query.size() > limits::target_bytes)
        throw Problem(problems::target_too_long, "The URL is longer than this server takes.");
    Query query;
    while (!raw_query.empty()) {
        const std::size_t end = raw_query.find('&');
        const std::string_view pair = raw_query.substr(0, end);
        raw_query.remove_prefix(end == raw_query.npos ? raw_query.size() : end + 1);
        if (pair.empty()) continue;
        if (query.parameters().size() == limits::query_parameters)
            refuse("The URL's query has more parameters than this server takes.");
        const std::size_t equals = pair.find('=');
        const std::string_view value = equals == pair.npos ? "" : pair.substr(equals + 1);
        query.append(decode_query_text(pair.substr(0, equals)), decode_query_text(value));
    }
    return query;
}

std::string encode_path_text(std::string_view text, KeepSlash keep_slash) {
    static constexpr char digits[] = "0123456789ABCDEF";
    static constexpr std::string_view marks = "-._~";
    std::string encoded;
    encoded.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        const bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (is_alnum || marks.find(c) != marks.npos || (c == '/' && keep_slash == KeepSlash::yes)) {
            encoded.push_back(c);
            continue;
        }
        encoded.push_back('%');
        encoded.push_back(digits[byte >> 4]);
        encoded.push_back(digits[byte & 15]);
    }
    return encoded;
}

}  // namespace lodestone::http
