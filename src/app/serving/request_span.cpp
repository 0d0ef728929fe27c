// Which of a request's facts go to the collector: the path but never the query, nor keys in the path.
#include "app/serving/request_span.hpp"

#include <string>
#include <string_view>

#include "app/serving/shown_path.hpp"
#include "base/hex.hpp"
#include "base/limits.hpp"
#include "http/message/url.hpp"
#include "http/server/router.hpp"

namespace lodestone::app {

namespace {

// The digits are well-formed: http::continue_trace() read or made them.
template <class Id>
Id read_id(std::string_view digits) {
    Id id{};
    for (std::size_t i = 0; i < id.size() && 2 * i + 1 < digits.size(); ++i)
        id[i] = static_cast<std::uint8_t>(hex_value(digits[2 * i]) << 4 | hex_value(digits[2 * i + 1]));
    return id;
}

void add(Span& span, std::string_view key, std::string_view text) {
    if (!text.empty())
        span.attributes.push_back({std::string(key), std::string(text.substr(0, limits::span_text_bytes))});
}

void add(Span& span, std::string_view key, std::int64_t number) {
    span.attributes.push_back({std::string(key), number});
}

void add_server(Span& span, const http::Peer& peer) {
    const http::AuthorityResult named = http::parse_authority(peer.host);
    if (!named.authority) return;
    add(span, span_attributes::server_address, named.authority->host);
    if (named.authority->port) add(span, span_attributes::server_port, std::int64_t{*named.authority->port});
}

}  // namespace

Span make_request_span(const http::Exchange& exchange, int status, Time end,
                       std::chrono::duration<double> took) {
    const http::Request& request = exchange.request;
    const http::Route* route = request.match.route;
    Span span;
    span.trace_id = read_id<TraceId>(request.trace.trace_id);
    span.span_id = read_id<SpanId>(request.trace.span_id);
    if (!request.trace.parent_id.empty()) span.parent_id = read_id<SpanId>(request.trace.parent_id);
    // Of a refused head not even the method is known.
    const std::string_view method = exchange.refused ? "_OTHER" : http::method_name(request.method);
    span.name = exchange.refused ? "HTTP" : method;
    if (route != nullptr) span.name.append(" ").append(route->pattern);
    span.start = end - std::chrono::duration_cast<Time::duration>(took);
    span.end = end;

    add(span, span_attributes::request_method, method);
    add(span, span_attributes::response_status_code, std::int64_t{status});
    if (route != nullptr) add(span, span_attributes::route, route->pattern);
    add(span, span_attributes::url_scheme, request.peer.is_secure ? "https" : "http");
    const std::optional<std::string> masked = mask_tokens(request.raw_path);
    add(span, span_attributes::url_path, masked ? std::string_view(*masked) : request.raw_path);
    add_server(span, request.peer);
    add(span, span_attributes::client_address, request.peer.address);
    add(span, span_attributes::user_agent, request.header("user-agent").value_or(""));
    if (status >= 500 && !exchange.refused) {
        span.status = SpanStatus::error;
        add(span, span_attributes::error_type, std::to_string(status));
    }
    return span;
}

}  // namespace lodestone::app
