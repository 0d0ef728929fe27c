// The minimum rate as arithmetic: what a peer has earned, what it has used up, and what is not its fault.
#include "http/wire/minimum_rate.hpp"

#include <gtest/gtest.h>

namespace lodestone::http {
namespace {

using namespace std::chrono_literals;

const SteadyTime start{100h};

TEST(MinimumRate, GivesAGraceAndThenWhatWasEarned) {
    MinimumRate rate(100, 10s);
    EXPECT_EQ(rate.begin_wait(start, 0), start + 10s);
    rate.end_wait(start + 8s);
    EXPECT_EQ(rate.begin_wait(start + 8s, 0), start + 10s);
    rate.end_wait(start + 9s);
    EXPECT_EQ(rate.begin_wait(start + 9s, 300), start + 13s) << "300 bytes are worth three seconds";
    EXPECT_FALSE(rate.is_exceeded(300));
    rate.end_wait(start + 14s);
    EXPECT_TRUE(rate.is_exceeded(300));
    EXPECT_EQ(rate.begin_wait(start + 14s, 300), start + 13s) << "which has passed";
    EXPECT_FALSE(rate.is_exceeded(500));
}

TEST(MinimumRate, DoesNotCountWhatPassesBetweenWaits) {
    MinimumRate rate(100, 10s);
    rate.begin_wait(start, 0);
    rate.end_wait(start + 1s);
    EXPECT_EQ(rate.begin_wait(start + 1h, 0), start + 1h + 9s);
    EXPECT_FALSE(rate.is_exceeded(0));
}

TEST(MinimumRate, GivesNoCreditForStandingStill) {
    MinimumRate rate(100, 10s);
    EXPECT_EQ(rate.begin_wait(start, 1'000'000), start + 10s);
    EXPECT_EQ(MinimumRate(1, 10s).begin_wait(start, std::uint64_t{1} << 60), start + 10s);
}

TEST(MinimumRate, CountsFromWhereItBegan) {
    MinimumRate rate(100, 10s, 5'000);
    rate.begin_wait(start, 5'000);
    rate.end_wait(start + 9s);
    EXPECT_EQ(rate.begin_wait(start + 9s, 5'200), start + 12s);
}

TEST(MinimumRate, AllowsAnyPaceWhenItIsZero) {
    for (MinimumRate rate : {MinimumRate(), MinimumRate(0, 10s)}) {
        EXPECT_EQ(rate.begin_wait(start, 0), SteadyTime::max());
        rate.end_wait(start + 1h);
        EXPECT_FALSE(rate.is_exceeded(0));
    }
}

}  // namespace
}  // namespace lodestone::http
