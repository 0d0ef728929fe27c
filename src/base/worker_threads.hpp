// Threads for what would hold up a loop: hashing, writing to a disk, giving memory back. The queue needs no
// bound of its own, because everybody who submits has at most one job in it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace lodestone {

class WorkerThreads {
  public:
    explicit WorkerThreads(std::size_t count);  // all of them start now: later there might be none to be had
    ~WorkerThreads() { stop(); }
    WorkerThreads(const WorkerThreads&) = delete;
    WorkerThreads& operator=(const WorkerThreads&) = delete;

    // From any thread, jobs too. A job must not throw. After stop() it is dropped.
    void submit(std::function<void()> job);
    // Runs what was submitted to its end first, so that nobody waits for a job that never comes.
    void stop();

  private:
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    bool is_closed_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace lodestone
