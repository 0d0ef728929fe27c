// A finished request as a span of its trace, in the words of OpenTelemetry's conventions for HTTP servers.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/
#pragma once

#include <chrono>

#include "base/span.hpp"
#include "http/server/exchange.hpp"

namespace lodestone::app {

// Answered with `status` at `end`, after `took`.
Span make_request_span(const http::Exchange& exchange, int status, Time end,
                       std::chrono::duration<double> took);

}  // namespace lodestone::app
