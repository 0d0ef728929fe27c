// One request and the head of its answer on one connection: what is left of HTTP/1.1 once the address is
// known and the connection stands.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "http/client/client_connection.hpp"
#include "http/message/headers.hpp"
#include "http/message/response_head.hpp"
#include "http/message/url.hpp"
#include "http/wire/body.hpp"

namespace lodestone::http {

// Nothing, bytes that can be sent again, or a stream that can be read once and must outlive the exchange.
using OutgoingBody = std::variant<std::monostate, std::string, BodySource*>;

struct OutgoingRequest {
    Method method = Method::get;
    const Url& url;
    const Headers& headers;  // those that frame the message or belong to the connection are left out
    const OutgoingBody& body;
    std::string_view user_agent;
};

struct ExchangeTimes {
    SteadyTime deadline;
    std::chrono::milliseconds head_timeout;
    std::chrono::milliseconds stall_timeout;
};

struct IncomingHead {
    std::unique_ptr<const std::string> bytes;  // what `head` points into
    ResponseHead head;
    // When there is none: either the stream failed or the answer was malformed.
    StreamFault fault;
    std::string_view refusal;   // to follow "the answer …"
    bool has_answered = false;  // some of an answer arrived
};

std::string render_request_head(const OutgoingRequest& request);

// Sends all and reads up to the end of the final head. An answer that comes while the peer refuses our body
// counts. Throws only what the body's source throws.
Task<IncomingHead> exchange(ClientConnection& connection, const OutgoingRequest& request,
                            const ExchangeTimes& times);

}  // namespace lodestone::http
