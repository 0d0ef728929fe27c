// The turnstile with a clock of the test's own; bounded memory and waiting times are tested where clients
// pass it (app/serving/rate_limiter_test.cpp).
#include "base/turnstile.hpp"

#include <gtest/gtest.h>

namespace lodestone {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime start{seconds(1000)};

int count_passed(Turnstile& turnstile, std::string_view name, const Pace& pace, SteadyTime now) {
    int passed = 0;
    for (int i = 0; i < 100; ++i) passed += turnstile.pass(name, pace, now) ? 0 : 1;
    return passed;
}

TEST(Turnstile, LetsABurstThroughThenThePace) {
    Turnstile turnstile;
    const Pace pace{.interval = milliseconds(500), .burst = 3};
    EXPECT_EQ(count_passed(turnstile, "a", pace, start), 3);
    EXPECT_EQ(count_passed(turnstile, "b", pace, start), 3) << "each apart";
    EXPECT_EQ(turnstile.pass("a", pace, start), seconds(1)) << "rounded up";
    EXPECT_EQ(count_passed(turnstile, "a", pace, start + milliseconds(499)), 0);
    EXPECT_EQ(count_passed(turnstile, "a", pace, start + milliseconds(500)), 1);
    EXPECT_EQ(count_passed(turnstile, "a", pace, start + seconds(60)), 3) << "no more than that is saved up";
}

TEST(Turnstile, HoldsNobodyUpWithoutAPace) {
    Turnstile turnstile;
    EXPECT_EQ(count_passed(turnstile, "a", {}, start), 100);
}

TEST(Turnstile, TakesAnotherPaceAtOnce) {
    Turnstile turnstile;
    EXPECT_EQ(count_passed(turnstile, "a", {.interval = seconds(1), .burst = 5}, start), 5);
    EXPECT_EQ(count_passed(turnstile, "a", {.interval = seconds(1), .burst = 8}, start), 3);
    EXPECT_EQ(turnstile.pass("a", {.interval = seconds(1), .burst = 1}, start), seconds(8));
}

}  // namespace
}  // namespace lodestone
