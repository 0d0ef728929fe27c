// One queue, taken from in order.
#include "base/worker_threads.hpp"

#include <csignal>
#include <system_error>
#include <utility>

#include "base/ensure.hpp"

namespace lodestone {

namespace {

// Signals are for the thread that waits for them.
void block_signals() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

WorkerThreads::WorkerThreads(std::size_t count) : count_(count) {
    ensure(count > 0, "jobs need at least one thread");
    threads_.reserve(count);
    threads_.emplace_back([this] { run(); });
}

void WorkerThreads::stop() {
    std::vector<std::thread> threads;
    {
        const std::lock_guard lock(mutex_);
        is_closed_ = true;
        threads = std::move(threads_);
    }
    changed_.notify_all();
    for (std::thread& thread : threads) thread.join();
}

void WorkerThreads::submit(std::function<void()> job) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back(std::move(job));
        if (jobs_.size() > free_ && threads_.size() < count_ && !is_closed_) start_another();
    }
    changed_.notify_one();
}

// With mutex_ held.
void WorkerThreads::start_another() {
    try {
        threads_.emplace_back([this] { run(); });
    } catch (const std::system_error&) {
        return;  // the kernel has none left: those that are there will come to the job
    }
}

void WorkerThreads::run() {
    block_signals();
    std::unique_lock lock(mutex_);
    for (;;) {
        ++free_;
        changed_.wait(lock, [this] { return is_closed_ || !jobs_.empty(); });
        --free_;
        if (jobs_.empty()) return;
        const std::function<void()> job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
}

}  // namespace lodestone
