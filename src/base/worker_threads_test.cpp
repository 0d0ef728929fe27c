// Jobs run, also those that jobs submit, and those that still wait when the threads are told to stop.
#include "base/worker_threads.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

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

TEST(WorkerThreads, AreAsManyAsJobsNeedAtOnce) {
    std::mutex mutex;
    std::set<std::thread::id> seen;
    const auto note = [&] {
        const std::lock_guard lock(mutex);
        seen.insert(std::this_thread::get_id());
    };
    WorkerThreads workers(8);
    std::latch all_wait(3);
    for (int i = 0; i < 3; ++i) {
        workers.submit([&] {
            note();
            all_wait.arrive_and_wait();
        });
    }
    all_wait.wait();
    workers.stop();
    EXPECT_EQ(seen.size(), 3u);
}

TEST(WorkerThreads, AreNeverMoreThanTheyMayBe) {
    std::mutex mutex;
    std::set<std::thread::id> seen;
    WorkerThreads workers(2);
    std::latch both_wait(2);
    for (int i = 0; i < 50; ++i) {
        workers.submit([&, i] {
            {
                const std::lock_guard lock(mutex);
                seen.insert(std::this_thread::get_id());
            }
            if (i < 2) both_wait.arrive_and_wait();
        });
    }
    workers.stop();
    EXPECT_EQ(seen.size(), 2u);
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
