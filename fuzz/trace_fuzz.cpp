// Fuzzes trace context and request ids: whatever comes, what goes on is well-formed.
#include "http/message/trace.hpp"

#include <cstdint>

#include "base/ensure.hpp"
#include "base/limits.hpp"
#include "http/message/request_id.hpp"

using namespace lodestone;
using namespace lodestone::http;

namespace {

// Without the parser's own words, so that it cannot agree with itself.
bool is_id(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos &&
           text.find_first_not_of('0') != text.npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    SeededRandom random(size);
    const auto received = parse_traceparent(text);
    const TraceContext trace = continue_trace(text, random);
    ensure(is_id(trace.trace_id, 32) && is_id(trace.span_id, 16), "ids are hexadecimal and not zero");
    ensure(trace.parent_id.empty() || is_id(trace.parent_id, 16), "so is the caller's");
    const auto next = parse_traceparent(render_traceparent(trace));
    ensure(next.has_value(), "what we send is well-formed");
    ensure(next->trace_id == trace.trace_id && next->parent_id == trace.span_id,
           "the next hop sees our span");
    ensure(next->is_sampled == trace.is_sampled, "sampling is carried on");
    if (received) {
        ensure(trace.trace_id == received->trace_id && text.substr(3, 32) == trace.trace_id,
               "the trace goes on");
        ensure(trace.parent_id == text.substr(36, 16), "the caller's span is the parent");
    } else {
        ensure(trace.parent_id.empty() && !trace.is_sampled, "a new trace has no parent");
    }

    const std::string id = make_request_id(text, random);
    ensure(is_request_id(id) && id.size() <= limits::request_id_bytes, "a request id is harmless");
    ensure(id == text || !is_request_id(text), "a harmless one is kept");
    return 0;
}
