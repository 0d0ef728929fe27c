// Pages of a listing. Where a page ends is a place in the order (a sort key and an id), not a number of rows:
// the next page begins behind it however many rows came or went, and costs the same at any depth.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace lodestone::db {

template <class T>
struct Page {
    std::vector<T> items;
    std::string next;  // the cursor that the next page is asked for with; empty: there is no more
};

// What somebody outside asks for, as text that nothing has looked at.
struct ListRequest {
    std::vector<std::pair<std::string, std::string>> filters;  // name, value
    std::string sort;                                          // empty: the listing's first
    std::optional<std::int64_t> limit;
    std::string cursor;  // empty: the first page
};

// How many rows a page has at most: what was asked for, within the limits.
std::int64_t page_limit(std::optional<std::int64_t> asked);

// The last row of a page.
struct Cursor {
    std::string key;  // as KeyText renders it
    std::string id;
    bool operator==(const Cursor&) const = default;
};

// `listing` names the order, the filters and the owner that the cursor belongs to.
std::string render_cursor(const Cursor& cursor, std::string_view listing);
// Nothing for what render_cursor() did not write for this listing. That guards against mistakes: a client
// that forges one gets nothing but another place in what it may list anyway.
std::optional<Cursor> parse_cursor(std::string_view text, std::string_view listing);
[[noreturn]] void refuse_cursor();

// Sort keys as text and back; first() and last() stand before and behind every key that is stored.
template <class Key>
struct KeyText;

template <>
struct KeyText<std::string> {
    static std::string render(const std::string& key) { return key; }
    static std::optional<std::string> parse(const std::string& text) { return text; }
    static std::string first() { return {}; }
    static std::string last() { return "\xF4\x8F\xBF\xBF"; }  // U+10FFFF, in no name (check_name)
};

template <>
struct KeyText<std::int64_t> {
    static std::string render(std::int64_t key) { return std::to_string(key); }
    static std::optional<std::int64_t> parse(const std::string& text);
    static std::int64_t first() { return std::numeric_limits<std::int64_t>::min(); }
    static std::int64_t last() { return std::numeric_limits<std::int64_t>::max(); }
};

template <>
struct KeyText<Time> {
    using Micros = KeyText<std::int64_t>;
    static std::string render(Time key) { return Micros::render(key.time_since_epoch().count()); }
    static std::optional<Time> parse(const std::string& text) {
        const auto micros = Micros::parse(text);
        return micros ? std::optional(Time{std::chrono::microseconds{*micros}}) : std::nullopt;
    }
    static Time first() { return Time::min(); }
    static Time last() { return Time::max(); }
};

}  // namespace lodestone::db
