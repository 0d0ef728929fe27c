// Inspections end when their time is over, or the server stops; and nobody has all the threads.
#include "packages/archive/inspection.hpp"

#include <gtest/gtest.h>

#include <future>

#include "base/problem.hpp"
#include "http/server/router.hpp"
#include "support/received_headers.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::packages {
namespace {

class InspectionTest : public ::testing::Test {
  protected:
    std::string outcome_of_reading(const ReadAt& read_at) {
        std::byte into[4];
        return find_problem([&] { read_at(0, into); }).value_or("read");
    }
    FakeClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::off}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
    test::TempFolder folder_;
    blobs::Scratch scratch_{folder_ / "tmp"};
    const ReadAt bytes_ = [](std::uint64_t, std::span<std::byte> into) { return into.size(); };
};

TEST_F(InspectionTest, HasTheTimeOfTheRequest) {
    http::Request request;
    request.match.parameters = {{"tenant", "acme"}};
    request.deadline = clock_.steady_now() + std::chrono::seconds(60);
    const ReadAt limited = Inspection(context_, request, scratch_).limit(bytes_);
    EXPECT_EQ(outcome_of_reading(limited), "read");
    clock_.advance(std::chrono::seconds(60));
    EXPECT_EQ(outcome_of_reading(limited),
              "Looking into the archive took too long; send it again in a moment.");
}

TEST_F(InspectionTest, EndsWithTheServer) {
    http::Request request;
    request.match.parameters = {{"tenant", "acme"}};
    request.deadline = SteadyTime::max();
    const ReadAt limited = Inspection(context_, request, scratch_).limit(bytes_);
    scratch_.stop();
    EXPECT_EQ(outcome_of_reading(limited), "The server is stopping; try again in a moment.");
}

TEST_F(InspectionTest, OfOneTenantLeavesThreadsToTheOthers) {
    blobs::SyncThreads& inspectors = scratch_.inspectors();
    std::promise<void> go_on;
    const std::shared_future<void> gone_on = go_on.get_future().share();
    std::atomic<int> done = 0;
    for (int i = 0; i < 100; ++i) inspectors.submit([&] { gone_on.wait(), ++done; }, "busy");
    std::promise<void> other, writing;
    inspectors.submit([&] { other.set_value(); }, "other");
    other.get_future().wait();
    scratch_.threads().submit([&] { writing.set_value(); });
    writing.get_future().wait();
    EXPECT_EQ(done, 0);
    go_on.set_value();
    scratch_.stop();
    EXPECT_EQ(done, 100) << "what was taken is done";
    EXPECT_FALSE(inspectors.submit([] {}, "busy"));
}

}  // namespace
}  // namespace lodestone::packages
