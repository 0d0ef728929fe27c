// Walks every route of the program: each has an access level, what is not open answers strangers with 401,
// and what is open is so on purpose.
#include "app/serving/routes.hpp"

#include <gtest/gtest.h>

#include <set>

#include "support/test_app.hpp"

namespace lodestone::app {
namespace {

using test::Answer;
using test::TestApp;

// A path that the pattern takes: "/a/{b}/{c...}" becomes "/a/x/x/x".
std::string make_path(std::string_view pattern) {
    std::string path;
    while (!pattern.empty()) {
        const auto open = pattern.find('{');
        path += pattern.substr(0, open);
        if (open == std::string_view::npos) break;
        const auto close = pattern.find('}', open);
        path += pattern.substr(open, close - open).ends_with("...") ? "x/x" : "x";
        pattern.remove_prefix(close + 1);
    }
    return path;
}

std::string name_of(const http::Route& route) {
    return std::string(http::method_name(route.method)) + " " + std::string(route.pattern);
}

TEST(Routes, AnswerStrangersWith401UnlessTheyAreOpen) {
    TestApp app(program_routes());
    ASSERT_FALSE(app.door().router().routes().empty());
    for (const http::Route* route : app.door().router().routes()) {
        EXPECT_FALSE(http::access_name(route->access).empty()) << name_of(*route);
        const std::string line =
            std::string(http::method_name(route->method)) + " " + make_path(route->pattern);
        // A length that no route takes: whoever gets to the body's limit before the gate would say 413.
        const Answer answer = app.ask(line, "Content-Length: 99999999999999\r\n");
        if (route->access.kind == http::Access::Kind::open) {
            EXPECT_NE(answer.status, 401) << line;
        } else {
            EXPECT_EQ(answer.status, 401) << line;
            EXPECT_TRUE(answer.headers.contains("www-authenticate")) << line;
        }
    }
}

TEST(Routes, AreOpenOnPurpose) {
    const std::set<std::string> open_on_purpose{
        "GET /",
        "GET /.well-known/pytp",
        "GET /_/oidc/audience",
        "GET /api/v1/built-in-roles",
        "GET /api/v1/formats",
        "GET /api/v1/openapi.json",
        "GET /api/v1/permissions",
        "GET /api/v1/status",
        "GET /api/v1/tenants/{tenant}/search",
        "GET /api/v1/tenants/{tenant}/sign-in/{provider}",
        "GET /api/v1/tenants/{tenant}/sign-in/{provider}/callback",
        "GET /assets/{file}",
        "GET /health",
        "GET /npm/{tenant}/{repository}/-/npm/v1/keys",
        "GET /npm/{tenant}/{repository}/-/ping",
        "GET /npm/{tenant}/{repository}/-/v1/done/{secret}",
        "GET /pypi/{tenant}/{repository}/_/oidc/audience",
        "GET /ready",
        "GET /reset-password",
        "GET /v2/",
        "GET /v2/token",
        "GET /v2/{name...}",
        "GET /web-login/{tenant}/{login}",
        "GET /web-login/{tenant}/{login}/return/{provider}",
        "POST /-/npm/v1/oidc/token/exchange/package/{name+}",
        "POST /_/oidc/mint-token",
        "POST /api/v1/accept-invitation",
        "POST /api/v1/leaked-tokens",
        "POST /api/v1/reset-password",
        "POST /api/v1/sign-in",
        "POST /api/v1/sign-in/refresh",
        "POST /api/v1/sign-in/second-factor",
        "POST /api/v1/sign-out",
        "POST /api/v1/tenants/{tenant}/register",
        "POST /api/v1/tenants/{tenant}/trusted-publishing/exchange",
        "POST /npm/{tenant}/{repository}/-/npm/v1/oidc/token/exchange/package/{name+}",
        "POST /npm/{tenant}/{repository}/-/v1/login",
        "POST /pypi/{tenant}/{repository}/_/oidc/mint-token",
        "POST /v2/token",
        "POST /v2/{name...}",
        "POST /v2/{name...}/",
        "POST /web-login/{tenant}/{login}",
        "PUT /npm/{tenant}/{repository}/-/user/{user}",
        "PUT /v2/{name...}"};
    std::set<std::string> open;
    for (const auto table : program_routes())
        for (const http::Route& route : table)
            if (route.access.kind == http::Access::Kind::open) open.insert(name_of(route));
    EXPECT_EQ(open, open_on_purpose) << "anybody who reaches the port may ask for these: is that meant?";
}

}  // namespace
}  // namespace lodestone::app
