// What a request that we send on behalf of another one says about the trace that both belong to.
#pragma once

#include "http/message/headers.hpp"
#include "http/message/trace.hpp"

namespace lodestone::http {

// traceparent, and the caller's tracestate when it is his trace that goes on.
// https://www.w3.org/TR/trace-context/
void add_trace_headers(const TraceContext& trace, const ReceivedHeaders& received, Headers& sent);

}  // namespace lodestone::http
