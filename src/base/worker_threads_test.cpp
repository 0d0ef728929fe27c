// Jobs run, also those that jobs submit, and those that still wait when the threads are told to stop.
#include "base/worker_threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>

namespace lodestone {
namespace {

TEST(WorkerThreads, RunJobsBesideEachOther) {
    WorkerThreads workers(2);
    std::promise<void> first;
    std::promise<void> second;
    workers.submit([&] {
        first.set_value();
        second.get_future().wait();
    });
    workers.submit([&] {
        first.get_future().wait();
        second.set_value();
    });
    workers.stop();
}

TEST(WorkerThreads, RunWhatWaitsBeforeTheyStop) {
    std::atomic<int> done{0};
    WorkerThreads workers(1);
    std::promise<void> may_begin;
    workers.submit([&] {
        may_begin.get_future().wait();
        workers.submit([&] { ++done; });
    });
    for (int i = 0; i < 10; ++i) workers.submit([&] { ++done; });
    may_begin.set_value();
    workers.stop();
    EXPECT_EQ(done, 11);
}

TEST(WorkerThreads, DropJobsOnceTheyHaveStopped) {
    const auto kept = std::make_shared<int>(1);
    {
        WorkerThreads workers(1);
        workers.stop();
        workers.submit([kept] { ADD_FAILURE() << "nobody is there to run it"; });
    }
    EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
}  // namespace lodestone
