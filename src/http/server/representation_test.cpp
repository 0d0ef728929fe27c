// Plans: which answer a request gets, with which headers and which bytes.
#include "http/server/representation.hpp"

#include <gtest/gtest.h>

#include "http/message/conditional.hpp"
#include "support/received_headers.hpp"

namespace lodestone::http {
namespace {

using test::make_headers;
using Kind = Plan::Kind;

constexpr std::string_view content = "0123456789abcdefghij";
const Time modified = *parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT");
const Time now = modified + std::chrono::hours(1);

Response make_response() {
    auto response = Response::text(200, std::string(content));
    response.headers.add("Cache-Control", "max-age=60");
    response.headers.add("Vary", "Accept-Encoding");
    response.headers.add("X-Other", "kept");
    response.etag = "\"v1\"";
    response.last_modified = modified;
    return response;
}

Plan plan(const ReceivedHeaders& headers, const Response& response, Method method = Method::get) {
    SeededRandom random(1);
    return plan_representation(method, headers, describe(response, now), random);
}

// What would go over the wire as the body of a GET.
std::string render_body(const Plan& plan, const Response& response) {
    if (plan.kind == Kind::whole) return std::get<std::string>(response.body);
    std::string body;
    for (const auto& part : plan.parts)
        body += part.head + std::string(content.substr(part.range.offset, part.range.size_bytes));
    return body + plan.tail;
}

struct Case {
    std::string_view name;
    std::string_view value;
    Kind on_get;
    Kind on_head;
};

TEST(Plan, KindFollowsTheRequest) {
    const auto response = make_response();
    for (const auto& [name, value, on_get, on_head] : {
             Case{"Accept", "*/*", Kind::whole, Kind::whole},
             Case{"If-None-Match", "\"v1\"", Kind::not_modified, Kind::not_modified},
             Case{"if-none-match", "\"v2\"", Kind::whole, Kind::whole},
             Case{"If-Match", "\"v2\"", Kind::precondition_failed, Kind::precondition_failed},
             Case{"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT", Kind::not_modified,
                  Kind::not_modified},
             Case{"If-Modified-Since", "Fri, 06 Nov 2093 08:49:37 GMT", Kind::whole, Kind::whole},
             Case{"Range", "bytes=0-4", Kind::one_range, Kind::whole},
             Case{"RANGE", "bytes=0-4,10-14", Kind::ranges, Kind::whole},
             Case{"Range", "bytes=20-", Kind::unsatisfiable, Kind::whole},
             Case{"Range", "bytes=5-4", Kind::unsatisfiable, Kind::whole},
             Case{"If-Range", "\"v2\"", Kind::whole, Kind::whole},
         }) {
        const auto headers = make_headers({{name, value}});
        EXPECT_EQ(plan(headers, response).kind, on_get) << name << ": " << value;
        EXPECT_EQ(plan(headers, response, Method::head).kind, on_head) << name << ": " << value;
        EXPECT_EQ(plan(headers, response, Method::post).kind, Kind::whole) << name << ": " << value;
    }
}

TEST(Plan, WholeHasItsLength) {
    auto response = make_response();
    const auto whole = plan(make_headers({}), response);
    EXPECT_EQ(whole.status, 200);
    EXPECT_EQ(whole.length_bytes, content.size());
    EXPECT_TRUE(whole.accepts_ranges);
    apply_plan(whole, response);
    EXPECT_EQ(response.headers.find("Accept-Ranges"), "bytes");
    EXPECT_EQ(std::get<std::string>(response.body), content);
}

TEST(Plan, OneRangeIsPartialContent) {
    auto response = make_response();
    const auto one = plan(make_headers({{"Range", "bytes=5-9"}, {"If-Range", "\"v1\""}}), response);
    EXPECT_EQ(one.length_bytes, 5u);
    EXPECT_EQ(render_body(one, response), "56789");
    apply_plan(one, response);
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(response.headers.find("Content-Range"), "bytes 5-9/20");
    EXPECT_EQ(response.headers.find("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(response.etag, "\"v1\"");
}

TEST(Plan, SeveralRangesAreMultipart) {
    auto response = make_response();
    const auto several = plan(make_headers({{"Range", "bytes=-2,0-4"}}), response);
    const std::string boundary = several.content_type.substr(several.content_type.find('=') + 1);
    EXPECT_EQ(boundary.size(), 32u);
    const std::string expected =
        "--" + boundary +
        "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 18-19/20\r\n\r\nij"
        "\r\n--" +
        boundary +
        "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-4/20\r\n\r\n01234"
        "\r\n--" +
        boundary + "--\r\n";
    EXPECT_EQ(render_body(several, response), expected);
    EXPECT_EQ(several.length_bytes, expected.size());
    apply_plan(several, response);
    EXPECT_EQ(response.status, 206);
    EXPECT_EQ(response.headers.find("Content-Type"), "multipart/byteranges; boundary=" + boundary);
    EXPECT_FALSE(response.headers.has("Content-Range"));
}

TEST(Plan, SeveralRangesOfEncodedBytesGoWhole) {
    auto response = make_response();
    response.headers.add("Content-Encoding", "gzip");
    EXPECT_EQ(plan(make_headers({{"Range", "bytes=0-1,5-6"}}), response).kind, Kind::whole);
    EXPECT_EQ(plan(make_headers({{"Range", "bytes=0-1"}}), response).kind, Kind::one_range);
}

TEST(Plan, NotModifiedKeepsWhatCachesNeed) {
    auto response = make_response();
    for (const auto name : {"Content-Encoding", "Content-Length", "Content-Disposition"})
        response.headers.add(name, "1");
    for (const auto name : {"Content-Location", "Expires", "Date"}) response.headers.add(name, "x");
    const auto not_modified =
        plan(make_headers({{"If-None-Match", "W/\"v1\""}, {"Range", "bytes=0-1"}}), response);
    apply_plan(not_modified, response);
    EXPECT_EQ(response.status, 304);
    EXPECT_EQ(not_modified.length_bytes, 0u);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(response.body));
    for (const auto name : {"Content-Type", "Content-Encoding", "Content-Length", "Content-Disposition"})
        EXPECT_FALSE(response.headers.has(name)) << name;
    for (const auto name : {"Cache-Control", "Vary", "Content-Location", "Expires", "Date", "X-Other"})
        EXPECT_TRUE(response.headers.has(name)) << name;
    EXPECT_EQ(response.etag, "\"v1\"");
    EXPECT_EQ(response.last_modified, modified);
}

TEST(Plan, RefusalsCannotBeCached) {
    for (const auto& [name, value, status] :
         {std::tuple{"If-Match", "\"v2\"", 412}, std::tuple{"Range", "bytes=20-", 416}}) {
        auto response = make_response();
        response.headers.add("Expires", "Fri, 06 Nov 2093 08:49:37 GMT");
        const auto refusal = plan(make_headers({{name, value}}), response);
        apply_plan(refusal, response);
        EXPECT_EQ(response.status, status);
        EXPECT_TRUE(std::holds_alternative<std::monostate>(response.body));
        EXPECT_EQ(response.headers.find("Cache-Control"), "no-store");
        EXPECT_FALSE(response.headers.has("Expires"));
        EXPECT_FALSE(response.headers.has("Content-Type"));
        EXPECT_TRUE(response.headers.has("Vary"));
        EXPECT_EQ(response.etag, "");
        EXPECT_EQ(response.last_modified, std::nullopt);
        EXPECT_EQ(response.headers.has("Content-Range"), status == 416);
    }
    auto response = make_response();
    apply_plan(plan(make_headers({{"Range", "bytes=20-"}}), response), response);
    EXPECT_EQ(response.headers.find("Content-Range"), "bytes */20");
}

TEST(Plan, PreconditionsComeBeforeRanges) {
    const auto response = make_response();
    EXPECT_EQ(plan(make_headers({{"Range", "bytes=99-"}, {"If-None-Match", "\"v1\""}}), response).kind,
              Kind::not_modified);
    EXPECT_EQ(plan(make_headers({{"Range", "bytes=99-"}, {"If-Match", "\"v2\""}}), response).kind,
              Kind::precondition_failed);
    EXPECT_EQ(plan(make_headers({{"Range", "bytes=99-"}, {"If-Range", "\"v2\""}}), response).kind,
              Kind::whole);
    EXPECT_EQ(plan(make_headers({{"Range", "bytes=0-1"}, {"Range", "bytes=2-3"}}), response).kind,
              Kind::whole);
}

TEST(Plan, WithoutValidatorOrSuccessNothingIsDecided) {
    const auto headers = make_headers({{"Range", "bytes=0-1"}, {"If-Match", "\"v2\""}});
    auto unvalidated = make_response();
    unvalidated.etag.clear();
    unvalidated.last_modified.reset();
    EXPECT_EQ(plan(headers, unvalidated).kind, Kind::whole);
    EXPECT_FALSE(plan(headers, unvalidated).accepts_ranges);
    auto missing = make_response();
    missing.status = 404;
    EXPECT_EQ(plan(headers, missing).kind, Kind::whole);
    EXPECT_EQ(plan(headers, missing).status, 404);
}

class Endless final : public BodySource {
  public:
    Task<std::string_view> next() override { co_return std::string_view("x"); }
    std::optional<std::uint64_t> length() const override { return length_bytes; }
    std::optional<std::uint64_t> length_bytes;
};

TEST(Plan, StreamsHaveConditionsButNoRanges) {
    for (const auto length : {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(20)}) {
        auto response = make_response();
        auto source = std::make_unique<Endless>();
        source->length_bytes = length;
        response.body = std::move(source);
        const auto ranged = plan(make_headers({{"Range", "bytes=0-1"}}), response);
        EXPECT_EQ(ranged.kind, Kind::whole);
        EXPECT_EQ(ranged.length_bytes, length);
        EXPECT_FALSE(ranged.accepts_ranges);
        EXPECT_EQ(plan(make_headers({{"If-None-Match", "\"v1\""}}), response).kind, Kind::not_modified);
    }
}

class Elsewhere final : public SeekableSource {
  public:
    std::uint64_t size_bytes() const override { return 6; }
    Task<std::unique_ptr<BodySource>> open(ByteRange /*range*/) override { co_return nullptr; }
};

TEST(Plan, WhatCanBeHadFromAnyOffsetHasRanges) {
    auto response = make_response();
    response.body = std::make_unique<Elsewhere>();
    const Plan ranged = plan(make_headers({{"Range", "bytes=2-3"}}), response);
    EXPECT_EQ(ranged.kind, Kind::one_range);
    EXPECT_EQ(ranged.content_range, "bytes 2-3/6");
}

TEST(BodySize, IsKnownForAllButStreams) {
    EXPECT_EQ(body_size(std::monostate()), 0u);
    EXPECT_EQ(body_size(std::string("abc")), 3u);
    EXPECT_EQ(body_size(SharedBytes{nullptr, "abcd"}), 4u);
    EXPECT_EQ(body_size(FileSlice{nullptr, 7, 5}), 5u);
    EXPECT_EQ(body_size(std::make_unique<Elsewhere>()), 6u);
    EXPECT_EQ(body_size(std::make_unique<Endless>()), std::nullopt);
}

}  // namespace
}  // namespace lodestone::http
