// Parameters: separators in and out of quotes, escapes, and what is malformed.
#include "http/message/parameters.hpp"

#include <gmock/gmock.h>

namespace lodestone::http {
namespace {

using ::testing::ElementsAre;

TEST(SplitOutsideQuotes, KeepsEmptyPartsAndQuotedSeparators) {
    EXPECT_THAT(split_outside_quotes("a; b ;c", ';'), ElementsAre("a", "b", "c"));
    EXPECT_THAT(split_outside_quotes("", ';'), ElementsAre(""));
    EXPECT_THAT(split_outside_quotes(";a;", ';'), ElementsAre("", "a", ""));
    EXPECT_THAT(split_outside_quotes("a=\"x;y\";b", ';'), ElementsAre("a=\"x;y\"", "b"));
    EXPECT_THAT(split_outside_quotes("a=\"x\\\";y\";b", ';'), ElementsAre("a=\"x\\\";y\"", "b"));
    EXPECT_THAT(split_outside_quotes("a=\"x;b", ';'), ElementsAre("a=\"x;b"));
    EXPECT_THAT(split_outside_quotes("a=\"x\\", ';'), ElementsAre("a=\"x\\"));
}

TEST(Parameter, ValueIsTokenOrQuotedString) {
    const struct {
        std::string_view text, name, value;
    } cases[] = {{"q=0.5", "q", "0.5"},
                 {"for=\"[2001:db8::1]:80\"", "for", "[2001:db8::1]:80"},
                 {"a=\"\"", "a", ""},
                 {"a=\"x\\\"y\\\\\"", "a", "x\"y\\"}};
    for (const auto& [text, name, value] : cases) {
        const auto parameter = parse_parameter(text);
        ASSERT_TRUE(parameter) << text;
        EXPECT_EQ(parameter->name, name);
        EXPECT_EQ(parameter->value, value);
    }
    for (const std::string_view text :
         {"", "a", "=", "a=", "=b", "a =b", "a= b", "a=b c", "a=\"b", "a=b\"", "a=\"b\"c", "a=\"b\"c\"",
          "a=\"b\\\"", "a=\"\x01\"", "a=\"\\\x7f\"", "a=\"", "a=b=c;"})
        EXPECT_FALSE(parse_parameter(text)) << text;
}

}  // namespace
}  // namespace lodestone::http
