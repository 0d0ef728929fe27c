// Bytes in a file that lies in memory alone, so that they are sent without being copied once more.
#pragma once

#include <memory>
#include <string_view>

#include "base/unique_fd.hpp"

namespace lodestone {

// Nobody can change it any more. Null: there is no descriptor, or no memory, for it at the moment.
std::shared_ptr<const UniqueFd> make_memory_file(std::string_view bytes);

}  // namespace lodestone
