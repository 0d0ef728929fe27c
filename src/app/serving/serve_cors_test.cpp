// What pages of other origins may read: answers for the configured origins only, errors included, and never
// from routes that share nothing.
#include <gtest/gtest.h>

#include "app/serving/serve.hpp"
#include "support/test_app.hpp"

namespace lodestone::app {
namespace {

using test::Answer;
using test::AppOptions;
using test::TestApp;

Task<http::Response> answer(Context&, http::Request& request) {
    if (request.query.find("refuse")) throw Problem(problems::conflict, "Not now.");
    if (request.query.find("fail")) throw std::runtime_error("broken");
    co_return http::Response::text(200, "hello");
}

constexpr http::RouteOptions unshared{.allows_cross_origin = false};
constexpr http::Route routes[] = {
    {http::Method::get, "/shared", http::Access::open, answer},
    {http::Method::put, "/shared", http::Access::open, answer},
    {http::Method::get, "/guarded", http::Access::operators, answer},
    {http::Method::get, "/mixed", http::Access::open, answer},
    {http::Method::post, "/mixed", http::Access::open, answer, unshared},
    {http::Method::get, "/unshared", http::Access::open, answer, unshared},
    {http::Method::post, "/unshared", http::Access::open, answer, unshared},
};

const std::string console = "Origin: https://console.example\r\n";
const std::string stranger = "Origin: https://pages.example\r\n";

std::string preflight(const std::string& method) {
    return console + "Access-Control-Request-Method: " + method +
           "\r\nAccess-Control-Request-Headers: authorization, x-thing\r\n";
}

AppOptions with_origins(std::vector<std::string> origins) {
    AppOptions options;
    options.serve.cors.allowed_origins = std::move(origins);
    options.serve.cors.allow_credentials = true;
    return options;
}

bool mentions_cors(const Answer& answer) {
    return answer.head.find("\r\nAccess-Control-") != std::string::npos;
}

// Errors too, or a page could not tell a refusal from a broken network.
TEST(ServeCors, LetsConfiguredOriginsReadEveryAnswer) {
    TestApp app(routes, with_origins({"https://console.example"}));
    struct {
        const char* line;
        int status;
    } const rows[] = {{"GET /shared", 200},     {"GET /shared?refuse=1", 409}, {"GET /shared?fail=1", 500},
                      {"GET /nowhere", 404},    {"DELETE /shared", 405},       {"GET /guarded", 401},
                      {"GET /shared/%00", 400}, {"HEAD /shared", 200},         {"OPTIONS /shared", 204}};
    for (const auto& row : rows) {
        const Answer allowed = app.ask(row.line, console);
        EXPECT_EQ(allowed.status, row.status) << row.line;
        EXPECT_EQ(allowed.header("access-control-allow-origin"), "https://console.example") << row.line;
        EXPECT_EQ(allowed.header("access-control-allow-credentials"), "true") << row.line;
        EXPECT_EQ(allowed.header("vary"), "Origin") << row.line;
        EXPECT_NE(allowed.header("access-control-expose-headers").find("X-Request-Id"), std::string::npos);
        for (const std::string& headers :
             {stranger, std::string(), std::string("Origin: null\r\n"), console + stranger}) {
            const Answer other = app.ask(row.line, headers);
            EXPECT_EQ(other.status, row.status) << row.line;
            EXPECT_FALSE(mentions_cors(other)) << row.line << "\n" << headers << other.head;
            EXPECT_EQ(other.header("vary"), "Origin") << "or a cache would give this to the wrong page";
        }
    }
}

TEST(ServeCors, SaysNothingWhereNoOriginIsConfigured) {
    TestApp app(routes);
    for (const char* line : {"GET /shared", "GET /nowhere", "OPTIONS /shared"}) {
        const Answer answer = app.ask(line, preflight("GET"));
        EXPECT_FALSE(mentions_cors(answer)) << line;
        EXPECT_FALSE(answer.headers.contains("vary")) << line;
    }
}

TEST(ServeCors, AnswersPreflights) {
    TestApp app(routes, with_origins({"https://console.example"}));
    const Answer granted = app.ask("OPTIONS /shared", preflight("PUT"));
    EXPECT_EQ(granted.status, 204);
    EXPECT_EQ(granted.header("access-control-allow-origin"), "https://console.example");
    EXPECT_EQ(granted.header("access-control-allow-methods"), "GET, HEAD, PUT");
    EXPECT_EQ(granted.header("access-control-allow-headers"), "authorization, x-thing");
    EXPECT_EQ(granted.header("access-control-max-age"), "600");
    EXPECT_EQ(granted.header("allow"), "GET, HEAD, PUT, OPTIONS");
    EXPECT_TRUE(mentions_cors(app.ask("OPTIONS /guarded", preflight("GET"))))
        << "a preflight carries no credentials: the real request is authorised";
    EXPECT_FALSE(
        mentions_cors(app.ask("OPTIONS /shared", stranger + "Access-Control-Request-Method: PUT\r\n")));
    EXPECT_FALSE(mentions_cors(app.ask("OPTIONS /shared", preflight("DELETE")))) << "nobody would answer it";
    EXPECT_FALSE(mentions_cors(app.ask("OPTIONS /shared", preflight("BREW"))));
}

// The browser sends what the preflight grants: hiding the answer afterwards would be too late.
TEST(ServeCors, GrantsNothingForRoutesThatShareNothing) {
    TestApp app(routes, with_origins({"https://console.example"}));
    for (const char* line : {"GET /unshared", "GET /unshared?refuse=1", "GET /unshared?fail=1",
                             "POST /unshared", "POST /mixed", "OPTIONS /unshared"})
        EXPECT_FALSE(mentions_cors(app.ask(line, console))) << line;
    for (const char* method : {"GET", "POST", "HEAD"})
        EXPECT_FALSE(mentions_cors(app.ask("OPTIONS /unshared", preflight(method)))) << method;
    EXPECT_FALSE(mentions_cors(app.ask("OPTIONS /mixed", preflight("POST"))));
    EXPECT_EQ(app.ask("OPTIONS /mixed", preflight("GET")).header("access-control-allow-methods"), "GET, HEAD")
        << "what is granted beside is remembered by the browser";
}

TEST(ServeCors, GivesNobodyElsesCredentialsToAll) {
    TestApp app(routes, with_origins({"*"}));
    const Answer answer = app.ask("GET /shared", stranger);
    EXPECT_EQ(answer.header("access-control-allow-origin"), "*");
    EXPECT_FALSE(answer.headers.contains("access-control-allow-credentials"));
}

}  // namespace
}  // namespace lodestone::app
