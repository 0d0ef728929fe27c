// What a watch told, to be waited for.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "base/change_watch.hpp"

namespace lodestone::test {

class Heard {
  public:
    ChangeCallback callback() {
        return [this](const ChangeEvent& event) {
            const std::lock_guard lock(mutex_);
            payloads_.push_back(event.payload);
            told_.notify_all();
        };
    }
    // The next that was told; "nothing" when it does not come.
    std::string next(std::chrono::milliseconds patience = std::chrono::seconds(20)) {
        std::unique_lock lock(mutex_);
        if (!told_.wait_for(lock, patience, [this] { return read_ < payloads_.size(); })) return "nothing";
        return payloads_[read_++];
    }
    // Until this comes, whatever comes before.
    bool wait_for(const std::string& payload) {
        while (true) {
            const std::string told = next();
            if (told == payload || told == "nothing") return told == payload;
        }
    }

  private:
    std::mutex mutex_;
    std::condition_variable told_;
    std::vector<std::string> payloads_;
    std::size_t read_ = 0;
};

}  // namespace lodestone::test
