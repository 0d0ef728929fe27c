// Loops from outside: how late they are when something holds them up.
#include "http/wire/loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <thread>

#include "base/limits.hpp"
#include "base/metrics.hpp"
#include "support/wait.hpp"

namespace lodestone::http {
namespace {

TEST(Loop, SaysHowLateItIsWhenSomethingHoldsItUp) {
    Metrics metrics;
    Loop loop(metrics);
    Histogram& lag = metrics.histogram("lodestone_loop_lag_seconds", "");
    std::thread thread([&] { loop.run(); });
    // From somewhere between two sweeps until well after the second was due.
    EXPECT_TRUE(test::wait_until([&] { return lag.count() > 0; }));
    const double before = lag.sum();
    boost::asio::post(loop.context(), [] {
        const auto end =
            std::chrono::steady_clock::now() + limits::sweep_interval + std::chrono::milliseconds(50);
        while (std::chrono::steady_clock::now() < end) {
        }
    });
    EXPECT_TRUE(test::wait_until([&] { return lag.sum() > before + 0.04; }));
    loop.stop();
    thread.join();
}

}  // namespace
}  // namespace lodestone::http
