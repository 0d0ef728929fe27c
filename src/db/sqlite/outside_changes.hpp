// That another process wrote to the file, from the writer, who finds it out, to those who watch.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/change_watch.hpp"

namespace lodestone::db {

class OutsideChanges {
  public:
    // The writer looks only while this is true.
    bool is_watched() const { return watches_.load(std::memory_order_relaxed) > 0; }
    void tell();
    std::unique_ptr<ChangeWatch> watch(ChangeCallback callback);

  private:
    class Watch;

    std::atomic<int> watches_{0};
    std::mutex mutex_;
    std::condition_variable told_;
    std::uint64_t count_ = 0;  // of what was told
};

}  // namespace lodestone::db
