// One thread for each watch: what it calls may take its time, the writer must not wait for it.
#include "db/sqlite/outside_changes.hpp"

#include <thread>
#include <utility>

namespace lodestone::db {

class OutsideChanges::Watch final : public ChangeWatch {
  public:
    Watch(OutsideChanges& changes, ChangeCallback callback)
        : changes_(changes), callback_(std::move(callback)) {
        const std::lock_guard lock(changes_.mutex_);
        seen_ = changes_.count_;
        ++changes_.watches_;
        thread_ = std::thread([this] { run(); });
    }
    ~Watch() override { stop_thread(); }
    void stop() override { stop_thread(); }
    bool is_live() const override { return is_live_; }

  private:
    // Several changes while the callback ran are one.
    void run() {
        std::unique_lock lock(changes_.mutex_);
        while (true) {
            changes_.told_.wait(lock, [this] { return !is_live_ || seen_ != changes_.count_; });
            if (!is_live_) return;
            seen_ = changes_.count_;
            lock.unlock();
            callback_({});
            lock.lock();
        }
    }
    void stop_thread() {
        {
            const std::lock_guard lock(changes_.mutex_);
            if (!is_live_.exchange(false)) return;
            --changes_.watches_;
        }
        changes_.told_.notify_all();
        thread_.join();
    }

    OutsideChanges& changes_;
    const ChangeCallback callback_;
    std::uint64_t seen_ = 0;
    std::atomic<bool> is_live_{true};  // changed under the lock
    std::thread thread_;
};

void OutsideChanges::tell() {
    {
        const std::lock_guard lock(mutex_);
        ++count_;
    }
    told_.notify_all();
}

std::unique_ptr<ChangeWatch> OutsideChanges::watch(ChangeCallback callback) {
    return std::make_unique<Watch>(*this, std::move(callback));
}

}  // namespace lodestone::db
