// One request and its answer on a connection, as the server hands it to serve(): the request or the reason
// why it could not be read, and the one way to answer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/problem.hpp"
#include "base/task.hpp"
#include "http/server/request.hpp"
#include "http/server/response.hpp"

namespace lodestone::http {

struct Sent {
    int status = 0;                // as it went out: 200 may have become 206, 304 or 416
    std::uint64_t body_bytes = 0;  // really sent
    bool is_complete = false;      // false: the client went away or was too slow, or the body's source failed
    bool is_source_broken = false;  // it was the source
    std::string fault;              // why it is not complete
};

class Exchange {
  public:
    virtual ~Exchange() = default;

    Request request;
    // Set when the head was refused; then `request` holds only what was understood before, and its peer.
    std::optional<Problem> refused;

    // Limits on the body, set from the route before the handler runs. Throws Problem(body_too_large) or
    // Problem(length_required) when the head alone already breaks them.
    virtual void limit_body(std::uint64_t limit_bytes, bool needs_length) = 0;
    // Sends the answer, once; what goes wrong then is in the result, for there is nobody left to tell.
    // Handles HEAD, conditional requests, ranges, framing, and whether to keep the connection.
    virtual Task<Sent> send(Response response) = 0;
    virtual std::uint64_t received_body_bytes() const = 0;
};

using Serve = std::function<Task<>(Exchange&)>;

}  // namespace lodestone::http
