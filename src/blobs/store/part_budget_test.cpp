// Memory for parts is had in turn, and given back whatever happens.
#include "blobs/store/part_budget.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "support/loop_thread.hpp"

namespace lodestone::blobs {
namespace {

const SteadyTime never = std::chrono::steady_clock::now() + std::chrono::hours(1);

TEST(PartBudget, IsHadInTurn) {
    test::LoopThread loop;
    test::LoopThread other;
    const auto budget = std::make_shared<PartBudget>(10);
    auto first = loop.run(budget->acquire(6, never));
    EXPECT_TRUE(first.grow(4));
    EXPECT_FALSE(first.grow(1));
    auto second = other.start(budget->acquire(8, never));
    auto third = loop.start(budget->acquire(2, never));
    EXPECT_EQ(second.wait_for(std::chrono::milliseconds(0)), std::future_status::timeout);
    first.release();
    EXPECT_EQ(second.get().size_bytes(), 8u);  // and back at once
    EXPECT_EQ(third.get().size_bytes(), 2u);
    auto all = loop.run(budget->acquire(10, never));
    EXPECT_EQ(all.size_bytes(), 10u);
}

TEST(PartBudget, NobodyGrowsPastThoseWhoWait) {
    test::LoopThread loop;
    const auto budget = std::make_shared<PartBudget>(10);
    auto first = loop.run(budget->acquire(2, never));
    auto waiting = loop.start(budget->acquire(9, never));
    // Who waits is in line when the next thing runs on its loop.
    loop.run([]() -> Task<> { co_return; }());
    EXPECT_FALSE(first.grow(1));
    first.release();
    EXPECT_EQ(waiting.get().size_bytes(), 9u);
}

TEST(PartBudget, IsRefusedWhenTheTimeIsOver) {
    test::LoopThread loop;
    const auto budget = std::make_shared<PartBudget>(10);
    auto first = loop.run(budget->acquire(2, never));
    const SteadyTime soon = std::chrono::steady_clock::now() + std::chrono::milliseconds(5);
    EXPECT_THROW(loop.run(budget->acquire(9, soon)), Problem);
    EXPECT_TRUE(first.grow(8)) << "who gave up is not in the way";
}

}  // namespace
}  // namespace lodestone::blobs
