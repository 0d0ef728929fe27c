// Stored bytes, for what has to be looked into, is hashed once more, or is kept in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/task.hpp"
#include "http/server/response.hpp"

namespace lodestone::blobs {

// What a store opened, from its beginning to its end. Throws Problem(unavailable) when it cannot be read.
std::unique_ptr<http::BodySource> stream_stored(http::ResponseBody body);

// All of it. Throws Problem(body_too_large) when it is more than that.
Task<std::string> read_stored(http::ResponseBody body, std::uint64_t limit_bytes);

}  // namespace lodestone::blobs
