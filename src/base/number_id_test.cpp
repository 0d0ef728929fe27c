// Numbers grow, whatever the clock does, and have one spelling.
#include "base/number_id.hpp"

#include "base/number_time.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace lodestone {
namespace {

TEST(NumberId, GrowsEvenWhenTheClockGoesBack) {
    FakeClock clock(Time{std::chrono::seconds{3'000'000'000}});
    SeededRandom random(1);
    std::int64_t before = make_number(clock, random);
    for (int i = 0; i < 10'000; ++i) {
        if (i == 5'000) clock.advance(-std::chrono::hours(1));
        const std::int64_t made = make_number(clock, random);
        EXPECT_GT(made, before);
        before = made;
    }
}

TEST(NumberId, TellsTheTimeItWasMade) {
    const FakeClock clock(Time{std::chrono::seconds{3'100'000'000}});
    SeededRandom random(1);
    const std::int64_t made = make_number(clock, random);
    EXPECT_EQ(made >> 12, (3'100'000'000 - 1'577'836'800) * 1'000'000);
    EXPECT_EQ(time_of_number(made), clock.now());
    EXPECT_LE(first_number_at(clock.now()), made);
    EXPECT_GT(first_number_at(clock.now() + std::chrono::microseconds(1)), made);
    EXPECT_EQ(first_number_at(Time{}), 0) << "before there were any";
}

TEST(NumberId, IsNotTheSameForTwoThreads) {
    const FakeClock clock(Time{std::chrono::seconds{3'200'000'000}});
    std::vector<std::vector<std::int64_t>> made(4);
    std::vector<std::thread> threads;
    for (auto& mine : made)
        threads.emplace_back([&clock, &mine] {
            SystemRandom random;
            for (int i = 0; i < 5'000; ++i) mine.push_back(make_number(clock, random));
        });
    for (std::thread& thread : threads) thread.join();
    std::set<std::int64_t> all;
    for (const auto& mine : made) all.insert(mine.begin(), mine.end());
    EXPECT_EQ(all.size(), 20'000u);
}

TEST(NumberId, HasOneSpelling) {
    EXPECT_EQ(render_number(0x0123456789abcdef), "0123456789abcdef");
    EXPECT_EQ(parse_number("0123456789abcdef"), 0x0123456789abcdef);
    for (const char* text :
         {"", "0", "0000000000000000", "0123456789ABCDEF", "8000000000000000", "0123456789abcde",
          "0123456789abcdef0", "0123456789abcdeg", "../../../../etc/x", " 123456789abcdef"})
        EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

}  // namespace
}  // namespace lodestone
