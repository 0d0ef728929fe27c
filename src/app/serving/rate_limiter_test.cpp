// Token buckets with a clock of the test's own: bursts, refilling, waiting times, and bounded memory.
#include "app/serving/rate_limiter.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace lodestone::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const SteadyTime start{seconds(1000)};

int count_taken(RateLimiter& limiter, std::string_view client, SteadyTime now, int tries = 1000) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) taken += limiter.take(client, now) ? 0 : 1;
    return taken;
}

TEST(RateLimiter, LimitsNothingWithoutARate) {
    RateLimiter limiter(0, 5);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start), 1000);
}

TEST(RateLimiter, AllowsABurstThenTheRate) {
    RateLimiter limiter(10, 25);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start), 25);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start + seconds(1)), 10);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start + milliseconds(1500)), 5);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start + seconds(3600)), 25)
        << "what is not used is not saved up";
}

TEST(RateLimiter, AllowsOneSecondsWorthByDefault) {
    RateLimiter limiter(7, 0);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start), 7);
}

TEST(RateLimiter, CanBeChanged) {
    RateLimiter limiter(10, 20);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start), 20);
    limiter.change(5, 5);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start + seconds(10)), 5);
    EXPECT_EQ(count_taken(limiter, "192.0.2.2", start), 5);
    limiter.change(0, 0);
    EXPECT_EQ(count_taken(limiter, "192.0.2.1", start + seconds(10)), 1000);
}

TEST(RateLimiter, SaysHowLongToWait) {
    RateLimiter limiter(1, 1);
    EXPECT_FALSE(limiter.take("192.0.2.1", start));
    EXPECT_EQ(limiter.take("192.0.2.1", start), seconds(1));
    EXPECT_EQ(limiter.take("192.0.2.1", start + milliseconds(900)), seconds(1))
        << "never 0: that would be now";
    EXPECT_FALSE(limiter.take("192.0.2.1", start + seconds(1))) << "and what it said is true";
}

// Asking again while refused must not put the next turn off.
TEST(RateLimiter, PunishesNobodyForAsking) {
    RateLimiter limiter(1, 1);
    EXPECT_FALSE(limiter.take("192.0.2.1", start));
    for (int i = 1; i < 100; ++i) EXPECT_TRUE(limiter.take("192.0.2.1", start + milliseconds(10 * i))) << i;
    EXPECT_FALSE(limiter.take("192.0.2.1", start + milliseconds(1001)));
}

TEST(RateLimiter, CountsClientsApartButAnIpv6NetworkTogether) {
    RateLimiter limiter(1, 1);
    for (const char* client : {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1", "unix"})
        EXPECT_FALSE(limiter.take(client, start)) << client;
    for (const char* client : {"192.0.2.1", "::ffff:192.0.2.2", "2001:db8::2", "2001:db8:0:1:ffff::", "unix"})
        EXPECT_TRUE(limiter.take(client, start)) << client;
}

std::string client_number(std::size_t number) {
    return "10." + std::to_string(number >> 16 & 255) + "." + std::to_string(number >> 8 & 255) + "." +
           std::to_string(number & 255);
}

// However many addresses come: those that are being limited stay so, and newcomers share what is left.
TEST(RateLimiter, RemembersABoundedNumberOfClients) {
    RateLimiter limiter(1, 1);
    EXPECT_FALSE(limiter.take("192.0.2.1", start));
    std::size_t taken = 0;
    for (std::size_t i = 0; i < limits::rate_limited_clients * 2; ++i)
        taken += limiter.take(client_number(i), start) ? 0 : 1;
    EXPECT_LE(taken, limits::rate_limited_clients + 16) << "one shared bucket in each of the shards";
    EXPECT_TRUE(limiter.take("192.0.2.1", start)) << "the old one is not forgotten to make room";
    const std::string late = client_number(limits::rate_limited_clients * 3);
    EXPECT_EQ(count_taken(limiter, late, start, 10), 0) << "no room for its bucket is no freedom";
    EXPECT_EQ(count_taken(limiter, late, start + seconds(2), 10), 1) << "full buckets made room";
}

}  // namespace
}  // namespace lodestone::app
