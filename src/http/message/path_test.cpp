// Paths and queries: what is taken, as what, and what is refused with which sentence.
#include "http/message/path.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

// Segments in brackets, with '!' after one that holds an encoded slash: "[a][b/c]!/".
std::string show(const Path& path) {
    std::string text;
    for (const PathSegment& segment : path.segments)
        text += "[" + segment.text + "]" + (segment.has_encoded_slash ? "!" : "");
    return text + (path.has_trailing_slash ? "/" : "");
}

// The status and the sentence of the refusal; empty when there was none.
template <class Parse>
std::string refusal_of(const Parse& parse) {
    try {
        parse();
    } catch (const Problem& problem) {
        return std::to_string(problem.status()) + " " + problem.detail();
    }
    return "";
}

TEST(ParsePath, TakesApartAndDecodes) {
    const struct {
        std::string_view raw, shown;
    } rows[] = {
        {"/", ""},
        {"/a", "[a]"},
        {"/a/", "[a]/"},
        {"/a/b/c", "[a][b][c]"},
        {"/a.b/...", "[a.b][...]"},
        {"/.well-known/x", "[.well-known][x]"},
        {"/..a/a..", "[..a][a..]"},
        {"/%41%62", "[Ab]"},
        {"/a%20b", "[a b]"},
        {"/a+b", "[a+b]"},
        {"/@scope%2fname", "[@scope/name]!"},
        {"/a%2Fb%2Fc/d", "[a/b/c]![d]"},
        {"/%252e%252e", "[%2e%2e]"},
        {"/a%252Fb", "[a%2Fb]"},
        {"/a%3Fb%23c%25", "[a?b#c%]"},
        {"/gr%C3%BC%C3%9F", "[gr\xc3\xbc\xc3\x9f]"},
        {"/%E2%82%AC/%F0%9F%98%80", "[\xe2\x82\xac][\xf0\x9f\x98\x80]"},
        {"/%C2%A0", "[\xc2\xa0]"},
        {"/a;b=c,d:e@f$g!h*i(j)'k~l|m[n]", "[a;b=c,d:e@f$g!h*i(j)'k~l|m[n]]"},
    };
    for (const auto& row : rows) EXPECT_EQ(show(parse_path(row.raw)), row.shown) << row.raw;
}

void expect_refused(std::string_view raw, std::string_view sentence) {
    const std::string refusal = refusal_of([&] { parse_path(raw); });
    EXPECT_THAT(refusal, HasSubstr(sentence)) << raw;
    EXPECT_TRUE(refusal.starts_with("400 ")) << raw << ": " << refusal;
}

TEST(ParsePath, RefusesWhatIsAmbiguous) {
    const struct {
        std::string_view raw, sentence;
    } rows[] = {
        {"", "does not begin with a slash"},
        {"a", "does not begin with a slash"},
        {"*", "does not begin with a slash"},
        {"//", "empty segment"},
        {"//a", "empty segment"},
        {"/a//b", "empty segment"},
        {"/a//", "empty segment"},
        {"/.", "'.' or '..'"},
        {"/..", "'.' or '..'"},
        {"/a/../b", "'.' or '..'"},
        {"/a/./b", "'.' or '..'"},
        {"/a/..", "'.' or '..'"},
        {"/../", "'.' or '..'"},
        {"/%2e", "'.' or '..'"},
        {"/%2E%2e/a", "'.' or '..'"},
        {"/.%2e", "'.' or '..'"},
        {"/a%2f..%2fb", "'.' or '..'"},
        {"/..%2f", "'.' or '..'"},
        {"/a%2F.", "'.' or '..'"},
        {"/a%2F%2Fb", "encoded slash with nothing"},
        {"/%2Fa", "encoded slash with nothing"},
        {"/a%2F", "encoded slash with nothing"},
        {"/%2F", "encoded slash with nothing"},
        {"/a%00b", "control character"},
        {"/a%0d%0ab", "control character"},
        {"/%09", "control character"},
        {"/%7F", "control character"},
        {"/%C2%80", "control character"},
        {"/a%C2%9Fb", "control character"},
        {"/%", "two hexadecimal digits"},
        {"/%4", "two hexadecimal digits"},
        {"/%4/1", "two hexadecimal digits"},
        {"/%g1", "two hexadecimal digits"},
        {"/%1g", "two hexadecimal digits"},
        {"/%%41", "two hexadecimal digits"},
        {"/%u0041", "two hexadecimal digits"},
        {"/a%5Cb", "backslash"},
        {"/a\\b", "must be percent-encoded"},
        {"/a b", "must be percent-encoded"},
        {"/a\x01", "must be percent-encoded"},
        {"/a?b", "must be percent-encoded"},
        {"/a#b", "must be percent-encoded"},
        {"/gr\xc3\xbc", "must be percent-encoded"},
    };
    for (const auto& row : rows) expect_refused(row.raw, row.sentence);
    EXPECT_TRUE(refusal_of([] { parse_path(std::string_view("/a\0b", 4)); }).starts_with("400 "));
}

TEST(ParsePath, RefusesWhatIsNotUtf8) {
    for (const std::string_view raw : {
             "/%80",
             "/%FF",
             "/%C3",
             "/%C3/%BC",
             "/%C3%41",
             "/%C0%AF",        // an overlong slash
             "/%C0%AE%C0%AE",  // overlong dots
             "/%C1%BF",
             "/%E0%80%AF",
             "/%E0%9F%BF",
             "/%F0%80%80%AF",
             "/%F0%8F%BF%BF",
             "/%ED%A0%80",     // a surrogate
             "/%F4%90%80%80",  // past U+10FFFF
             "/%F5%80%80%80",
             "/%E2%82",
             "/%F0%9F%98",
             "/%F0%9F%98%41",
         })
        expect_refused(raw, "not UTF-8");
}

TEST(ParsePath, HasLimits) {
    std::string path;
    for (std::size_t i = 0; i < limits::path_segments; ++i) path += "/a";
    EXPECT_EQ(parse_path(path).segments.size(), limits::path_segments);
    EXPECT_EQ(parse_path(path + "/").segments.size(), limits::path_segments);
    EXPECT_TRUE(refusal_of([&] { parse_path(path + "/a"); }).starts_with("414 "));

    const std::string longest = "/" + std::string(limits::target_bytes - 1, 'a');
    EXPECT_EQ(parse_path(longest).segments.front().text.size(), limits::target_bytes - 1);
    EXPECT_TRUE(refusal_of([&] { parse_path(longest + "a"); }).starts_with("414 "));
}

TEST(ParseQuery, DecodesInOrderAndKeepsRepeats) {
    EXPECT_THAT(parse_query("").parameters(), IsEmpty());
    EXPECT_THAT(parse_query("&&").parameters(), IsEmpty());
    EXPECT_THAT(parse_query("a=1&b=%20+x&a=2&c&d=&=e&f=g=h&%61%26=%3D").parameters(),
                ElementsAre(Pair("a", "1"), Pair("b", "  x"), Pair("a", "2"), Pair("c", ""), Pair("d", ""),
                            Pair("", "e"), Pair("f", "g=h"), Pair("a&", "=")));
    EXPECT_THAT(parse_query("t=a%09b%0D%0Ac%2Fd%5Ce").parameters(), ElementsAre(Pair("t", "a\tb\r\nc/d\\e")));
}

TEST(ParseQuery, Finds) {
    const Query query = parse_query("a=1&b=2&a=3");
    EXPECT_EQ(query.find("a"), "1");
    EXPECT_EQ(query.find("c"), std::nullopt);
    EXPECT_THAT(query.find_all("a"), ElementsAre("1", "3"));
    EXPECT_THAT(query.find_all("c"), IsEmpty());
}

TEST(ParseQuery, Refuses) {
    const struct {
        std::string_view raw, sentence;
    } rows[] = {
        {"a=%", "two hexadecimal digits"},   {"%4=1", "two hexadecimal digits"},
        {"a=%zz", "two hexadecimal digits"}, {"a=%00", "control character"},
        {"a=%1B", "control character"},      {"%7f", "control character"},
        {"a=%C2%85", "control character"},   {"a=%FF", "not UTF-8"},
        {"%C0%AF=1", "not UTF-8"},
    };
    for (const auto& row : rows) {
        const std::string refusal = refusal_of([&] { parse_query(row.raw); });
        EXPECT_THAT(refusal, HasSubstr(row.sentence)) << row.raw;
        EXPECT_TRUE(refusal.starts_with("400 ")) << row.raw;
    }
}

TEST(ParseQuery, HasLimits) {
    std::string query;
    for (std::size_t i = 0; i < limits::query_parameters; ++i) query += "a=1&";
    EXPECT_EQ(parse_query(query).parameters().size(), limits::query_parameters);
    EXPECT_TRUE(refusal_of([&] { parse_query(query + "a"); }).starts_with("400 "));
    EXPECT_TRUE(
        refusal_of([] { parse_query(std::string(limits::target_bytes + 1, 'a')); }).starts_with("414 "));
}

TEST(EncodePathText, EncodesAllButUnreserved) {
    EXPECT_EQ(encode_path_text("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(encode_path_text("a/b c%\xc3\xbc+@:"), "a%2Fb%20c%25%C3%BC%2B%40%3A");
    EXPECT_EQ(encode_path_text("a/b c", KeepSlash::yes), "a/b%20c");
    EXPECT_EQ(encode_path_text(std::string_view("\0\x7f", 2)), "%00%7F");
}

TEST(EncodePathText, ComesBackThroughParsePath) {
    for (const std::string_view text :
         {"a", "@scope/name", "100%", "%2F", "a b?c#d", "\xe2\x82\xac", "..."}) {
        const Path path = parse_path("/" + encode_path_text(text));
        ASSERT_EQ(path.segments.size(), 1u) << text;
        EXPECT_EQ(path.segments.front().text, text);
    }
}

}  // namespace
}  // namespace lodestone::http
