// One timed piece of work of a trace, and many of them as the OTLP/HTTP JSON body that a collector takes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"

namespace lodestone {

using TraceId = std::array<std::uint8_t, 16>;
using SpanId = std::array<std::uint8_t, 8>;

// The numbers are OTLP's.
enum class SpanKind : std::uint8_t { internal = 1, server = 2, client = 3 };
enum class SpanStatus : std::uint8_t { unset = 0, ok = 1, error = 2 };

// The stable names of OpenTelemetry's semantic conventions for HTTP.
namespace span_attributes {
inline constexpr std::string_view request_method = "http.request.method";
inline constexpr std::string_view response_status_code = "http.response.status_code";
inline constexpr std::string_view route = "http.route";
inline constexpr std::string_view url_scheme = "url.scheme";
inline constexpr std::string_view url_path = "url.path";
inline constexpr std::string_view server_address = "server.address";
inline constexpr std::string_view server_port = "server.port";
inline constexpr std::string_view client_address = "client.address";
inline constexpr std::string_view network_protocol_version = "network.protocol.version";
inline constexpr std::string_view user_agent = "user_agent.original";
inline constexpr std::string_view error_type = "error.type";
}  // namespace span_attributes

struct SpanAttribute {
    std::string key;
    std::variant<std::string, std::int64_t, double, bool> value;
};

struct Span {
    TraceId trace_id{};
    SpanId span_id{};
    std::optional<SpanId> parent_id;
    std::string name;  // "GET /npm/{tenant}/{repository}/*": the route, never the path
    SpanKind kind = SpanKind::server;
    Time start;
    Time end;
    // For a server an error is its own fault only: 5xx, never 4xx.
    SpanStatus status = SpanStatus::unset;
    std::vector<SpanAttribute> attributes;
};

std::string render_otlp_json(std::span<const Span> spans, std::string_view service_name,
                             std::string_view version);

}  // namespace lodestone
