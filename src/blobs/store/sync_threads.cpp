// Their beginning with the first job, and their end.
#include "blobs/store/sync_threads.hpp"

#include "base/problem.hpp"

namespace lodestone::blobs {

bool SyncThreads::submit(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return false;
    if (!threads_) threads_ = std::make_unique<WorkerThreads>(count_);
    threads_->submit(std::move(job));
    return true;
}

void SyncThreads::stop() {
    std::unique_ptr<WorkerThreads> threads;
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        threads = std::move(threads_);
    }
    if (threads) threads->stop();
}

void SyncThreads::refuse_stopped() {
    throw Problem(problems::unavailable, "The server is stopping; try again in a moment.");
}

}  // namespace lodestone::blobs
