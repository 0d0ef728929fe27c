// Small stored bytes in memory, for what has to be looked into: configurations of images.
#pragma once

#include <cstdint>
#include <string>

#include "base/task.hpp"
#include "http/server/response.hpp"

namespace lodestone::formats::oci {

// All of what a store opened. Throws Problem(body_too_large) when it is more than that, and
// Problem(unavailable) when it cannot be read.
Task<std::string> read_stored(http::ResponseBody body, std::uint64_t limit_bytes);

}  // namespace lodestone::formats::oci
