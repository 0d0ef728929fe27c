// The OTLP body: whole, value by value, and valid JSON whatever a client sent.
#include "base/span.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <limits>

namespace lodestone {
namespace {

namespace json = boost::json;

constexpr Time start{std::chrono::seconds{1'800'000'000}};

Span make_span() {
    Span span;
    span.trace_id = {0x4b, 0xf9, 0x2f, 0x35, 0x77, 0xb3, 0x4d, 0xa6,
                     0xa3, 0xce, 0x92, 0x9d, 0x0e, 0x0e, 0x47, 0x36};
    span.span_id = {0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7};
    span.name = "GET /health";
    span.start = start;
    span.end = start + std::chrono::microseconds{83};
    return span;
}

// Parsed, and down to the list of spans.
json::array parse_spans(std::string_view text) {
    const json::value body = json::parse(text);
    return body.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").as_array();
}

TEST(Span, RendersTheWholeBody) {
    Span child = make_span();
    child.parent_id = SpanId{1, 2, 3, 4, 5, 6, 7, 8};
    child.kind = SpanKind::client;
    child.status = SpanStatus::error;
    child.attributes = {{std::string(span_attributes::request_method), "GET"},
                        {std::string(span_attributes::response_status_code), 502}};
    const Span spans[] = {make_span(), child};
    EXPECT_EQ(
        render_otlp_json(spans, "registry", "1.2.3"),
        R"({"resourceSpans":[{"resource":{"attributes":[)"
        R"({"key":"service.name","value":{"stringValue":"registry"}},)"
        R"({"key":"service.version","value":{"stringValue":"1.2.3"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"lodestone","version":"1.2.3"},"spans":[)"
        R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",)"
        R"("name":"GET /health","kind":2,"startTimeUnixNano":"1800000000000000000",)"
        R"("endTimeUnixNano":"1800000000000083000","attributes":[],"status":{}},)"
        R"({"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"00f067aa0ba902b7",)"
        R"("parentSpanId":"0102030405060708",)"
        R"("name":"GET /health","kind":3,"startTimeUnixNano":"1800000000000000000",)"
        R"("endTimeUnixNano":"1800000000000083000","attributes":[)"
        R"({"key":"http.request.method","value":{"stringValue":"GET"}},)"
        R"({"key":"http.response.status_code","value":{"intValue":"502"}}],"status":{"code":2}}]}]}]})");
}

TEST(Span, RendersEveryKindOfValue) {
    const double infinity = std::numeric_limits<double>::infinity();
    const struct {
        SpanAttribute attribute;
        std::string_view value;
    } cases[] = {
        {{"k", "text"}, R"({"stringValue":"text"})"},
        {{"k", std::numeric_limits<std::int64_t>::min()}, R"({"intValue":"-9223372036854775808"})"},
        {{"k", 0.25}, R"({"doubleValue":0.25})"},
        {{"k", 1e300}, R"({"doubleValue":1e+300})"},
        {{"k", infinity}, R"({"doubleValue":"Infinity"})"},
        {{"k", -infinity}, R"({"doubleValue":"-Infinity"})"},
        {{"k", std::numeric_limits<double>::quiet_NaN()}, R"({"doubleValue":"NaN"})"},
        {{"k", true}, R"({"boolValue":true})"},
    };
    for (const auto& c : cases) {
        Span span = make_span();
        span.attributes = {c.attribute};
        const std::string body = render_otlp_json({&span, 1}, "s", "v");
        const std::string expected = R"("attributes":[{"key":"k","value":)" + std::string(c.value) + "}]";
        EXPECT_NE(body.find(expected), std::string::npos) << body;
    }
}

TEST(Span, StaysValidJsonWhateverAClientSent) {
    Span span = make_span();
    span.name = "GET /\"},{\"\xFF\n";
    span.attributes = {{std::string(span_attributes::user_agent), "\x1b[31m\",\"x\":\"\\"}};
    const json::array spans = parse_spans(render_otlp_json({&span, 1}, "a\"b", "\n"));
    ASSERT_EQ(spans.size(), 1u);
    EXPECT_EQ(spans[0].at("name").as_string(), "GET /\"},{\"\uFFFD\n");
    EXPECT_EQ(spans[0].at("attributes").at(0).at("value").at("stringValue").as_string(),
              "\x1b[31m\",\"x\":\"\\");
}

TEST(Span, NoSpansAreAnEmptyList) {
    EXPECT_TRUE(parse_spans(render_otlp_json({}, "s", "v")).empty());
}

}  // namespace
}  // namespace lodestone
