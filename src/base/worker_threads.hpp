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
    // At most that many. The first starts now, because later there might be none to be had; each other one
    // with the first job that finds nobody free.
    explicit WorkerThreads(std::size_t count);
    ~WorkerThreads() { stop(); }
    WorkerThreads(const WorkerThreads&) = delete;
    WorkerThreads& operator=(const WorkerThreads&) = delete;

    // From any thread, jobs too. A job must not throw. After stop() it is dropped.
    void submit(std::function<void()> job);
    // Runs what was submitted to its end first, so that nobody waits for a job that never comes.
    void stop();

  private:
    void run();
    void start_another();

    const std::size_t count_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    std::size_t free_ = 0;  // of the threads, those that wait for a job
    bool is_closed_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace lodestone
