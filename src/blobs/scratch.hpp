// Where bytes are that have to be looked at before they are stored, whatever the store is: files without a
// name in a folder of this machine, and threads that write, hash and read them, which may take its time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/unique_fd.hpp"
#include "blobs/store/sync_threads.hpp"

namespace lodestone::blobs {

class Scratch {
  public:
    // Made when it is needed; empty: the system's for temporary files.
    explicit Scratch(std::string folder = {});

    // Readable and writable, and gone with its descriptor. Throws Problem(storage_full) or
    // Problem(unavailable). On a thread that may wait for the disk.
    UniqueFd open_file() const;
    // How much is in memory of all that is under way here. Shared with what may outlive this by a moment.
    std::shared_ptr<std::atomic<std::uint64_t>> held_bytes() const { return held_bytes_; }
    // For what is written, hashed and read again.
    SyncThreads& threads() { return threads_; }
    // Others, for whoever takes archives apart: that takes seconds, and holds up nobody's upload. One line
    // for each tenant; what runs there asks is_stopping(), and ends then.
    SyncThreads& inspectors() { return inspectors_; }
    bool is_stopping() const { return is_stopping_; }
    void stop() {
        is_stopping_ = true;
        inspectors_.stop();
        threads_.stop();
    }

  private:
    std::string folder_;
    std::shared_ptr<std::atomic<std::uint64_t>> held_bytes_ = std::make_shared<std::atomic<std::uint64_t>>(0);
    SyncThreads threads_;
    SyncThreads inspectors_;
    std::atomic<bool> is_stopping_ = false;
};

// What a write or read there has failed of, as a refusal.
[[noreturn]] void refuse_scratch(int error, std::string_view what);

}  // namespace lodestone::blobs
