// What happens to a request, from its first line to its log line: one function, in the order in which it
// reads.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/task.hpp"
#include "http/message/cors.hpp"
#include "http/server/exchange.hpp"
#include "http/server/router.hpp"
#include "identity/gate/gate.hpp"

namespace lodestone::app {

class SpanQueue;

// What may change while requests are served.
struct ServeLimits {
    std::chrono::milliseconds slow_request{0};         // 0: none is called slow
    std::uint64_t requests_per_second_per_client = 0;  // 0: no such limit
    std::uint64_t request_burst_per_client = 0;
};

struct ServeOptions {
    std::chrono::milliseconds handler_timeout;
    ServeLimits limits;
    http::CorsPolicy cors;
    SpanQueue* spans = nullptr;  // null: no traces are kept
    std::string public_url{};    // empty: what requests' Host says
};

class Door {
  public:
    Door(Context& context, identity::Gate& gate, ServeOptions options,
         std::span<const std::span<const http::Route>> tables);
    ~Door();

    Task<> serve(http::Exchange& exchange);

    void change_limits(const ServeLimits& limits);  // from any thread

    const http::Router& router() const;

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace lodestone::app
