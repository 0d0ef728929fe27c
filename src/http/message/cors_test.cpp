// CORS: configured origins are let in, all others learn nothing, and caches are told what an answer depends
// on.
#include "http/message/cors.hpp"

#include <gtest/gtest.h>

namespace lodestone::http {
namespace {

constexpr std::string_view console = "https://console.example";
constexpr std::string_view exposed =
    "Access-Control-Expose-Headers: ETag, Location, Retry-After, X-Request-Id, Link\r\n";
constexpr Method methods[] = {Method::get, Method::head, Method::put, Method::options};

CorsPolicy listed() {
    return {.allowed_origins = {std::string(console), "http://localhost:3000"}};
}

CorsPolicy anybody() {
    return {.allowed_origins = {"*"}};
}

std::string actual(const CorsPolicy& policy, std::optional<std::string_view> origin) {
    return render_cors_headers(policy, {.origin = origin}).wire_text();
}

TEST(RenderCorsHeaders, SaysNothingWhereNothingIsConfigured) {
    EXPECT_EQ(actual({}, console), "");
    EXPECT_EQ(actual({}, {}), "");
    EXPECT_TRUE(
        render_preflight_headers({}, {.origin = console, .requested_method = "GET"}, methods).is_empty());
}

TEST(RenderCorsHeaders, LetsInTheListedOnly) {
    EXPECT_EQ(
        actual(listed(), console),
        "Vary: Origin\r\nAccess-Control-Allow-Origin: https://console.example\r\n" + std::string(exposed));
    for (const std::string_view origin :
         {"https://console.example.evil.example", "http://console.example", "https://console.example:444",
          "https://CONSOLE.example", "null", "*", "", "https://console.example/"})
        EXPECT_EQ(actual(listed(), origin), "Vary: Origin\r\n") << origin;
    EXPECT_EQ(actual(listed(), {}), "Vary: Origin\r\n");
}

TEST(RenderCorsHeaders, LetsInAnybodyWithoutVary) {
    EXPECT_EQ(actual(anybody(), "https://any.example"),
              "Access-Control-Allow-Origin: *\r\n" + std::string(exposed));
    EXPECT_EQ(actual(anybody(), {}), "");
}

TEST(RenderCorsHeaders, GivesCredentialsToListedOriginsNeverToAnybody) {
    CorsPolicy policy = listed();
    policy.allow_credentials = true;
    EXPECT_NE(actual(policy, console).find("Access-Control-Allow-Credentials: true\r\n"), std::string::npos);
    EXPECT_EQ(actual(policy, "https://other.example"), "Vary: Origin\r\n");
    policy.allowed_origins = {"*"};
    EXPECT_EQ(actual(policy, console).find("Credentials"), std::string::npos);
}

TEST(RenderCorsHeaders, StaysSafeWithAPolicyNobodyChecked) {
    const CorsPolicy policy{.allowed_origins = {"*", "null", "https://a.example"}, .allow_credentials = true};
    EXPECT_EQ(actual(policy, "*"), "Vary: Origin\r\n");
    EXPECT_EQ(actual(policy, "null"), "Vary: Origin\r\n");
    EXPECT_EQ(actual(policy, "https://b.example"), "Vary: Origin\r\n");
}

TEST(RenderPreflightHeaders, NamesMethodsHeadersAndAge) {
    CorsPolicy policy = listed();
    policy.max_age = std::chrono::seconds(60);
    const CorsRequest request{.origin = console,
                              .requested_method = "PUT",
                              .requested_headers = "authorization, x-bad header,content-type"};
    EXPECT_EQ(render_preflight_headers(policy, request, methods).wire_text(),
              "Vary: Origin, Access-Control-Request-Headers\r\n"
              "Access-Control-Allow-Origin: https://console.example\r\n"
              "Access-Control-Allow-Methods: GET, HEAD, PUT, OPTIONS\r\n"
              "Access-Control-Allow-Headers: authorization, content-type\r\n"
              "Access-Control-Max-Age: 60\r\n");
}

TEST(RenderPreflightHeaders, TellsAStrangerNothing) {
    const CorsRequest request{.origin = "https://other.example", .requested_method = "GET"};
    EXPECT_EQ(render_preflight_headers(listed(), request, methods).wire_text(),
              "Vary: Origin, Access-Control-Request-Headers\r\n");
}

TEST(RenderPreflightHeaders, LetsInAnybody) {
    const CorsRequest request{.origin = "https://any.example", .requested_method = "GET"};
    EXPECT_EQ(render_preflight_headers(anybody(), request, methods).wire_text(),
              "Vary: Access-Control-Request-Headers\r\n"
              "Access-Control-Allow-Origin: *\r\n"
              "Access-Control-Allow-Methods: GET, HEAD, PUT, OPTIONS\r\n"
              "Access-Control-Max-Age: 600\r\n");
}

TEST(ParseCorsRequest, TakesFieldsThatStandOnce) {
    ReceivedHeaders headers;
    headers.append({"origin", console});
    headers.append({"Access-Control-Request-Method", "PUT"});
    headers.append({"access-control-request-headers", "x"});
    const CorsRequest request = parse_cors_request(headers);
    EXPECT_EQ(request.origin, console);
    EXPECT_EQ(request.requested_method, "PUT");
    EXPECT_EQ(request.requested_headers, "x");
    EXPECT_TRUE(is_preflight(Method::options, request));
    EXPECT_FALSE(is_preflight(Method::put, request));

    headers.append({"Origin", "https://other.example"});
    EXPECT_EQ(parse_cors_request(headers).origin, std::nullopt);
    EXPECT_FALSE(is_preflight(Method::options, parse_cors_request(headers)));
}

TEST(IsPreflight, NeedsOriginAndMethod) {
    EXPECT_FALSE(is_preflight(Method::options, {}));
    EXPECT_FALSE(is_preflight(Method::options, {.origin = console}));
    EXPECT_FALSE(is_preflight(Method::options, {.requested_method = "GET"}));
}

TEST(FindCorsFault, KnowsGoodFromBad) {
    EXPECT_EQ(find_cors_fault({}), std::nullopt);
    EXPECT_EQ(find_cors_fault(listed()), std::nullopt);
    EXPECT_EQ(find_cors_fault(anybody()), std::nullopt);
    EXPECT_EQ(find_cors_fault({.allowed_origins = {"http://[::1]:8080"}, .allow_credentials = true}),
              std::nullopt);
    EXPECT_TRUE(find_cors_fault({.allowed_origins = {"*"}, .allow_credentials = true}));
    EXPECT_TRUE(find_cors_fault({.allowed_origins = {std::string(console), "*"}}));
    EXPECT_TRUE(find_cors_fault({.allowed_origins = {"*"}, .max_age = std::chrono::seconds(-1)}));
    for (const char* origin : {"", "null", "console.example", "https://", "https://Console.example",
                               "https://console.example/", "https://*.example", "ftp://console.example"})
        EXPECT_TRUE(find_cors_fault({.allowed_origins = {origin}})) << origin;
}

}  // namespace
}  // namespace lodestone::http
