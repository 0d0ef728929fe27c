// Byte ranges: the grammar, the edges of the representation, and what is too much.
#include "http/message/range.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "base/limits.hpp"

namespace lodestone::http {
namespace {

using Verdict = Ranges::Verdict;

struct Case {
    std::string_view value;
    Verdict verdict;
    std::vector<ByteRange> ranges = {};
    std::uint64_t size_bytes = 1000;
};

class RangeHeader : public ::testing::TestWithParam<Case> {};

TEST_P(RangeHeader, IsJudged) {
    const auto& [value, verdict, ranges, size_bytes] = GetParam();
    const auto parsed = parse_ranges(value, size_bytes);
    EXPECT_EQ(parsed.verdict, verdict) << value;
    EXPECT_EQ(parsed.ranges, ranges) << value;
}

constexpr auto yes = Verdict::satisfiable;
constexpr auto no = Verdict::unsatisfiable;
constexpr auto ignore = Verdict::ignore;
constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

INSTANTIATE_TEST_SUITE_P(
    One, RangeHeader,
    ::testing::Values(Case{"bytes=0-0", yes, {{0, 1}}}, Case{"bytes=0-499", yes, {{0, 500}}},
                      Case{"Bytes=0-499", yes, {{0, 500}}}, Case{" bytes= 0-499 ", yes, {{0, 500}}},
                      Case{"bytes=999-", yes, {{999, 1}}}, Case{"bytes=0-", yes, {{0, 1000}}},
                      Case{"bytes=500-5000", yes, {{500, 500}}}, Case{"bytes=-1", yes, {{999, 1}}},
                      Case{"bytes=-1000", yes, {{0, 1000}}}, Case{"bytes=-5000", yes, {{0, 1000}}},
                      Case{"bytes=000-0009", yes, {{0, 10}}}, Case{"bytes=1000-", no}, Case{"bytes=-0", no},
                      Case{"bytes=1000-2000", no}, Case{"bytes=5-4", no}, Case{"bytes=", ignore},
                      Case{"bytes", ignore}, Case{"", ignore}, Case{"bytes=-", ignore},
                      Case{"bytes=a-b", ignore}, Case{"bytes=1-2-3", ignore}, Case{"bytes=--1", ignore},
                      Case{"bytes=1- 2", ignore}, Case{"bytes=+1-2", ignore}, Case{"bytes=5", ignore},
                      Case{"bytes =0-1", ignore}, Case{"items=0-1", ignore}, Case{"bytes=0-1;x", ignore},
                      Case{"bytes=0x1-2", ignore}));

INSTANTIATE_TEST_SUITE_P(
    Edges, RangeHeader,
    ::testing::Values(Case{"bytes=0-", ignore, {}, 0}, Case{"bytes=-1", ignore, {}, 0},
                      Case{"bytes=0-0", yes, {{0, 1}}, 1}, Case{"bytes=1-1", no, {}, 1},
                      Case{"bytes=0-18446744073709551615", yes, {{0, 1000}}},
                      Case{"bytes=0-99999999999999999999999", yes, {{0, 1000}}},
                      Case{"bytes=18446744073709551616-", no}, Case{"bytes=99999999999999999999999-", no},
                      Case{"bytes=-99999999999999999999999", yes, {{0, 1000}}},
                      Case{"bytes=18446744073709551615-0", no}, Case{"bytes=0-", yes, {{0, most}}, most},
                      Case{"bytes=18446744073709551614-", yes, {{most - 1, 1}}, most},
                      Case{"bytes=-18446744073709551615,-18446744073709551615", ignore, {}, most}));

INSTANTIATE_TEST_SUITE_P(
    Several, RangeHeader,
    ::testing::Values(Case{"bytes=0-9,20-29", yes, {{0, 10}, {20, 10}}},
                      Case{"bytes=20-29, 0-9", yes, {{20, 10}, {0, 10}}},
                      Case{"bytes=0-9,,\t20-29,", yes, {{0, 10}, {20, 10}}},
                      Case{"bytes=0-9,2000-,-10", yes, {{0, 10}, {990, 10}}}, Case{"bytes=2000-,3000-", no},
                      Case{"bytes=0-9,9-", ignore}, Case{"bytes=0-9,5-14", yes, {{0, 15}}},
                      Case{"bytes=0-9,10-19", yes, {{0, 20}}},
                      Case{"bytes=0-9,11-19", yes, {{0, 10}, {11, 9}}},
                      Case{"bytes=0-9,50-59,20-29,5-24", yes, {{0, 30}, {50, 10}}},
                      Case{"bytes=50-59,0-9,10-49", yes, {{0, 60}}}, Case{"bytes=0-9,10-", yes, {{0, 1000}}},
                      Case{"bytes=0-,0-", ignore}, Case{"bytes=0-999,0-0", ignore},
                      Case{"bytes=0-9,x", ignore}, Case{"bytes=0-9,5-4", no}, Case{"bytes=5-4,x", ignore}));

std::string make_list(std::size_t count) {
    std::string value = "bytes=";
    for (std::size_t i = 0; i < count; ++i)
        value += std::to_string(10 * i) + "-" + std::to_string(10 * i) + ",";
    return value;
}

TEST(RangeHeader, CountIsLimited) {
    const auto most_allowed = parse_ranges(make_list(limits::ranges_per_request), 1000);
    EXPECT_EQ(most_allowed.verdict, Verdict::satisfiable);
    EXPECT_EQ(most_allowed.ranges.size(), limits::ranges_per_request);
    EXPECT_EQ(parse_ranges(make_list(limits::ranges_per_request + 1), 1000).verdict, Verdict::ignore);
}

}  // namespace
}  // namespace lodestone::http
