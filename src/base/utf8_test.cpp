// What is UTF-8 and what only looks like it.
#include "base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace lodestone {
namespace {

TEST(Utf8, TakesWhatUnicodeDefines) {
    for (const std::string_view text :
         {"", "plain ASCII, longer than one word of eight bytes", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80",
          "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF",
          "na\xC3\xAFve text"})
        EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesWhatOnlyLooksLikeIt) {
    for (const std::string_view text : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xC3\x28", "\xE0\x9F\xBF",
                                        "\xE2\x82", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80",
                                        "\xF5\x80\x80\x80", "\xFF", "eight b \xC3\x28", "12345678\xE2\x82"})
        EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(Utf8, DecodesOneCodePoint) {
    EXPECT_EQ(decode_code_point("a").value, U'a');
    EXPECT_EQ(decode_code_point("\xC3\xA9!").value, U'\u00E9');
    EXPECT_EQ(decode_code_point("\xF0\x9F\xA6\x80").value, U'\U0001F980');
    const CodePoint broken = decode_code_point("\xE2\x82!");
    EXPECT_FALSE(broken.is_valid);
    EXPECT_EQ(broken.size_bytes, 2u);
}

}  // namespace
}  // namespace lodestone
