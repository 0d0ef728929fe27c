// Preconditions: every row of RFC 9110 §13's rules, with tags that are built to mislead.
#include "http/message/conditional.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "support/received_headers.hpp"

namespace lodestone::http {
namespace {

using test::make_headers;

constexpr std::string_view before = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr std::string_view same = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr std::string_view after = "Sun, 06 Nov 1994 08:49:38 GMT";
constexpr std::string_view future = "Fri, 06 Nov 2093 08:49:37 GMT";

// With a fraction, as files have them.
const Time modified = *parse_http_date(same) + std::chrono::milliseconds(900);
const Time now = *parse_http_date(after) + std::chrono::hours(1);
const Validators strong{"\"v1\"", modified, now};
const Validators weak{"W/\"v1\"", modified, now};

constexpr auto proceed = Precondition::proceed;
constexpr auto not_modified = Precondition::not_modified;
constexpr auto failed = Precondition::failed;

struct HeaderCase {
    std::string_view name;
    std::string_view value;
    Precondition on_get;
    Precondition on_put;
};

class OneHeader : public ::testing::TestWithParam<HeaderCase> {};

TEST_P(OneHeader, DecidesForReadsAndWrites) {
    const auto& [name, value, on_get, on_put] = GetParam();
    const auto headers = make_headers({{name, value}});
    EXPECT_EQ(evaluate_preconditions(Method::get, headers, strong), on_get) << name << ": " << value;
    EXPECT_EQ(evaluate_preconditions(Method::head, headers, strong), on_get) << name << ": " << value;
    EXPECT_EQ(evaluate_preconditions(Method::put, headers, strong), on_put) << name << ": " << value;
    EXPECT_EQ(evaluate_preconditions(Method::options, headers, strong), proceed) << name << ": " << value;
}

INSTANTIATE_TEST_SUITE_P(
    Tags, OneHeader,
    ::testing::Values(
        HeaderCase{"If-Match", "\"v1\"", proceed, proceed}, HeaderCase{"If-Match", "*", proceed, proceed},
        HeaderCase{"If-Match", " * ", proceed, proceed}, HeaderCase{"If-Match", "\"v2\"", failed, failed},
        HeaderCase{"If-Match", "W/\"v1\"", failed, failed},
        HeaderCase{"If-Match", "\"v0\", \"v1\"", proceed, proceed},
        HeaderCase{"If-Match", "\"v0\",,\t\"v1\",", proceed, proceed},
        HeaderCase{"If-Match", "\"a,b\", \"v1\"", proceed, proceed},
        HeaderCase{"If-Match", "\"a,\"v1\"", failed, failed},
        HeaderCase{"If-Match", "\"a\\\", \"v1\"", proceed, proceed},
        HeaderCase{"If-Match", "v1", failed, failed}, HeaderCase{"If-Match", "", failed, failed},
        HeaderCase{"If-Match", "*, \"v1\"", failed, failed},
        HeaderCase{"If-Match", "\"v1\" \"v2\"", failed, failed},
        HeaderCase{"If-Match", "\"V1\"", failed, failed},
        HeaderCase{"If-None-Match", "\"v1\"", not_modified, failed},
        HeaderCase{"If-None-Match", "W/\"v1\"", not_modified, failed},
        HeaderCase{"If-None-Match", "*", not_modified, failed},
        HeaderCase{"If-None-Match", "\"v2\"", proceed, proceed},
        HeaderCase{"If-None-Match", "\"v0\", W/\"v1\"", not_modified, failed},
        HeaderCase{"If-None-Match", "\"x,\\\",\"v1\"", not_modified, failed},
        HeaderCase{"If-None-Match", "w/\"v1\"", proceed, failed},
        HeaderCase{"If-None-Match", "v1", proceed, failed},
        HeaderCase{"If-None-Match", "\"v1", proceed, failed},
        HeaderCase{"If-None-Match", "\"v1\", oops", proceed, failed},
        HeaderCase{"If-None-Match", "", proceed, failed}));

INSTANTIATE_TEST_SUITE_P(Dates, OneHeader,
                         ::testing::Values(HeaderCase{"If-Modified-Since", before, proceed, proceed},
                                           HeaderCase{"If-Modified-Since", same, not_modified, proceed},
                                           HeaderCase{"If-Modified-Since", after, not_modified, proceed},
                                           HeaderCase{"If-Modified-Since", future, proceed, proceed},
                                           HeaderCase{"If-Modified-Since", "yesterday", proceed, proceed},
                                           HeaderCase{"If-Unmodified-Since", before, failed, failed},
                                           HeaderCase{"If-Unmodified-Since", same, proceed, proceed},
                                           HeaderCase{"If-Unmodified-Since", after, proceed, proceed},
                                           HeaderCase{"If-Unmodified-Since", future, proceed, proceed},
                                           HeaderCase{"If-Unmodified-Since", "yesterday", proceed, proceed}));

TEST(Preconditions, TagsOverrideDates) {
    const auto newer_tag = make_headers({{"If-None-Match", "\"v2\""}, {"If-Modified-Since", after}});
    EXPECT_EQ(evaluate_preconditions(Method::get, newer_tag, strong), proceed);
    const auto unreadable_tag = make_headers({{"If-None-Match", "v2"}, {"If-Modified-Since", after}});
    EXPECT_EQ(evaluate_preconditions(Method::get, unreadable_tag, strong), proceed);
    const auto right_tag = make_headers({{"If-Match", "\"v1\""}, {"If-Unmodified-Since", before}});
    EXPECT_EQ(evaluate_preconditions(Method::put, right_tag, strong), proceed);
}

TEST(Preconditions, IfMatchIsJudgedBeforeIfNoneMatch) {
    const auto both = make_headers({{"If-None-Match", "\"v1\""}, {"If-Match", "\"v2\""}});
    EXPECT_EQ(evaluate_preconditions(Method::get, both, strong), failed);
    const auto both_hold = make_headers({{"If-None-Match", "\"v1\""}, {"If-Match", "\"v1\""}});
    EXPECT_EQ(evaluate_preconditions(Method::get, both_hold, strong), not_modified);
}

TEST(Preconditions, LinesOfOneNameAreOneList) {
    const auto headers = make_headers({{"If-None-Match", "\"v0\""}, {"if-none-match", "\"v1\""}});
    EXPECT_EQ(evaluate_preconditions(Method::get, headers, strong), not_modified);
    const auto dates = make_headers({{"If-Modified-Since", after}, {"If-Modified-Since", after}});
    EXPECT_EQ(evaluate_preconditions(Method::get, dates, strong), proceed);
}

TEST(Preconditions, WeakCurrentTagMatchesOnlyWeakly) {
    EXPECT_EQ(evaluate_preconditions(Method::get, make_headers({{"If-None-Match", "\"v1\""}}), weak),
              not_modified);
    EXPECT_EQ(evaluate_preconditions(Method::put, make_headers({{"If-Match", "\"v1\""}}), weak), failed);
    EXPECT_EQ(evaluate_preconditions(Method::put, make_headers({{"If-Match", "W/\"v1\""}}), weak), failed);
}

TEST(Preconditions, WhatDoesNotExistMatchesNothing) {
    const Validators none{};
    EXPECT_EQ(evaluate_preconditions(Method::put, make_headers({{"If-Match", "*"}}), none, false), failed);
    EXPECT_EQ(evaluate_preconditions(Method::put, make_headers({{"If-None-Match", "*"}}), none, false),
              proceed);
    EXPECT_EQ(evaluate_preconditions(Method::put, make_headers({{"If-None-Match", "\"v1\""}}), strong, false),
              proceed);
    EXPECT_EQ(
        evaluate_preconditions(Method::put, make_headers({{"If-Unmodified-Since", before}}), strong, false),
        proceed);
}

TEST(Preconditions, DatesNeedOne) {
    const Validators undated{"\"v1\"", std::nullopt, now};
    EXPECT_EQ(evaluate_preconditions(Method::get, make_headers({{"If-Modified-Since", after}}), undated),
              proceed);
    EXPECT_EQ(evaluate_preconditions(Method::put, make_headers({{"If-Unmodified-Since", before}}), undated),
              proceed);
}

TEST(Preconditions, CheckThrowsForWrites) {
    const auto headers = make_headers({{"If-None-Match", "*"}});
    EXPECT_NO_THROW(check_preconditions(Method::put, headers, {}, false));
    try {
        check_preconditions(Method::put, headers, strong, true);
        FAIL() << "an existing resource was not protected";
    } catch (const Problem& problem) {
        EXPECT_EQ(problem.status(), 412);
    }
}

TEST(IfRange, MatchesStronglyOrNotAtAll) {
    const struct {
        std::string_view value;
        bool with_strong;
        bool with_weak;
    } cases[] = {
        {"\"v1\"", true, false},  {" \"v1\" ", true, false}, {"W/\"v1\"", false, false},
        {"\"v2\"", false, false}, {same, true, true},        {after, false, false},
        {before, false, false},   {"*", false, false},       {"\"v1\", \"v1\"", false, false},
        {"v1", false, false},     {"", false, false},
    };
    for (const auto& [value, with_strong, with_weak] : cases) {
        const auto headers = make_headers({{"If-Range", value}});
        EXPECT_EQ(is_range_wanted(headers, strong), with_strong) << value;
        EXPECT_EQ(is_range_wanted(headers, weak), with_weak) << value;
    }
    EXPECT_TRUE(is_range_wanted(make_headers({}), strong));
    EXPECT_FALSE(is_range_wanted(make_headers({{"If-Range", "\"v1\""}, {"If-Range", "\"v1\""}}), strong));
}

TEST(IfRange, DateOfTheRunningSecondIsNotStrong) {
    const auto headers = make_headers({{"If-Range", same}});
    EXPECT_FALSE(is_range_wanted(headers, {"", modified, modified + std::chrono::milliseconds(50)}));
    EXPECT_TRUE(is_range_wanted(headers, {"", modified, modified + std::chrono::milliseconds(100)}));
}

}  // namespace
}  // namespace lodestone::http
