// Memory that several share: who loads, who waits for whom, and what is kept of it.
#include "cache/flight_memory.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

#include "cache/tenant_changes.hpp"
#include "support/loop_thread.hpp"

namespace lodestone::cache {
namespace {

using Memory = FlightMemory<int>;

constexpr auto always = [](const Memory::Kept&) { return true; };

Task<> rest() {
    co_return;
}

class FlightMemoryTest : public ::testing::Test {
  protected:
    std::future<int> ask(const std::string& key, std::uint64_t asked) {
        return loop_.start(memory_.load(key, asked, [this] { ++begun_; }));
    }
    // Everybody who asked has joined by now.
    int count_begun() {
        loop_.run(rest());
        return begun_;
    }
    void end(const std::string& key, std::uint64_t asked, int value) {
        memory_.end(key, {.kept = {.value = value, .loaded = {}, .asked = asked}, .failure = nullptr});
    }
    std::optional<int> find(const std::string& key) { return memory_.find(key, always); }

    std::vector<int> spoiled_;
    Memory memory_{64, [this](int value) { spoiled_.push_back(value); }};

  private:
    int begun_ = 0;  // of the loop's thread
    test::LoopThread loop_;
};

TEST_F(FlightMemoryTest, SeveralWhoMissLoadOnce) {
    std::future<int> first = ask("a", 0), second = ask("a", 0), other = ask("b", 0);
    EXPECT_EQ(count_begun(), 2);
    EXPECT_FALSE(find("a"));
    end("a", 0, 7);
    EXPECT_EQ(first.get(), 7);
    EXPECT_EQ(second.get(), 7);
    EXPECT_EQ(find("a"), 7);
    end("b", 0, 8);
    EXPECT_EQ(other.get(), 8);
    EXPECT_FALSE(memory_.find("a", [](const Memory::Kept&) { return false; })) << "kept, and not believed";
    std::future<int> again = ask("a", 0);
    EXPECT_EQ(count_begun(), 3) << "the one before has landed";
    end("a", 0, 9);
    EXPECT_EQ(again.get(), 9);
    EXPECT_EQ(find("a"), 9);
}

TEST_F(FlightMemoryTest, WhoAsksAfterAChangeDoesNotWaitForWhatBeganBefore) {
    std::future<int> before = ask("a", 1), after = ask("a", 2);
    EXPECT_EQ(count_begun(), 2);
    end("a", 2, 20);
    EXPECT_EQ(after.get(), 20);
    end("a", 1, 10);
    EXPECT_EQ(before.get(), 10) << "what it asked for";
    EXPECT_EQ(find("a"), 20) << "the newer one stays";
}

TEST_F(FlightMemoryTest, AFailureIsEverybodysAndNotKept) {
    std::future<int> first = ask("a", 0), second = ask("a", 0);
    count_begun();
    memory_.end("a", {.kept = {}, .failure = std::make_exception_ptr(std::runtime_error("away"))});
    EXPECT_THROW(first.get(), std::runtime_error);
    EXPECT_THROW(second.get(), std::runtime_error);
    EXPECT_FALSE(find("a"));
    std::future<int> none = ask("a", 0);
    count_begun();
    memory_.end("a", {.kept = {.value = 5, .loaded = {}}, .is_worth_keeping = false, .failure = nullptr});
    EXPECT_EQ(none.get(), 5);
    EXPECT_FALSE(find("a")) << "given, and not kept";
}

TEST_F(FlightMemoryTest, WhatWasForgottenIsWorthlessAlsoWhereItIsOnItsWay) {
    std::future<int> kept = ask("a", 1);
    count_begun();
    end("a", 1, 10);
    EXPECT_EQ(kept.get(), 10);
    std::future<int> late = ask("a", 2);
    count_begun();
    memory_.forget("a", 3);
    EXPECT_FALSE(find("a"));
    EXPECT_EQ(spoiled_, std::vector{10});
    end("a", 2, 11);
    EXPECT_EQ(late.get(), 11);
    EXPECT_FALSE(find("a"));
    EXPECT_EQ(spoiled_, (std::vector{10, 11}));
    std::future<int> fresh = ask("a", 3);
    count_begun();
    end("a", 3, 12);
    EXPECT_EQ(fresh.get(), 12);
    EXPECT_EQ(find("a"), 12);
    memory_.forget("never seen", 4);
}

TEST_F(FlightMemoryTest, StaysSmall) {
    for (int i = 0; i < 10'000; ++i) end(std::to_string(i), 0, i);
    EXPECT_LE(memory_.size(), 64u);
    EXPECT_GE(memory_.size(), 32u);
    EXPECT_EQ(find("9999"), 9999) << "the newest is among them";
}

TEST(TenantChanges, MakesWhatWasAskedForBeforeOld) {
    TenantChanges<1024> changes;
    const TenantId acme = TenantId::trusted("acme"), other = TenantId::trusted("other");
    const std::uint64_t before = changes.last();
    EXPECT_TRUE(changes.is_current(before, acme));
    changes.note(acme);
    EXPECT_FALSE(changes.is_current(before, acme));
    EXPECT_TRUE(changes.is_current(before, other)) << "another group, as it happens";
    EXPECT_TRUE(changes.is_current(changes.last(), acme));
    changes.count_one();
    EXPECT_TRUE(changes.is_current(before, other));
    changes.note_everything();
    EXPECT_FALSE(changes.is_current(before, other));
    EXPECT_TRUE(changes.is_current(changes.last(), other));
}

}  // namespace
}  // namespace lodestone::cache
