// Delays that grow and end, by account and by address, in memory of a bounded size.
#include "identity/sign_in/throttle.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::identity {
namespace {

using std::chrono::seconds;

class ThrottleTest : public ::testing::Test {
  protected:
    // Seconds to wait; 0 when it was let through.
    int attempt(const std::string& account, const std::string& address = "192.0.2.1") {
        try {
            throttle_.attempt(account, address);
        } catch (const Problem& problem) {
            EXPECT_EQ(problem.status(), 429);
            return std::stoi(problem.headers().front().second);
        }
        return 0;
    }
    FakeClock clock_;
    Throttle throttle_{clock_};
};

TEST_F(ThrottleTest, DelaysGrow) {
    const ThrottleRules rules;
    EXPECT_EQ(rules.delay_after(0), seconds(0));
    EXPECT_EQ(rules.delay_after(4), seconds(0));
    EXPECT_EQ(rules.delay_after(5), seconds(1));
    EXPECT_EQ(rules.delay_after(6), seconds(2));
    EXPECT_EQ(rules.delay_after(9), seconds(16));
    EXPECT_EQ(rules.delay_after(1'000'000), seconds(900));
}

TEST_F(ThrottleTest, AnAccountWaitsLongerAndLongerAndNeverForGood) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(attempt("alice"), 0) << i;
    for (const int delay : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900}) {
        EXPECT_EQ(attempt("alice"), delay);
        EXPECT_EQ(attempt("alice"), delay) << "asking too early makes it no longer";
        EXPECT_EQ(attempt("bob", "192.0.2.2"), 0) << "somebody else";
        throttle_.forgive("bob", "192.0.2.2");
        clock_.advance(seconds(delay));
        EXPECT_EQ(attempt("alice"), 0);
    }
}

TEST_F(ThrottleTest, SuccessAndTimeForget) {
    for (int i = 0; i < 5; ++i) attempt("alice");
    EXPECT_EQ(attempt("alice"), 1);
    throttle_.forgive("alice", "192.0.2.1");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(attempt("alice"), 0);
    clock_.advance(std::chrono::hours(1));
    for (int i = 0; i < 5; ++i) EXPECT_EQ(attempt("alice"), 0);
}

TEST_F(ThrottleTest, WhatIsWithdrawnWasNotCounted) {
    for (int i = 0; i < 4; ++i) EXPECT_EQ(attempt("alice"), 0);
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(attempt("alice"), 0);
        throttle_.withdraw("alice", "192.0.2.1");
    }
    EXPECT_EQ(attempt("alice"), 0);
    EXPECT_EQ(attempt("alice"), 1) << "the failures before are still counted";
}

TEST_F(ThrottleTest, AnAddressTriesOnlySoManyAccounts) {
    int let_through = 0;
    for (int i = 0; i < 100; ++i) let_through += attempt("account " + std::to_string(i)) == 0 ? 1 : 0;
    EXPECT_EQ(let_through, 30);
    EXPECT_EQ(attempt("alice", "192.0.2.2"), 0);
}

TEST_F(ThrottleTest, OneNetworkOfIpv6IsOneAddress) {
    for (int i = 0; i < 30; ++i) attempt("account " + std::to_string(i), "2001:db8::" + std::to_string(i));
    EXPECT_EQ(attempt("alice", "2001:db8::ffff"), 1);
    EXPECT_EQ(attempt("alice", "2001:db8:0:1::1"), 0);
}

TEST_F(ThrottleTest, SuccessesOfManyPeopleBehindOneAddressCostNothing) {
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(attempt("account " + std::to_string(i)), 0);
        throttle_.forgive("account " + std::to_string(i), "192.0.2.1");
    }
    EXPECT_EQ(throttle_.size(), 0u);
}

TEST_F(ThrottleTest, ItsMemoryIsBounded) {
    for (std::size_t i = 0; i < limits::throttled_names; ++i)
        throttle_.attempt("account " + std::to_string(i), "10." + std::to_string(i >> 16) + "." +
                                                              std::to_string(i >> 8 & 255) + "." +
                                                              std::to_string(i & 255));
    EXPECT_EQ(throttle_.size(), limits::throttled_names);
}

}  // namespace
}  // namespace lodestone::identity
