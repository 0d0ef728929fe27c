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
    // Of their own, so that whoever takes a large archive apart holds up nobody's upload.
    SyncThreads& threads() { return threads_; }
    void stop() { threads_.stop(); }

  private:
    std::string folder_;
    std::shared_ptr<std::atomic<std::uint64_t>> held_bytes_ = std::make_shared<std::atomic<std::uint64_t>>(0);
    SyncThreads threads_;
};

// What a write or read there has failed of, as a refusal.
[[noreturn]] void refuse_scratch(int error, std::string_view what);

}  // namespace lodestone::blobs
