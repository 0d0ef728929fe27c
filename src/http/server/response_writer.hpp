// Puts one response on the wire: status line, header fields, framing, and a body of whatever kind.
#pragma once

#include <chrono>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/task.hpp"
#include "http/server/exchange.hpp"
#include "http/wire/stream.hpp"

namespace lodestone::http {

struct WriteOptions {
    Time now;
    Random& random;  // for multipart boundaries
    bool keeps_alive = true;
    bool ends_with_connection = false;  // becomes true, and the above false, when nothing else ends the body
    std::chrono::milliseconds body_grace{0};
    std::size_t body_rate_bytes = 0;
};

// Answers conditional requests and ranges from the response's validators. `sent` is filled as far as things
// went, also when this throws: StreamError, or what the body's source threw.
Task<> write_response(Stream& stream, const Request& request, Response& response, WriteOptions& options,
                      Sent& sent);

}  // namespace lodestone::http
