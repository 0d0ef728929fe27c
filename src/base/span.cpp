// OTLP's JSON form of an ExportTraceServiceRequest: ids in hexadecimal, 64-bit numbers as strings.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
#include "base/span.hpp"

#include <fmt/format.h>

#include <cmath>

#include "base/hex.hpp"
#include "base/json_text.hpp"

namespace lodestone {
namespace {

struct AppendValue {
    std::string& out;

    void operator()(std::string_view text) const {
        out += R"({"stringValue":)";
        append_json_string(out, text);
        out += '}';
    }
    void operator()(std::int64_t number) const { out += fmt::format(R"({{"intValue":"{}"}})", number); }
    void operator()(double number) const {
        // protobuf's JSON writes the numbers that JSON has no word for as strings.
        if (std::isfinite(number)) {
            out += fmt::format(R"({{"doubleValue":{}}})", number);
        } else if (std::isnan(number)) {
            out += R"({"doubleValue":"NaN"})";
        } else {
            out += fmt::format(R"({{"doubleValue":"{}Infinity"}})", number < 0 ? "-" : "");
        }
    }
    void operator()(bool flag) const { out += fmt::format(R"({{"boolValue":{}}})", flag); }
};

void append_attribute(std::string& out, const SpanAttribute& attribute) {
    out += R"({"key":)";
    append_json_string(out, attribute.key);
    out += R"(,"value":)";
    std::visit(AppendValue{out}, attribute.value);
    out += '}';
}

void append_attributes(std::string& out, std::span<const SpanAttribute> attributes) {
    out += '[';
    for (const SpanAttribute& attribute : attributes) {
        if (&attribute != attributes.data()) out += ',';
        append_attribute(out, attribute);
    }
    out += ']';
}

std::int64_t to_nanos(Time time) {
    return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

void append_span(std::string& out, const Span& span) {
    out += fmt::format(R"({{"traceId":"{}","spanId":"{}",)", to_hex(span.trace_id), to_hex(span.span_id));
    if (span.parent_id) out += fmt::format(R"("parentSpanId":"{}",)", to_hex(*span.parent_id));
    out += R"("name":)";
    append_json_string(out, span.name);
    out += fmt::format(R"(,"kind":{},"startTimeUnixNano":"{}","endTimeUnixNano":"{}","attributes":)",
                       static_cast<int>(span.kind), to_nanos(span.start), to_nanos(span.end));
    append_attributes(out, span.attributes);
    out += R"(,"status":{)";
    if (span.status != SpanStatus::unset) out += fmt::format(R"("code":{})", static_cast<int>(span.status));
    out += "}}";
}

}  // namespace

std::string render_otlp_json(std::span<const Span> spans, std::string_view service_name,
                             std::string_view version) {
    const SpanAttribute resource[] = {{"service.name", std::string(service_name)},
                                      {"service.version", std::string(version)}};
    std::string out = R"({"resourceSpans":[{"resource":{"attributes":)";
    append_attributes(out, resource);
    out += R"(},"scopeSpans":[{"scope":{"name":"lodestone","version":)";
    append_json_string(out, version);
    out += R"(},"spans":[)";
    for (const Span& span : spans) {
        if (&span != spans.data()) out += ',';
        append_span(out, span);
    }
    out += "]}]}]}";
    return out;
}

}  // namespace lodestone
