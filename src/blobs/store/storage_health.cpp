// The last word about the storage, behind a mutex that is held for moments.
#include "blobs/store/storage_health.hpp"

#include "base/blob_limits.hpp"

namespace lodestone::blobs {

void StorageHealth::note_success() {
    const std::lock_guard lock(mutex_);
    fault_.reset();
}

void StorageHealth::note_failure(std::string sentence) {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(sentence);
    next_probe_ = clock_.steady_now() + limits::storage_probe_pause;
}

std::optional<std::string> StorageHealth::find_fault(const std::function<void()>& probe) {
    std::unique_lock lock(mutex_);
    if (!fault_) return std::nullopt;
    std::optional<std::string> fault = fault_;
    if (clock_.steady_now() < next_probe_) return fault;
    next_probe_ = clock_.steady_now() + limits::storage_probe_pause;
    lock.unlock();
    probe();
    return fault;
}

}  // namespace lodestone::blobs
