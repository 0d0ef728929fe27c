// What append_json_string keeps, escapes and replaces.
#include "base/json_text.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace lodestone {
namespace {

using std::string_view_literals::operator""sv;

std::string quote(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

struct Case {
    std::string_view text;
    std::string_view quoted;
};

TEST(JsonText, KeepsEscapesAndReplaces) {
    const Case cases[] = {
        {"", R"("")"},
        {"plain text", R"("plain text")"},
        {R"(a "b" \c/)", R"("a \"b\" \\c/")"},
        {"a\nb\rc\td", R"("a\nb\rc\td")"},
        {"\x00\x01\x1b[31m\x7f"sv, R"("\u0000\u0001\u001b[31m\u007f")"},
        {"Größe 数 😀", R"("Größe 数 😀")"},
        {"\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", "\"\\u0080\\u009b\\u009f\xC2\xA0\""},
        {"\u2027\u2028\u2029\u202a\u202e\u202f", "\"\u2027\\u2028\\u2029\\u202a\\u202e\u202f\""},
        {"\u2065\u2066\u2069\u206a", "\"\u2065\\u2066\\u2069\u206a\""},
    };
    for (const Case& c : cases) EXPECT_EQ(quote(c.text), c.quoted);
}

TEST(JsonText, ReplacesInvalidUtf8) {
    const Case cases[] = {
        {"\xFF", "\"\uFFFD\""},
        {"a\x80z", "\"a\uFFFDz\""},
        {"\xC0\xAF", "\"\uFFFD\uFFFD\""},                      // overlong '/'
        {"\xE0\x80\xAF", "\"\uFFFD\uFFFD\uFFFD\""},            // overlong, three bytes
        {"\xED\xA0\x80", "\"\uFFFD\uFFFD\uFFFD\""},            // a surrogate
        {"\xF4\x90\x80\x80", "\"\uFFFD\uFFFD\uFFFD\uFFFD\""},  // above U+10FFFF
        {"\xF5\x80", "\"\uFFFD\uFFFD\""},
        {"\xE2\x82", "\"\uFFFD\""},        // cut short at the end
        {"\xF0\x9F\x98z", "\"\uFFFDz\""},  // cut short by a letter
        {"\xC3\xC3\xA4", "\"\uFFFD\xC3\xA4\""},
        {"\xC3\n", "\"\uFFFD\\n\""},  // never swallows what follows
        {"\xF4\x8F\xBF\xBF", "\"\xF4\x8F\xBF\xBF\""},
    };
    for (const Case& c : cases) EXPECT_EQ(quote(c.text), c.quoted);
}

TEST(JsonText, EveryPairOfBytesIsOneLineOfValidJson) {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const char text[] = {static_cast<char>(first), static_cast<char>(second)};
            const std::string quoted = quote({text, 2});
            boost::json::error_code error;
            const boost::json::value value = boost::json::parse(quoted, error);
            ASSERT_FALSE(error) << first << ' ' << second;
            ASSERT_EQ(quoted.find_first_of("\n\r\x1b\x7f"), std::string::npos);
            if (first < 0x80 && second < 0x80) ASSERT_EQ(value.as_string(), std::string_view(text, 2));
        }
    }
}

TEST(JsonText, EveryByteIsSeenAtEveryPlaceOfAWord) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string alone = quote(std::string(1, static_cast<char>(byte)));
        const std::string_view inner = std::string_view(alone).substr(1, alone.size() - 2);
        for (std::size_t at = 0; at < 17; ++at) {
            std::string text(17, 'a');
            text[at] = static_cast<char>(byte);
            std::string expected = '"' + std::string(17, 'a') + '"';
            expected.replace(at + 1, 1, inner);
            ASSERT_EQ(quote(text), expected) << byte << " at " << at;
        }
    }
}

TEST(JsonText, AppendsToWhatIsThere) {
    std::string out = "[";
    append_json_string(out, "a");
    EXPECT_EQ(out, R"(["a")");
}

}  // namespace
}  // namespace lodestone
