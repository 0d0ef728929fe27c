// Headers: comparing without case, splitting lists, and composing fields that nobody can break out of.
#include "http/message/headers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lodestone::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The plain way, to check the quick one against.
bool equals_slowly(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

TEST(EqualsIgnoringCase, AgreesWithThePlainWayForEveryPairOfBytes) {
    for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b)
            for (const std::size_t size : {1u, 5u, 8u, 11u}) {
                std::string left(size, 'x'), right(size, 'X');
                left[size / 2] = static_cast<char>(a);
                right[size / 2] = static_cast<char>(b);
                ASSERT_EQ(equals_ignoring_case(left, right), equals_slowly(left, right)) << a << ' ' << b;
            }
}

TEST(EqualsIgnoringCase, SeesADifferenceAtEveryPlaceOfEveryLength) {
    EXPECT_TRUE(equals_ignoring_case("", ""));
    EXPECT_FALSE(equals_ignoring_case("", "a"));
    for (std::size_t size = 1; size < 40; ++size) {
        const std::string lower(size, 'k'), upper(size, 'K');
        ASSERT_TRUE(equals_ignoring_case(lower, upper)) << size;
        for (std::size_t at = 0; at < size; ++at) {
            std::string other = upper;
            other[at] = 'j';
            ASSERT_FALSE(equals_ignoring_case(lower, other)) << size << ' ' << at;
        }
    }
}

TEST(SplitList, TrimsLeavesOutEmptyMembersAndRespectsQuotes) {
    EXPECT_THAT(split_list(""), IsEmpty());
    EXPECT_THAT(split_list(" , ,\t,"), IsEmpty());
    EXPECT_THAT(split_list("a"), ElementsAre("a"));
    EXPECT_THAT(split_list(" a ,\tb c ,d"), ElementsAre("a", "b c", "d"));
    EXPECT_THAT(split_list(R"("a,b", W/"c,\",d" ,e)"), ElementsAre(R"("a,b")", R"(W/"c,\",d")", "e"));
    EXPECT_THAT(split_list(R"(a, "b, c)"), ElementsAre("a", R"("b, c)"));
    EXPECT_THAT(split_list(R"("a\)"), ElementsAre(R"("a\)"));
    EXPECT_THAT(split_list(R"(a\,b)"), ElementsAre(R"(a\)", "b"));
}

TEST(HasToken, FindsWholeMembersInAnyCase) {
    EXPECT_TRUE(has_token("keep-alive, Upgrade", "upgrade"));
    EXPECT_TRUE(has_token("CLOSE", "close"));
    EXPECT_FALSE(has_token("closed, not-close", "close"));
    EXPECT_FALSE(has_token("\"close, close\"", "close"));
    EXPECT_FALSE(has_token("", "close"));
    EXPECT_FALSE(has_token("a, , b", ""));
}

TEST(TrimWhitespace, TakesSpacesAndTabsOnly) {
    EXPECT_EQ(trim_whitespace(" \ta b\t "), "a b");
    EXPECT_EQ(trim_whitespace(" \t"), "");
    EXPECT_EQ(trim_whitespace("\na\r"), "\na\r");
}

TEST(IsToken, KnowsTchars) {
    EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
    for (const std::string_view text : {"", "a b", "a:b", "a\"", "a(b)", "a/b", "\x7f", "\xc3\xa4", "a\n"})
        EXPECT_FALSE(is_token(text)) << text;
}

TEST(ReceivedHeaders, FindsCountsAndJoins) {
    ReceivedHeaders headers;
    for (const HeaderField field :
         {HeaderField{"Accept", "a"}, HeaderField{"Host", "h"}, HeaderField{"ACCEPT", "b, c"}})
        ASSERT_TRUE(headers.append(field));
    EXPECT_EQ(headers.find("accept"), "a");
    EXPECT_EQ(headers.find("host"), "h");
    EXPECT_EQ(headers.find("hos"), std::nullopt);
    EXPECT_EQ(headers.count("Accept"), 2u);
    EXPECT_EQ(headers.count("Range"), 0u);
    EXPECT_EQ(headers.joined("accept"), "a, b, c");
    EXPECT_EQ(headers.joined("range"), "");
    headers.clear();
    EXPECT_EQ(headers.find("accept"), std::nullopt);
}

TEST(ReceivedHeaders, SaysWhenItIsFull) {
    ReceivedHeaders headers;
    for (std::size_t i = 0; i < limits::header_count; ++i) ASSERT_TRUE(headers.append({"A", "b"}));
    EXPECT_FALSE(headers.append({"A", "b"}));
    EXPECT_EQ(headers.size(), limits::header_count);
}

TEST(Headers, AddsSetsFindsAndRemoves) {
    Headers headers;
    EXPECT_TRUE(headers.is_empty());
    headers.add("Link", "<a>");
    headers.add("ETag", "\"1\"");
    headers.add("link", "<b>");
    EXPECT_EQ(headers.wire_text(), "Link: <a>\r\nETag: \"1\"\r\nlink: <b>\r\n");
    EXPECT_EQ(headers.find("LINK"), "<a>");
    EXPECT_EQ(headers.find("etag"), "\"1\"");
    EXPECT_FALSE(headers.has("Tag"));
    EXPECT_FALSE(headers.has("ETa"));
    EXPECT_FALSE(headers.has("a"));

    headers.set("Link", "<c>");
    EXPECT_EQ(headers.wire_text(), "ETag: \"1\"\r\nLink: <c>\r\n");
    headers.remove("etag");
    headers.remove("absent");
    EXPECT_EQ(headers.wire_text(), "Link: <c>\r\n");
    headers.remove("Link");
    EXPECT_TRUE(headers.is_empty());
}

TEST(Headers, AppendsOthers) {
    Headers headers, others;
    headers.add("A", "1");
    others.add("B", "2");
    headers.append(others);
    EXPECT_EQ(headers.wire_text(), "A: 1\r\nB: 2\r\n");
}

TEST(Headers, KeepsEmptyValues) {
    Headers headers;
    headers.add("X-Empty", "");
    headers.add("Y", "1");
    EXPECT_EQ(headers.find("x-empty"), "");
    EXPECT_EQ(headers.find("y"), "1");
}

TEST(Headers, LetsNobodyBreakOut) {
    const struct {
        std::string_view name, value, wire;
    } rows[] = {
        {"Location", "/a\r\nSet-Cookie: x", "Location: /a  Set-Cookie: x\r\n"},
        {"Location", "/a\nb", "Location: /a b\r\n"},
        {"Location", "\r\n /a \r\n", "Location: /a\r\n"},
        {"X",
         std::string_view("a\0b\x7f"
                          "c",
                          5),
         "X: a b c\r\n"},
        {"X", "a\tb", "X: a\tb\r\n"},
        {"X", "gr\xc3\xbc\xc3\x9f", "X: gr\xc3\xbc\xc3\x9f\r\n"},
        {"A: b\r\nC", "d", "A--b--C: d\r\n"},
        {"Content-Length ", "1", "Content-Length-: 1\r\n"},
    };
    for (const auto& row : rows) {
        Headers headers;
        headers.add(row.name, row.value);
        EXPECT_EQ(headers.wire_text(), row.wire);
    }
}

TEST(Headers, TakesViewsOfItself) {
    Headers headers;
    headers.add("A", std::string(300, 'a'));
    for (int i = 0; i < 20; ++i) headers.add("B", *headers.find("A"));
    EXPECT_EQ(headers.find("B"), std::string(300, 'a'));
    headers.set("A", *headers.find("A"));
    EXPECT_EQ(headers.find("A"), std::string(300, 'a'));
    headers.add("C", "B");
    headers.remove(*headers.find("C"));
    EXPECT_FALSE(headers.has("B"));
}

TEST(HeadersDeathTest, AnEmptyNameIsABug) {
    Headers headers;
    EXPECT_DEATH(headers.add("", "x"), "a header field has a name");
}

}  // namespace
}  // namespace lodestone::http
