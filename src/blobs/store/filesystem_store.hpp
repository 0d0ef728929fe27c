// Bytes as files of one folder, on a disk of this machine or on one that all nodes share.
#pragma once

#include <limits>
#include <memory>
#include <string>

#include "base/context.hpp"
#include "blobs/store/store.hpp"

namespace lodestone {
class WorkerThreads;
}

namespace lodestone::blobs {

class Disk;

struct FilesystemOptions {
    std::string folder;    // made if it is not there
    Disk* disk = nullptr;  // the kernel's
    // For those who send and fetch, at a time; who comes then is told to come again.
    std::size_t open_files = std::numeric_limits<std::size_t>::max();
};

// Throws Problem(invalid_input) when the folder cannot be used. Nothing in it is looked at but what was left
// of drafts. `workers` hash and write; they outlive the store.
std::unique_ptr<Store> open_filesystem_store(const FilesystemOptions& options, WorkerThreads& workers,
                                             Context& context);

}  // namespace lodestone::blobs
