// HTTP dates: the form that is sent, the three that are read, and what is refused.
#include <gtest/gtest.h>

#include "http/message/conditional.hpp"

namespace lodestone::http {
namespace {

using namespace std::chrono;

const Time example{seconds{784'111'777}};

TEST(HttpDate, IsWrittenAsFixdate) {
    const struct {
        Time time;
        std::string_view text;
    } cases[] = {
        {example, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {example + microseconds{999'999}, "Sun, 06 Nov 1994 08:49:37 GMT"},
        {Time{}, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {Time{microseconds{-1}}, "Wed, 31 Dec 1969 23:59:59 GMT"},
        {Time{seconds{1'709'164'800}}, "Thu, 29 Feb 2024 00:00:00 GMT"},
        {Time::max(), "Fri, 31 Dec 9999 23:59:59 GMT"},
        {Time::min(), "Sat, 01 Jan 0000 00:00:00 GMT"},
    };
    for (const auto& [time, text] : cases) EXPECT_EQ(render_http_date(time), text);
}

TEST(HttpDate, ThreeFormsAreRead) {
    for (const auto text :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
        EXPECT_EQ(parse_http_date(text), example) << text;
    EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994"), example + days{10});
    EXPECT_EQ(parse_http_date("Saturday, 31-Dec-16 23:59:60 GMT"),
              parse_http_date("Sun, 01 Jan 2017 00:00:00 GMT"));
    EXPECT_EQ(parse_http_date("Tuesday, 01-Jan-69 00:00:00 GMT"),
              parse_http_date("Tue, 01 Jan 2069 00:00:00 GMT"));
    EXPECT_EQ(parse_http_date("Thursday, 01-Jan-70 00:00:00 GMT"), Time{});
}

TEST(HttpDate, WhatIsWrittenIsReadBack) {
    for (const std::int64_t second :
         {0ll, 1ll, 951'782'399ll, 951'782'400ll, 4'102'444'800ll, 253'402'300'799ll}) {
        const Time time{seconds{second}};
        EXPECT_EQ(parse_http_date(render_http_date(time)), time) << second;
    }
}

TEST(HttpDate, OthersAreRefused) {
    for (const auto text : {"",
                            "now",
                            "784111777",
                            "Sun, 06 Nov 1994 08:49:37",
                            "Sun, 06 Nov 1994 08:49:37 UTC",
                            "Sun, 06 Nov 1994 08:49:37 GMT ",
                            " Sun, 06 Nov 1994 08:49:37 GMT",
                            "Sun, 6 Nov 1994 08:49:37 GMT",
                            "Mon, 06 Nov 1994 08:49:37 GMT",
                            "sun, 06 Nov 1994 08:49:37 GMT",
                            "Sun, 06 Foo 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 24:49:37 GMT",
                            "Sun, 06 Nov 1994 08:60:37 GMT",
                            "Sun, 06 Nov 1994 08:49:61 GMT",
                            "Thu, 30 Feb 2023 00:00:00 GMT",
                            "Wed, 29 Feb 2023 00:00:00 GMT",
                            "Sun, 00 Nov 1994 08:49:37 GMT",
                            "Sun, 06 Nov 94 08:49:37 GMT",
                            "Sun, 06 Nov 1994 08:49:3 GMT",
                            "Sun, 06 Nov -994 08:49:37 GMT",
                            "Sun Nov 6 08:49:37 1994",
                            "Sun, 06-Nov-94 08:49:37 GMT",
                            "Sunday, 06-Nov-1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 08:49:37 +0000",
                            "Mon Nov  6 08:49:37 1994"})
        EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

}  // namespace
}  // namespace lodestone::http
