// Who may hold how much, and that what ends is given back.
#include "http/server/body_budget.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::http {
namespace {

constexpr std::uint64_t share_bytes = 100;
constexpr std::uint64_t total_bytes = share_bytes * limits::buffered_client_shares;

Address client(int number) {
    return BodyBudget::client_of("192.0.2." + std::to_string(number));
}

int refused_status(BodyBudget& budget, const Address& client, std::uint64_t held, std::uint64_t wanted) {
    try {
        budget.change(client, held, wanted);
    } catch (const Problem& problem) {
        EXPECT_EQ(problem.headers().at(0).first, "Retry-After");
        return problem.status();
    }
    return 0;
}

TEST(BodyBudget, GivesOneClientItsShareOnly) {
    Metrics metrics;
    BodyBudget budget(total_bytes, metrics);
    EXPECT_EQ(refused_status(budget, client(1), 0, share_bytes), 0);
    EXPECT_EQ(refused_status(budget, client(1), 0, 1), 429) << "another body of its";
    EXPECT_EQ(refused_status(budget, client(1), share_bytes, share_bytes + 1), 429) << "more of the same";
    EXPECT_EQ(refused_status(budget, client(2), 0, share_bytes), 0);
    EXPECT_EQ(refused_status(budget, client(1), share_bytes, 0), 0);
    EXPECT_EQ(budget.held_bytes(), share_bytes);
}

TEST(BodyBudget, RefusesEverybodyWhenItIsSpent) {
    Metrics metrics;
    BodyBudget budget(total_bytes, metrics);
    const auto shares = static_cast<int>(limits::buffered_client_shares);
    for (int i = 0; i < shares; ++i) EXPECT_EQ(refused_status(budget, client(i), 0, share_bytes), 0);
    EXPECT_EQ(refused_status(budget, client(shares), 0, 1), 503);
    EXPECT_EQ(refused_status(budget, client(0), share_bytes, share_bytes / 2), 0)
        << "less is always possible";
    EXPECT_EQ(refused_status(budget, client(shares), 0, 1), 0);
    EXPECT_NE(metrics.render().find("lodestone_buffered_bodies_refused_total 1\n"), std::string::npos);
}

TEST(BodyBudget, TakesANetworkOfIpv6ForOneClient) {
    EXPECT_EQ(BodyBudget::client_of("2001:db8::1"), BodyBudget::client_of("2001:db8::2"));
    EXPECT_FALSE(BodyBudget::client_of("2001:db8::1") == BodyBudget::client_of("2001:db8:0:1::1"));
    EXPECT_EQ(BodyBudget::client_of("unix"), Address{}) << "all that come over a Unix socket";
}

}  // namespace
}  // namespace lodestone::http
