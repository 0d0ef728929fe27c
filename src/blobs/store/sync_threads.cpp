// Their beginning with the first job, and their end.
#include "blobs/store/sync_threads.hpp"

#include "base/problem.hpp"

namespace lodestone::blobs {

WorkerThreads& SyncThreads::need_threads() {
    if (!threads_) threads_ = std::make_unique<WorkerThreads>(count_);
    return *threads_;
}

bool SyncThreads::submit(std::function<void()> job) {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return false;
    need_threads().submit(std::move(job));
    return true;
}

WorkerThreads& SyncThreads::threads() {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) refuse_stopped();
    return need_threads();
}

// They are kept: somebody may still have them from threads().
void SyncThreads::stop() {
    WorkerThreads* threads = nullptr;
    {
        const std::lock_guard lock(mutex_);
        is_stopped_ = true;
        threads = threads_.get();
    }
    if (threads != nullptr) threads->stop();
}

void SyncThreads::refuse_stopped() {
    throw Problem(problems::unavailable, "The server is stopping; try again in a moment.");
}

}  // namespace lodestone::blobs
