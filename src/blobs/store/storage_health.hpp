// Whether the storage took what it was given last. A failure stands until something has been written again:
// by somebody's upload, or by a try of our own, since nobody sends uploads to a server that is not well.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace lodestone::blobs {

class StorageHealth {
  public:
    explicit StorageHealth(const Clock& clock) : clock_(clock) {}

    void note_success();
    void note_failure(std::string sentence);
    // The fault; when there is one, `probe` is called now and then and is to note how a try went. Quick.
    std::optional<std::string> find_fault(const std::function<void()>& probe);

  private:
    const Clock& clock_;
    std::mutex mutex_;
    std::optional<std::string> fault_;
    SteadyTime next_probe_{};
};

}  // namespace lodestone::blobs
