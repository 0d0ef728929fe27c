// traceparent = version "-" trace-id "-" parent-id "-" flags, lower-case hexadecimal, at fixed places.
#include "http/message/trace.hpp"

#include <algorithm>

#include "base/hex.hpp"

namespace lodestone::http {

namespace {

constexpr std::size_t trace_id_bytes = 16;
constexpr std::size_t span_id_bytes = 8;
constexpr std::size_t version_0_size = 55;
constexpr int sampled_flag = 1;

bool is_lower_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return hex_value(c) >= 0 && !(c >= 'A' && c <= 'F'); });
}

bool is_zero(std::string_view digits) {
    return digits.find_first_not_of('0') == digits.npos;
}

std::string make_id(std::size_t size_bytes, Random& random) {
    std::string id;
    do id = random.next_hex(size_bytes);
    while (is_zero(id));  // all zeros means "no id"
    return id;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view text) {
    if (text.size() < version_0_size) return std::nullopt;
    const std::string_view version = text.substr(0, 2);
    const std::string_view trace_id = text.substr(3, 32);
    const std::string_view parent_id = text.substr(36, 16);
    const std::string_view flags = text.substr(53, 2);

    if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
    if (!is_lower_hex(version) || version == "ff") return std::nullopt;
    if (text.size() > version_0_size && (version == "00" || text[version_0_size] != '-')) return std::nullopt;
    if (!is_lower_hex(trace_id) || is_zero(trace_id)) return std::nullopt;
    if (!is_lower_hex(parent_id) || is_zero(parent_id)) return std::nullopt;
    if (!is_lower_hex(flags)) return std::nullopt;

    TraceContext trace;
    trace.trace_id = trace_id;
    trace.parent_id = parent_id;
    trace.is_sampled = (hex_value(flags[1]) & sampled_flag) != 0;
    return trace;
}

TraceContext continue_trace(std::optional<std::string_view> traceparent, Random& random) {
    std::optional<TraceContext> received;
    if (traceparent) received = parse_traceparent(*traceparent);
    TraceContext trace = received ? *std::move(received) : TraceContext{};
    if (trace.trace_id.empty()) trace.trace_id = make_id(trace_id_bytes, random);
    do trace.span_id = make_id(span_id_bytes, random);
    while (trace.span_id == trace.parent_id);
    return trace;
}

std::string render_traceparent(const TraceContext& trace) {
    std::string text;
    text.reserve(version_0_size);
    text.append("00-").append(trace.trace_id).append("-").append(trace.span_id);
    text.append(trace.is_sampled ? "-01" : "-00");
    return text;
}

}  // namespace lodestone::http
