// W3C trace context: carries a caller's trace on, or begins one. https://www.w3.org/TR/trace-context/
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"

namespace lodestone::http {

struct TraceContext {
    std::string trace_id;   // 32 hexadecimal digits
    std::string span_id;    // 16: ours
    std::string parent_id;  // 16, or empty: the caller's
    bool is_sampled = false;
};

// The caller's trace_id, parent_id and is_sampled; nullopt for anything but a well-formed header. A version
// later than ours is read as far as ours goes, as the specification asks.
std::optional<TraceContext> parse_traceparent(std::string_view traceparent);

// A new span in the caller's trace, or in a new one where there is none or it is malformed. Of a request with
// several traceparent headers, pass none.
TraceContext continue_trace(std::optional<std::string_view> traceparent, Random& random);

// For a request that we send on behalf of this one: our span is its parent.
std::string render_traceparent(const TraceContext& trace);

}  // namespace lodestone::http
