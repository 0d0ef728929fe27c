// Loops from outside: how late they are when something holds them up, and what need not.
#include "http/wire/loop.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "base/limits.hpp"
#include "base/metrics.hpp"
#include "http/wire/run_beside.hpp"
#include "support/loop_thread.hpp"
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

TEST(RunBeside, RunsOnAnotherThreadAndComesBack) {
    Metrics metrics;
    Loops loops(1, metrics);
    loops.start();
    struct Threads {
        std::thread::id before, beside, after;
    };
    const auto run = []() -> Task<Threads> {
        Threads threads{.before = std::this_thread::get_id()};
        threads.beside = co_await run_beside([] { return std::this_thread::get_id(); });
        threads.after = std::this_thread::get_id();
        co_return threads;
    };
    const Threads threads = test::start_on(loops.at(0).executor(), run()).get();
    EXPECT_NE(threads.beside, threads.before);
    EXPECT_EQ(threads.after, threads.before);
    const auto fail = []() -> Task<int> {
        co_return co_await run_beside([]() -> int { throw std::runtime_error("what it failed of"); });
    };
    EXPECT_THROW(test::start_on(loops.at(0).executor(), fail()).get(), std::runtime_error);
}

TEST(RunBeside, RunsAtOnceWhereThereAreNoWorkers) {
    test::LoopThread loop;
    const auto run = []() -> Task<std::thread::id> {
        co_return co_await run_beside([] { return std::this_thread::get_id(); });
    };
    EXPECT_EQ(loop.run(run()), loop.id());
}

}  // namespace
}  // namespace lodestone::http
