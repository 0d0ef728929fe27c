// Cursors and sort keys on their own; whole lists are walked in identity/tenant_pages_test.cpp.
#include "db/page.hpp"

#include <gtest/gtest.h>

#include "base/base64url.hpp"
#include "base/limits.hpp"

namespace lodestone::db {
namespace {

TEST(Page, LimitIsWithinTheLimits) {
    EXPECT_EQ(page_limit(std::nullopt), limits::page_rows);
    EXPECT_EQ(page_limit(7), 7);
    EXPECT_EQ(page_limit(0), 1);
    EXPECT_EQ(page_limit(std::numeric_limits<std::int64_t>::min()), 1);
    EXPECT_EQ(page_limit(std::numeric_limits<std::int64_t>::max()), limits::page_rows_most);
}

TEST(Page, CursorComesBack) {
    for (const Cursor& cursor : {Cursor{.key = "acme", .id = "0190"}, Cursor{},
                                 Cursor{.key = "東京 & \"x\"", .id = std::string(64, 'i')},
                                 Cursor{.key = "-9223372036854775808", .id = "1"},
                                 Cursor{.key = std::string(300, 'k'), .id = "1"}}) {
        const std::string text = render_cursor(cursor, "tenant.list");
        EXPECT_LE(text.size(), limits::cursor_bytes);
        EXPECT_EQ(parse_cursor(text, "tenant.list"), cursor);
        EXPECT_EQ(parse_cursor(text, "tenant.list2"), std::nullopt);
    }
}

TEST(Page, CursorIsTakenWholeOrNotAtAll) {
    const std::string text = render_cursor({.key = "acme", .id = "0190"}, "tenant.list");
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_EQ(parse_cursor(text.substr(0, size), "tenant.list"), std::nullopt) << size;
    EXPECT_EQ(parse_cursor(text + text, "tenant.list"), std::nullopt);
    std::string bytes = *parse_base64url(text);
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (int bit = 1; bit < 256; bit *= 2) {
            const char before = std::exchange(bytes[at], static_cast<char>(bytes[at] ^ bit));
            EXPECT_EQ(parse_cursor(render_base64url(bytes), "tenant.list"), std::nullopt) << at;
            bytes[at] = before;
        }
}

TEST(Page, TextMovesNotBetweenKeyAndId) {
    EXPECT_NE(render_cursor({.key = "bc", .id = "a"}, "l"), render_cursor({.key = "c", .id = "ab"}, "l"));
}

TEST(Page, NumbersComeBackAsKeys) {
    using Numbers = KeyText<std::int64_t>;
    for (const std::int64_t key : {Numbers::first(), std::int64_t{-1}, std::int64_t{0}, Numbers::last()})
        EXPECT_EQ(Numbers::parse(Numbers::render(key)), key);
    for (const char* text : {"", "-", "1.5", "1 ", " 1", "+1", "0x1", "9223372036854775808"})
        EXPECT_EQ(Numbers::parse(text), std::nullopt) << text;
    const Time now{std::chrono::microseconds{1'800'000'000'123'456}};
    EXPECT_EQ(KeyText<Time>::parse(KeyText<Time>::render(now)), now);
    EXPECT_EQ(KeyText<Time>::parse("yesterday"), std::nullopt);
}

}  // namespace
}  // namespace lodestone::db
