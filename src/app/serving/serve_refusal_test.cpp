// What becomes of errors: refusals in our words or the protocol's own, and failures whose reason only the log
// learns.
#include <gtest/gtest.h>

#include <sys/socket.h>

#include "app/serving/serve.hpp"
#include "base/problem.hpp"
#include "http/server/problem_response.hpp"
#include "http/wire/stream_error.hpp"
#include "support/test_app.hpp"

namespace lodestone::app {
namespace {

using test::Answer;
using test::AppOptions;
using test::RawClient;
using test::TestApp;

constexpr std::string_view inner_secret = "password=hunter2 at 10.0.0.7";

Task<http::Response> refuse(Context&, http::Request&) {
    throw Problem(problems::conflict, "There is a \"thing\" of this name\nalready.")
        .with_internal(std::string(inner_secret))
        .with_header("Retry-After", "7");
    co_return http::Response::empty();
}

Task<http::Response> fail(Context&, http::Request&) {
    throw std::runtime_error(std::string(inner_secret));
    co_return http::Response::empty();
}

Task<http::Response> count_body(Context&, http::Request& request) {
    const std::string body = co_await http::read_all(*request.body, limits::mib);
    co_return http::Response::text(200, std::to_string(body.size()));
}

// As a protocol of its own would word it.
http::Response render_own(const Problem& problem, const http::Request&) {
    return http::Response::text(problem.status(), "own words: " + std::string(problem.kind().code),
                                "text/x-own");
}

// Gives a little and then breaks, or gives less than it promised.
class BrokenSource final : public http::BodySource {
  public:
    explicit BrokenSource(std::optional<std::uint64_t> length) : length_(length) {}
    Task<std::string_view> next() override {
        if (++calls_ == 1) co_return "some";
        if (!length_) throw Problem(problems::bad_upstream, "The source broke.");
        co_return std::string_view();
    }
    std::optional<std::uint64_t> length() const override { return length_; }

  private:
    std::optional<std::uint64_t> length_;
    int calls_ = 0;
};

Task<http::Response> break_off(Context&, http::Request&) {
    http::Response response;
    response.body = std::make_unique<BrokenSource>(std::nullopt);
    co_return response;
}

Task<http::Response> fall_short(Context&, http::Request&) {
    http::Response response;
    response.body = std::make_unique<BrokenSource>(100);
    co_return response;
}

Task<http::Response> show_version(Context&, http::Request&) {
    http::Response response = http::Response::text(200, "what there is");
    response.etag = "\"v1\"";
    co_return response;
}

constexpr http::RouteOptions own{.body_limit_bytes = 4, .render_problem = render_own};
constexpr http::Route routes[] = {
    {http::Method::get, "/refuse", http::Access::open, refuse},
    {http::Method::get, "/fail", http::Access::open, fail},
    {http::Method::post, "/count", http::Access::open, count_body},
    {http::Method::get, "/own/refuse", http::Access::open, refuse, own},
    {http::Method::get, "/own/fail", http::Access::open, fail, own},
    {http::Method::post, "/own/count", http::Access::open, count_body, own},
    {http::Method::get, "/own/guarded", http::Access::operators, refuse, own},
    {http::Method::get, "/version", http::Access::open, show_version},
    {http::Method::get, "/own/version", http::Access::open, show_version, own},
    {http::Method::get, "/break-off", http::Access::open, break_off},
    {http::Method::get, "/fall-short", http::Access::open, fall_short},
};

TEST(ServeRefusal, IsAProblemDocument) {
    TestApp app(routes);
    const Answer answer = app.ask("GET /refuse", "X-Request-Id: my-id\r\n");
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_EQ(answer.header("cache-control"), "no-store");
    EXPECT_EQ(answer.header("retry-after"), "7");
    const boost::json::object problem = boost::json::parse(answer.body).as_object();
    const boost::json::object expected{{"type", "urn:lodestone:problem:conflict"},
                                       {"title", "Conflict"},
                                       {"status", 409},
                                       {"code", "conflict"},
                                       {"detail", "There is a \"thing\" of this name\nalready."},
                                       {"request_id", "my-id"}};
    EXPECT_EQ(problem, expected);
    const auto lines = app.finish("refused");
    ASSERT_EQ(lines.size(), 1u) << "what only the log may see is there";
    EXPECT_EQ(lines[0].at("id"), "my-id");
    EXPECT_EQ(lines[0].at("code"), "conflict");
    EXPECT_EQ(lines[0].at("why").as_string(), inner_secret);
}

// The handler was content; what the answer's validators say of the request is a refusal all the same.
TEST(ServeRefusal, IsAProblemDocumentWhereConditionsFail) {
    TestApp app(routes);
    for (const auto& [field, status, code] :
         {std::tuple{"If-Match: \"v2\"\r\n", 412, "precondition-failed"},
          std::tuple{"Range: bytes=20-\r\n", 416, "range-not-satisfiable"}}) {
        const Answer answer = app.ask("GET /version", std::string("X-Request-Id: my-id\r\n") + field);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.header("content-type"), "application/problem+json");
        EXPECT_EQ(answer.header("cache-control"), "no-store");
        EXPECT_EQ(answer.header("etag"), "");
        const boost::json::object problem = boost::json::parse(answer.body).as_object();
        EXPECT_EQ(problem.at("code"), code);
        EXPECT_EQ(problem.at("status"), status);
        EXPECT_EQ(problem.at("request_id"), "my-id");
    }
}

TEST(ServeRefusal, UsesTheRoutesOwnWords) {
    TestApp app(routes);
    struct {
        const char* line;
        const char* headers;
        int status;
        const char* body;
    } const rows[] = {
        {"GET /own/refuse", "", 409, "own words: conflict"},
        {"GET /own/fail", "", 500, "own words: internal-error"},
        {"GET /own/guarded", "", 401, "own words: unauthenticated"},
        {"POST /own/count", "Content-Length: 5\r\n", 413, "own words: body-too-large"},
        {"GET /own/version", "If-Match: \"v2\"\r\n", 412, "own words: precondition-failed"},
        {"GET /own/version", "Range: bytes=20-\r\n", 416, "own words: range-not-satisfiable"},
    };
    for (const auto& row : rows) {
        const Answer answer = app.ask(row.line, row.headers);
        EXPECT_EQ(answer.status, row.status) << row.line;
        EXPECT_EQ(answer.body, row.body) << row.line;
        EXPECT_EQ(answer.header("content-type"), "text/x-own") << row.line;
        EXPECT_FALSE(answer.header("x-request-id").empty()) << row.line;
    }
    EXPECT_EQ(app.ask("PUT /own/refuse").header("content-type"), "application/problem+json")
        << "no route, no words of its own";
}

TEST(ServeRefusal, KeepsWhyItFailedForTheLog) {
    TestApp app(routes);
    const Answer answer = app.ask("GET /fail", "X-Request-Id: my-id\r\n");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.header("x-request-id"), "my-id");
    EXPECT_EQ((answer.head + answer.body).find("hunter2"), std::string::npos) << answer.body;
    EXPECT_NE(answer.body.find("\"code\":\"internal-error\""), std::string::npos);
    EXPECT_NE(answer.body.find("my-id"), std::string::npos) << "the operator can be told where to look";

    const auto lines = app.finish();
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].at("level"), "error");
    EXPECT_EQ(lines[0].at("event"), "handler failed");
    EXPECT_EQ(lines[0].at("id"), "my-id");
    EXPECT_EQ(lines[0].at("error").as_string(), inner_secret);
    EXPECT_EQ(lines[1].at("event"), "request");
    EXPECT_EQ(lines[1].at("level"), "warn");
    EXPECT_EQ(lines[1].at("status"), 500);
}

TEST(ServeRefusal, KeepsTheConnectionAfterIt) {
    TestApp app(routes);
    RawClient client = app.connect();
    for (const char* line : {"GET /refuse", "GET /fail", "GET /nowhere", "DELETE /refuse"})
        EXPECT_GE(client.exchange(TestApp::render(line)).status, 400) << line;
    EXPECT_EQ(client.exchange(TestApp::render("POST /count", "Content-Length: 3\r\n", "abc")).body, "3");
}

TEST(ServeRefusal, TellsASlowBodyFromOneThatBrokeOff) {
    AppOptions options;
    options.server.body_grace = std::chrono::milliseconds(50);
    options.server.body_rate_bytes = 1'000'000;
    TestApp app(routes, std::move(options));
    const Answer slow = app.ask("POST /count", "Content-Length: 100\r\n", "few");
    EXPECT_EQ(slow.status, 408);
    EXPECT_EQ(slow.header("connection"), "close");

    RawClient half = app.connect();
    half.send(TestApp::render("POST /count", "Content-Length: 100\r\n", "few"));
    half.shutdown_write();
    const Answer broken = half.read_answer();
    EXPECT_EQ(broken.status, 400);
    EXPECT_EQ(broken.header("connection"), "close");
    EXPECT_NE(broken.body.find("in the middle of the request's body"), std::string::npos) << broken.body;

    const Answer malformed = app.ask("POST /count", "Transfer-Encoding: chunked\r\n", "zz\r\n");
    EXPECT_EQ(malformed.status, 400);
    EXPECT_EQ(malformed.header("connection"), "close");
}

// The head said 200 before it broke: the connection ends early, and our own books tell the truth.
TEST(ServeRefusal, CountsABrokenSourceAsOurFailure) {
    TestApp app(routes);
    EXPECT_FALSE(app.ask("GET /break-off").is_whole);
    EXPECT_FALSE(app.ask("GET /fall-short").is_whole);
    const auto lines = app.finish("request");
    ASSERT_EQ(lines.size(), 2u);
    for (const auto& line : lines) {
        EXPECT_EQ(line.at("status"), 500);
        EXPECT_EQ(line.at("level"), "warn");
        EXPECT_EQ(line.at("out"), 4) << "what did go out";
    }
    EXPECT_EQ(lines[0].at("fault"), "The source broke.");
    EXPECT_EQ(lines[1].at("fault"), "the body's source gave less than it promised");
    EXPECT_EQ(app.metric("lodestone_http_requests_total{method=\"GET\",route=\"/break-off\",status=\"5xx\"}"),
              1);
}

// Refused heads never had a route, so they are worded by us, and never guess an id from what was not read.
TEST(ServeRefusal, AnswersHeadsThatCannotBeRead) {
    TestApp app(routes);
    struct {
        std::string bytes;
        int status;
    } const rows[] = {
        {"GET /refuse HTTP/1.1\r\n\r\n", 400},
        {"GET /refuse HTTP/1.1\nHost: a\n\n", 400},
        {"GET /refuse HTTP/3.0\r\nHost: a\r\n\r\n", 505},
        {"BREW /refuse HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"GET /" + std::string(limits::target_bytes, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {"GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(limits::head_bytes, 'a') + "\r\n\r\n", 431},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n", 417},
    };
    for (const auto& row : rows) {
        const Answer answer = app.connect().exchange(row.bytes);
        EXPECT_EQ(answer.status, row.status) << row.bytes.substr(0, 60);
        EXPECT_EQ(answer.header("content-type"), "application/problem+json");
        EXPECT_EQ(answer.header("connection"), "close");
        EXPECT_EQ(answer.header("x-request-id").size(), 32u);
    }
    const auto lines = app.finish("request");
    ASSERT_EQ(lines.size(), std::size(rows));
    for (std::size_t i = 0; i < lines.size(); ++i) {
        EXPECT_EQ(lines[i].at("status"), rows[i].status);
        EXPECT_EQ(lines[i].at("method"), "-");
        EXPECT_EQ(lines[i].at("route"), "(none)");
        EXPECT_EQ(lines[i].at("peer"), "127.0.0.1");
    }
    EXPECT_EQ(app.metric("lodestone_http_requests_total{method=\"any\",route=\"(none)\",status=\"4xx\"}"), 5);
    EXPECT_EQ(app.metric("lodestone_http_requests_total{method=\"any\",route=\"(none)\",status=\"5xx\"}"), 2);
}

}  // namespace
}  // namespace lodestone::app
