// The line of units: whoever sleeps is called in time, however threads and units meet, and nothing is taken
// twice or left standing.
#include "db/sqlite/work_line.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

namespace lodestone::db {
namespace {

class CountedWork final : public Work {
  public:
    explicit CountedWork(std::latch& finished) : Work(WorkKind::read, {}), finished_(finished) {}
    void run(Tx&) override {}
    Habit& habit() override { return habit_; }
    void finish(std::exception_ptr) noexcept override { finished_.count_down(); }

  private:
    Habit habit_;
    std::latch& finished_;
};

// Finishes units as a reader does, until the line closes.
void serve(WorkLine& line, bool announces) {
    WorkLine::Seat seat;
    WaitingWork taken;
    while (line.take(seat, taken, 1, std::nullopt) == WorkLine::Taken::some) {
        if (announces) line.announce_return(seat);
        taken.front()->finish(nullptr);
        taken.clear();
    }
}

void join_line(WorkLine& line, std::latch& finished) {
    std::unique_ptr<Work> work = std::make_unique<CountedWork>(finished);
    ASSERT_EQ(line.join(work), WorkLine::Joined::yes);
}

// A call that got lost would leave a unit in the line, and this test waiting for ever.
TEST(WorkLine, NobodyIsForgotten) {
    constexpr int producers = 2;
    constexpr int rounds = 5'000;
    for (const int threads : {1, 2, 4}) {
        Gauge waiting;
        WorkLine line(100, waiting);
        std::vector<std::jthread> servers;
        for (int i = 0; i < threads; ++i) servers.emplace_back([&line, i] { serve(line, i % 2 == 0); });
        std::vector<std::jthread> clients;
        for (int i = 0; i < producers; ++i)
            clients.emplace_back([&line] {
                // One at a time, then a few at once: threads fall asleep in between, and are needed again.
                for (int round = 0; round < rounds; ++round) {
                    const int units = round % 3 + 1;
                    std::latch finished(units);
                    for (int unit = 0; unit < units; ++unit) join_line(line, finished);
                    finished.wait();
                }
            });
        clients.clear();  // joins them
        EXPECT_EQ(line.size(), 0u);
        EXPECT_EQ(waiting.value(), 0);
        line.close();
    }
}

TEST(WorkLine, WhoReturnsTakesWhatCameMeanwhile) {
    Gauge waiting;
    WorkLine line(1, waiting);
    WorkLine::Seat seat;
    std::latch finished(1);
    line.announce_return(seat);
    join_line(line, finished);
    WaitingWork taken;
    EXPECT_EQ(line.take(seat, taken, 1, std::nullopt), WorkLine::Taken::some);
    EXPECT_EQ(line.take(seat, taken, 1, std::chrono::milliseconds(1)), WorkLine::Taken::nothing);
    line.close();
    EXPECT_EQ(line.take(seat, taken, 1, std::nullopt), WorkLine::Taken::closed);
}

}  // namespace
}  // namespace lodestone::db
