// What serve() leaves behind: request ids and traces, one log line per request, and the metrics of each
// route.
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <boost/json/serialize.hpp>
#include <set>

#include "app/serving/serve.hpp"
#include "app/serving/shown_path.hpp"
#include "base/limits.hpp"
#include "identity/secrets/token_text.hpp"
#include "support/test_app.hpp"

namespace lodestone::app {
namespace {

using test::Answer;
using test::AppOptions;
using test::RawClient;
using test::TestApp;

std::string in_flight_text(Context& context) {
    return std::to_string(
        context.metrics.gauge("lodestone_http_requests_in_flight", "Requests being answered now.").value());
}

Task<http::Response> show_in_flight(Context& context, http::Request&) {
    co_return http::Response::text(200, in_flight_text(context));
}

Task<http::Response> take_body(Context&, http::Request& request) {
    const std::string body = co_await http::read_all(*request.body, limits::mib);
    co_return http::Response::text(201, "got " + std::to_string(body.size()));
}

Task<http::Response> dawdle(Context& context, http::Request& request) {
    dynamic_cast<FakeClock&>(context.clock)
        .advance(std::chrono::milliseconds(std::stoi(request.parameter("ms"))));
    co_return http::Response::text(200, "at last");
}

Task<http::Response> ponder(Context& context, http::Request& request) {
    dynamic_cast<FakeClock&>(context.clock)
        .advance(std::chrono::microseconds(std::stoi(request.parameter("us"))));
    co_return http::Response::text(200, "hm");
}

Task<http::Response> show_deadline(Context& context, http::Request& request) {
    const auto left = request.deadline - context.clock.steady_now();
    co_return http::Response::text(
        200, std::to_string(std::chrono::duration_cast<std::chrono::seconds>(left).count()));
}

// More than any socket buffer holds.
Task<http::Response> send_much(Context&, http::Request&) {
    co_return http::Response::text(200, std::string(64 * limits::mib, 'x'));
}

constexpr http::Route routes[] = {
    {http::Method::get, "/in-flight", http::Access::open, show_in_flight},
    {http::Method::put, "/items/{name}", http::Access::open, take_body},
    {http::Method::get, "/dawdle/{ms}", http::Access::open, dawdle},
    {http::Method::get, "/ponder/{us}", http::Access::open, ponder},
    {http::Method::get, "/deadline", http::Access::open, show_deadline},
    {http::Method::get, "/much", http::Access::open, send_much},
};

std::string series(const std::string& method, const std::string& route, const std::string& status) {
    return "lodestone_http_requests_total{method=\"" + method + "\",route=\"" + route + "\",status=\"" +
           status + "\"}";
}

TEST(ServeRecord, KeepsAHarmlessRequestIdAndReplacesOthers) {
    TestApp app(routes);
    const std::string longest(limits::request_id_bytes, 'a');
    for (const std::string& id : {std::string("a"), std::string("Build-7_x.y"), longest})
        EXPECT_EQ(app.ask("GET /in-flight", "X-Request-Id: " + id + "\r\n").header("x-request-id"), id);
    std::set<std::string> made;
    for (const std::string& header :
         {std::string(), std::string("X-Request-Id: \r\n"), "X-Request-Id: a" + longest + "\r\n",
          std::string("X-Request-Id: a b\r\n"), std::string("X-Request-Id: a\"b\r\n")}) {
        const std::string id = app.ask("GET /in-flight", header).header("x-request-id");
        EXPECT_EQ(id.size(), 32u) << header;
        EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos) << id;
        EXPECT_TRUE(made.insert(id).second) << "each is new";
    }
}

TEST(ServeRecord, CarriesTheCallersTraceIntoTheLog) {
    TestApp app(routes);
    const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const std::string header = "traceparent: 00-" + trace + "-00f067aa0ba902b7-01\r\n";
    const std::string other = "traceparent: 00-" + std::string(32, 'a') + "-00f067aa0ba902b7-01\r\n";
    app.ask("GET /in-flight", header);
    app.ask("GET /in-flight");
    app.ask("GET /in-flight", "traceparent: 00-xyz\r\n");
    app.ask("GET /in-flight", header + other);
    const auto lines = app.finish("request");
    ASSERT_EQ(lines.size(), 4u);
    EXPECT_EQ(lines[0].at("trace").as_string(), trace);
    std::set<std::string_view> made;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::string_view id = lines[i].at("trace").as_string();
        EXPECT_EQ(id.size(), 32u) << i;
        EXPECT_NE(id, trace) << i;
        EXPECT_NE(id, std::string(32, 'a')) << i;
        EXPECT_TRUE(made.insert(id).second) << i;
    }
}

TEST(ServeRecord, WritesOneLinePerRequestWithTheSameFields) {
    TestApp app(routes);
    app.ask("PUT /items/a%20b?token=s3cret",
            "X-Request-Id: my-id\r\nUser-Agent: tester/1 \"x\"\r\nContent-Length: 5\r\n", "01234");
    app.ask("GET /nowhere?token=s3cret");
    const auto lines = app.finish();
    ASSERT_EQ(lines.size(), 2u);
    const boost::json::array names{"time",  "level",  "event", "id",  "trace", "method", "path",
                                   "route", "status", "in",    "out", "ms",    "peer",   "agent"};
    const boost::json::array without_agent(names.begin(), names.end() - 1);
    for (const auto& line : lines) {
        boost::json::array found;
        for (const auto& field : line) found.emplace_back(field.key());
        const bool has_agent = &line == &lines[0];
        EXPECT_EQ(found, has_agent ? names : without_agent);
        EXPECT_EQ(boost::json::serialize(line).find("s3cret"), std::string::npos)
            << "queries can hold secrets";
    }
    const auto& first = lines[0];
    EXPECT_EQ(first.at("level"), "info");
    EXPECT_EQ(first.at("event"), "request");
    EXPECT_EQ(first.at("id"), "my-id");
    EXPECT_EQ(first.at("method"), "PUT");
    EXPECT_EQ(first.at("path"), "/items/a%20b");
    EXPECT_EQ(first.at("route"), "/items/{name}");
    EXPECT_EQ(first.at("status"), 201);
    EXPECT_EQ(first.at("in"), 5);
    EXPECT_EQ(first.at("out"), 5);
    EXPECT_EQ(first.at("ms").to_number<double>(), 0);
    EXPECT_EQ(first.at("peer"), "127.0.0.1");
    EXPECT_EQ(first.at("agent"), "tester/1 \"x\"");
    EXPECT_EQ(lines[1].at("route"), "(none)");
    EXPECT_EQ(lines[1].at("status"), 404);
    EXPECT_EQ(lines[1].at("path"), "/nowhere");
}

// Whatever becomes of the request, and however the key is written.
TEST(ServeRecord, WritesNoKeysThatStandInPaths) {
    SeededRandom random(7);
    const identity::TokenText token = identity::make_token(identity::TokenKind::personal_key, random);
    const std::string text = identity::render_token(token), alias = identity::render_hf_alias(token);
    EXPECT_EQ(mask_tokens("/items/" + text.substr(1)), std::nullopt);
    EXPECT_EQ(mask_tokens("/" + text + "/a%zz" + text), "/***/a%zz" + text) << "which is no key";
    TestApp app(routes);
    const std::string escaped = "%6C" + text.substr(1);
    for (const std::string& path :
         {"/items/" + text, "/a/" + alias + "/b", "/items/" + escaped, "/items/x%2f" + text})
        for (const char* method : {"GET ", "PUT ", "DELETE "}) app.ask(method + path);
    const auto lines = app.finish("request");
    ASSERT_EQ(lines.size(), 12u);
    for (const auto& line : lines) {
        EXPECT_EQ(boost::json::serialize(line).find(token.secret), std::string::npos);
        EXPECT_NE(std::string_view(line.at("path").as_string()).find("***"), std::string_view::npos);
    }
}

TEST(ServeRecord, PointsOutSlowRequests) {
    TestApp app(routes);
    for (const char* line : {"GET /dawdle/999", "GET /dawdle/1000"}) EXPECT_EQ(app.ask(line).status, 200);
    const auto lines = app.finish();
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_EQ(lines[0].at("event"), "request") << "still quick enough";
    EXPECT_EQ(lines[0].at("level"), "info");
    EXPECT_EQ(lines[1].at("event"), "slow request");
    EXPECT_EQ(lines[1].at("level"), "warn");
    EXPECT_EQ(lines[1].at("ms").to_number<double>(), 1000);
    EXPECT_EQ(lines[1].at("route"), "/dawdle/{ms}");
}

TEST(ServeRecord, GivesMillisecondsWithThreeDecimalsAtMost) {
    TestApp app(routes);
    // Whole microseconds: what the binary fraction of a second adds to them is noise.
    const std::vector<std::pair<const char*, double>> cases{{"GET /ponder/46", 0.046},
                                                            {"GET /ponder/57", 0.057},
                                                            {"GET /ponder/1009", 1.009},
                                                            {"GET /ponder/9", 0.009}};
    for (const auto& [line, ms] : cases) app.ask(line);
    const auto lines = app.finish();
    ASSERT_EQ(lines.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i)
        EXPECT_EQ(lines[i].at("ms").to_number<double>(), cases[i].second) << cases[i].first;
}

TEST(ServeRecord, CallsNothingSlowWhereThatIsOff) {
    AppOptions options;
    options.serve.limits.slow_request = std::chrono::milliseconds(0);
    TestApp app(routes, std::move(options));
    app.ask("GET /dawdle/99999");
    EXPECT_EQ(app.finish().at(0).at("event"), "request");
}

TEST(ServeRecord, GivesEachRequestItsDeadline) {
    TestApp app(routes);
    EXPECT_EQ(app.ask("GET /deadline").body, "60");
}

TEST(ServeRecord, NamesTheForwardedClientOnlyBehindATrustedProxy) {
    AppOptions options;
    options.server.trusted_proxies = {http::parse_network("127.0.0.0/8").value()};
    TestApp behind(routes, std::move(options));
    TestApp direct(routes);
    for (TestApp* app : {&behind, &direct}) app->ask("GET /in-flight", "X-Forwarded-For: 192.0.2.7\r\n");
    EXPECT_EQ(behind.finish("request").at(0).at("peer"), "192.0.2.7");
    EXPECT_EQ(direct.finish("request").at(0).at("peer"), "127.0.0.1");
}

TEST(ServeRecord, CountsByPatternAndNeverByPath) {
    TestApp app(routes);
    for (int i = 0; i < 3; ++i)
        app.ask("PUT /items/raw-name-" + std::to_string(i), "Content-Length: 4\r\n", "0123");
    app.ask("PUT /items/raw-name", "Content-Length: 9999999\r\n");
    app.ask("HEAD /in-flight");
    app.ask("GET /raw-name");
    app.ask("DELETE /items/raw-name");
    app.ask("OPTIONS /items/raw-name");
    app.finish();
    EXPECT_EQ(app.metric(series("PUT", "/items/{name}", "2xx")), 3);
    EXPECT_EQ(app.metric(series("PUT", "/items/{name}", "4xx")), 1);
    EXPECT_EQ(app.metric(series("PUT", "/items/{name}", "5xx")), 0)
        << "the series is there before it happens";
    EXPECT_EQ(app.metric(series("GET", "/in-flight", "2xx")), 1);
    EXPECT_EQ(app.metric(series("any", "(none)", "4xx")), 2);
    EXPECT_EQ(app.metric(series("any", "(none)", "2xx")), 1);
    EXPECT_EQ(
        app.metric("lodestone_http_request_duration_seconds_count{method=\"PUT\",route=\"/items/{name}\"}"),
        4);
    EXPECT_EQ(app.metric("lodestone_http_request_bytes_total"), 12);
    EXPECT_EQ(app.metrics().render().find("raw-name"), std::string::npos);
}

TEST(ServeRecord, ShowsWhatIsInFlight) {
    TestApp app(routes);
    EXPECT_EQ(app.ask("GET /in-flight").body, "1");
    EXPECT_EQ(app.ask("GET /in-flight").body, "1") << "the one before is over";
}

// Clients that leave in the middle of a body, theirs or ours, are neither counted for ever nor called
// success.
TEST(ServeRecord, CountsClientsThatVanishedAsOver) {
    TestApp app(routes);
    for (int i = 0; i < 4; ++i) {
        RawClient uploading = app.connect();
        uploading.send(TestApp::render("PUT /items/a", "Content-Length: 1000\r\n", "only this"));
        RawClient downloading = app.connect();
        downloading.send(TestApp::render("GET /much"));
        char first;
        EXPECT_EQ(::recv(downloading.fd(), &first, 1, 0), 1);
        const linger reset{.l_onoff = 1, .l_linger = 0};
        for (const RawClient* client : {&uploading, &downloading})
            ::setsockopt(client->fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    const auto lines = app.finish("request");
    ASSERT_EQ(lines.size(), 8u);
    int gone = 0;
    for (const auto& line : lines) {
        const auto status = line.at("status").as_int64();
        EXPECT_TRUE(status == 499 || (status == 400 && line.at("method") == "PUT")) << line;
        if (status == 499) ++gone;
        if (status == 499) EXPECT_FALSE(line.at("fault").as_string().empty()) << line;
    }
    EXPECT_GE(gone, 4);
    EXPECT_EQ(app.metric("lodestone_http_requests_in_flight"), 0);
    EXPECT_EQ(app.metric("lodestone_connections_open"), 0);
}

// Who sends the longest line that escapes worst must not fill the log's buffer with it.
TEST(ServeRecord, CutsWhatAClientWroteAfterEscapingIt) {
    TestApp app(routes);
    app.ask("GET /" + std::string(3000, '"'), "User-Agent: " + std::string(3000, '\\') + "\r\n");
    const auto lines = app.finish("request");
    ASSERT_EQ(lines.size(), 1u);
    const auto& line = lines.front();
    const auto escaped_size = [&](const char* key) {
        return boost::json::serialize(line.at(key)).size() - std::string_view("\"…\"").size();
    };
    EXPECT_EQ(escaped_size("agent"), limits::logged_agent_bytes);
    EXPECT_LE(escaped_size("path"), limits::logged_path_bytes);
    EXPECT_GE(escaped_size("path"), limits::logged_path_bytes - 1);
}

TEST(ServeRecord, CallsAStrangersOddRequestNoFaultOfOurs) {
    TestApp app(routes);
    EXPECT_EQ(app.connect().exchange("TRACE /deadline HTTP/1.1\r\nHost: a\r\n\r\n").status, 501);
    EXPECT_EQ(app.connect().exchange("GET /deadline HTTP/2.0\r\nHost: a\r\n\r\n").status, 505);
    for (const auto& line : app.finish("request")) EXPECT_EQ(line.at("level").as_string(), "info") << line;
    EXPECT_EQ(app.metric(series("any", "(none)", "5xx")), 2);
}

}  // namespace
}  // namespace lodestone::app
