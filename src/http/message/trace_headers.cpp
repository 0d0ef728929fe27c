// The state belongs to others and is carried as it came; of a new trace there is none.
#include "http/message/trace_headers.hpp"

namespace lodestone::http {

namespace {

// What everybody has to carry (§3.3.1.5); of a longer one, half would mean something else than the whole.
constexpr std::size_t carried_state_bytes = 512;

}  // namespace

void add_trace_headers(const TraceContext& trace, const ReceivedHeaders& received, Headers& sent) {
    sent.set("traceparent", render_traceparent(trace));
    sent.remove("tracestate");
    if (trace.parent_id.empty()) return;
    const std::string state = received.joined("tracestate");
    if (!state.empty() && state.size() <= carried_state_bytes) sent.set("tracestate", state);
}

}  // namespace lodestone::http
