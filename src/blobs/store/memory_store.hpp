// Bytes in memory, for tests of what stands on a store.
#pragma once

#include <memory>

#include "blobs/store/store.hpp"

namespace lodestone::blobs {

std::unique_ptr<Store> make_memory_store();

}  // namespace lodestone::blobs
