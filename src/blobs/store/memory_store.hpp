// Bytes in memory, for tests of what stands on a store.
#pragma once

#include <memory>

#include "blobs/store/store.hpp"

namespace lodestone::blobs {

// `clock`, of which it takes the times of what it is given, outlives it; null: the system's.
std::unique_ptr<Store> make_memory_store(const Clock* clock = nullptr);

}  // namespace lodestone::blobs
