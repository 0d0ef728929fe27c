// Their beginning with the first job, and their end.
#include "blobs/store/sync_threads.hpp"

#include "base/problem.hpp"

namespace lodestone::blobs {

WorkerThreads& SyncThreads::need_threads() {
    if (!threads_) threads_ = std::make_unique<WorkerThreads>(count_);
    return *threads_;
}

bool SyncThreads::submit(std::function<void()> job, const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (is_stopped_) return false;
    if (line.empty()) {
        need_threads().submit(std::move(job));
        return true;
    }
    auto& waiting = lines_[line];
    waiting.push_back(std::move(job));
    if (waiting.size() == 1) need_threads().submit([this, line] { run_first_of(line); });
    return true;
}

// The next one waits behind the other lines; once they are stopped, threads take no more, and this one does
// what is left.
void SyncThreads::run_first_of(const std::string& line) {
    std::unique_lock lock(mutex_);
    auto& waiting = lines_.at(line);
    while (true) {
        std::function<void()> job = std::move(waiting.front());
        lock.unlock();
        job();
        job = nullptr;
        lock.lock();
        waiting.pop_front();
        if (waiting.empty()) {
            lines_.erase(line);
            return;
        }
        if (is_stopped_) continue;
        threads_->submit([this, line] { run_first_of(line); });
        return;
    }
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
