// The choice between text and file.
#include "base/kept_bytes.hpp"

#include <utility>

#include "base/limits.hpp"
#include "base/memory_file.hpp"

namespace lodestone {

KeptBytes::KeptBytes(std::string bytes) : size_bytes_(bytes.size()) {
    if (bytes.size() >= limits::memory_file_bytes) file_ = make_memory_file(bytes);
    if (!file_) text_ = std::move(bytes);
}

}  // namespace lodestone
