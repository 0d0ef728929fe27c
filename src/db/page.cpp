// Cursors: a version, a check sum over the listing and the place, the id, the key; all of it in base64url.
#include "db/page.hpp"

#include <algorithm>
#include <charconv>

#include "base/base64url.hpp"
#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/utf8.hpp"

namespace lodestone::db {

namespace {

constexpr char cursor_version = 1;
constexpr std::size_t sum_bytes = 8;
constexpr std::size_t head_bytes = 1 + sum_bytes + 1;  // and the id's length

// FNV-1a. What is summed ends with NUL, so that no two lists of parts are the same bytes.
class Sum {
  public:
    void add(std::string_view text) {
        for (const char c : text) add_byte(static_cast<std::uint8_t>(c));
        add_byte(0);
    }
    std::string bytes() const {
        std::string result;
        for (std::size_t i = 0; i < sum_bytes; ++i) result += static_cast<char>(state_ >> (8 * i) & 0xFF);
        return result;
    }

  private:
    void add_byte(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001B3ull; }
    std::uint64_t state_ = 0xCBF29CE484222325ull;
};

std::string sum_of(const Cursor& cursor, std::string_view listing) {
    Sum sum;
    sum.add(listing);
    sum.add(cursor.id);
    sum.add(cursor.key);
    return sum.bytes();
}

}  // namespace

std::int64_t page_limit(std::optional<std::int64_t> asked) {
    return std::clamp<std::int64_t>(asked.value_or(limits::page_rows), 1, limits::page_rows_most);
}

std::string render_cursor(const Cursor& cursor, std::string_view listing) {
    ensure(cursor.id.size() <= limits::id_bytes, "an id fits a cursor");
    std::string bytes(1, cursor_version);
    bytes += sum_of(cursor, listing);
    bytes += static_cast<char>(cursor.id.size());
    bytes += cursor.id;
    bytes += cursor.key;
    return render_base64url(bytes);
}

std::optional<Cursor> parse_cursor(std::string_view text, std::string_view listing) {
    if (text.size() > limits::cursor_bytes) return std::nullopt;
    const auto bytes = parse_base64url(text);
    if (!bytes || bytes->size() < head_bytes || bytes->front() != cursor_version) return std::nullopt;
    const auto id_size = static_cast<std::uint8_t>(bytes->at(head_bytes - 1));
    if (bytes->size() < head_bytes + id_size) return std::nullopt;
    Cursor cursor{.key = bytes->substr(head_bytes + id_size), .id = bytes->substr(head_bytes, id_size)};
    if (bytes->substr(1, sum_bytes) != sum_of(cursor, listing)) return std::nullopt;
    if (!is_utf8(cursor.key) || !is_utf8(cursor.id)) return std::nullopt;
    return cursor;
}

void refuse_cursor() {
    throw Problem(
        problems::invalid_input,
        "The cursor belongs to another list, or is damaged: ask for the first page again, without a cursor.");
}

std::optional<std::int64_t> KeyText<std::int64_t>::parse(const std::string& text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace lodestone::db
