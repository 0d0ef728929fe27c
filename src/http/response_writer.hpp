// Puts one response on the wire: status line, header fields, framing, and a body of whatever kind.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/exchange.hpp"
#include "http/stream.hpp"

namespace lodestone::http {

struct WriteOptions {
    bool keeps_alive = true;
    std::chrono::milliseconds body_grace{0};
    std::size_t body_rate_bytes = 0;
};

// Answers conditional requests and ranges from the response's validators. `sent` is filled as far as it goes,
// also when this throws StreamError. Afterwards `keeps_alive` may have become false: a body that only the end
// of the connection ends, or one that came up short.
Task<> write_response(Stream& stream, const Request& request, Response& response, WriteOptions& options,
                      Sent& sent);

// Whether this body can be framed without closing for an HTTP/1.0 client, and such: known before the head
// goes out.
std::optional<std::uint64_t> body_length(const ResponseBody& body);

}  // namespace lodestone::http
