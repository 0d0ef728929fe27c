// Who is the operator, who only looks like it, and what the others are told: the gate as a table.
#include "identity/gate/operators.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "base/problem.hpp"
#include "support/gate_runner.hpp"
#include "support/received_headers.hpp"

namespace lodestone::identity {
namespace {

const Operators trusting{.token = "s3cret-token", .trusts_local = true};
const Operators strict{.token = "s3cret-token", .trusts_local = false};

struct Caller {
    const char* what;
    std::initializer_list<http::HeaderField> headers = {};
    std::string host = "127.0.0.1:8080";
    bool is_local = true;
};

std::optional<Problem> find_refusal(const http::Access& access, const Caller& caller,
                                    const Operators& operators) {
    test::GateRunner runner(operators);
    const http::ReceivedHeaders headers = test::make_headers(caller.headers);
    const http::Route route{http::Method::get, "/", access, nullptr};
    http::Request request;
    request.match.route = &route;
    request.headers = &headers;
    request.peer = {.address = caller.is_local ? "127.0.0.1" : "192.0.2.7",
                    .is_local = caller.is_local,
                    .host = caller.host};
    return runner.find_refusal(request);
}

TEST(OperatorGate, LetsEverybodyThroughOpenDoors) {
    const Caller stranger{.what = "stranger",
                          .headers = {{"Authorization", "Bearer wrong"}},
                          .host = "registry.example",
                          .is_local = false};
    EXPECT_FALSE(find_refusal(http::Access::open, stranger, strict));
}

TEST(OperatorGate, KnowsTheOperator) {
    const Caller callers[] = {
        {.what = "the token", .headers = {{"Authorization", "Bearer s3cret-token"}}, .is_local = false},
        {.what = "lower case", .headers = {{"authorization", "bearer s3cret-token"}}, .is_local = false},
        {.what = "upper case", .headers = {{"AUTHORIZATION", "BEARER s3cret-token"}}, .is_local = false},
        {.what = "two spaces", .headers = {{"Authorization", "Bearer  s3cret-token"}}, .is_local = false},
        {.what = "through a proxy",
         .headers = {{"Authorization", "Bearer s3cret-token"}, {"Via", "1.1 proxy"}},
         .is_local = false},
    };
    for (const Caller& caller : callers) {
        EXPECT_FALSE(find_refusal(http::Access::operators, caller, trusting)) << caller.what;
        EXPECT_FALSE(find_refusal(http::Access::operators, caller, strict)) << caller.what;
    }
}

TEST(OperatorGate, TrustsThisMachineOnlyWhereThatIsConfigured) {
    for (const char* host : {"", "localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:8080",
                             "127.8.9.10:80", "[::1]", "[::1]:8080", "[::ffff:127.0.0.1]:8080"}) {
        const Caller caller{.what = host, .host = host};
        EXPECT_FALSE(find_refusal(http::Access::operators, caller, trusting)) << host;
        EXPECT_TRUE(find_refusal(http::Access::operators, caller, strict)) << host;
    }
}

// A page that had its own name resolve to 127.0.0.1 sends that name as Host.
TEST(OperatorGate, TrustsNoForeignNameForThisMachine) {
    for (const char* host :
         {"pages.example", "pages.example:8080", "127.0.0.1.pages.example", "127.pages.example:8080",
          "127.0.0.1x", "127.1", "localhost.pages.example", "10.0.0.1", "[::2]:8080", "[fe80::1]", "0.0.0.0",
          "[", "[::1", ":8080", "128.0.0.1"}) {
        EXPECT_TRUE(find_refusal(http::Access::operators, {.what = host, .host = host}, trusting)) << host;
    }
}

TEST(OperatorGate, RefusesWhoOnlyLooksLikeTheOperator) {
    const Caller callers[] = {
        {.what = "from elsewhere", .is_local = false},
        {.what = "from a page", .headers = {{"Origin", "http://127.0.0.1:8080"}}},
        {.what = "forwarded, one way", .headers = {{"X-Forwarded-For", "192.0.2.7"}}},
        {.what = "forwarded, the other way", .headers = {{"Forwarded", "for=192.0.2.7"}}},
        {.what = "forwarded, an old way", .headers = {{"X-Real-IP", "192.0.2.7"}}},
        {.what = "through a proxy that hides the client", .headers = {{"Via", "1.1 proxy"}}},
        {.what = "through a proxy that tells only the scheme", .headers = {{"X-Forwarded-Proto", "https"}}},
        {.what = "through a proxy that tells only the host", .headers = {{"X-Forwarded-Host", "localhost"}}},
        {.what = "a wrong token, although from here", .headers = {{"Authorization", "Bearer s3cret-toke"}}},
        {.what = "a longer token", .headers = {{"Authorization", "Bearer s3cret-token2"}}},
        {.what = "the token in another case", .headers = {{"Authorization", "Bearer S3CRET-TOKEN"}}},
        {.what = "no token", .headers = {{"Authorization", "Bearer "}}},
        {.what = "only the scheme", .headers = {{"Authorization", "Bearer"}}},
        {.what = "nothing", .headers = {{"Authorization", ""}}},
        {.what = "the bare token", .headers = {{"Authorization", "s3cret-token"}}},
        {.what = "another scheme", .headers = {{"Authorization", "Basic s3cret-token"}}},
        {.what = "no space", .headers = {{"Authorization", "Bearers3cret-token"}}},
    };
    for (const Caller& caller : callers) {
        const auto refusal = find_refusal(http::Access::operators, caller, trusting);
        ASSERT_TRUE(refusal) << caller.what;
        EXPECT_EQ(refusal->status(), 401) << caller.what;
        ASSERT_EQ(refusal->headers().size(), 1u) << caller.what;
        EXPECT_EQ(refusal->headers()[0].first, "WWW-Authenticate");
        EXPECT_TRUE(refusal->headers()[0].second.starts_with("Bearer realm=")) << caller.what;
        EXPECT_EQ(refusal->detail().find("s3cret"), std::string::npos) << caller.what;
    }
}

// RFC 6750 §3: who sent no token is not told that it is invalid.
TEST(OperatorGate, SaysThatATokenIsWrongOnlyToWhoSentOne) {
    const auto challenge = [](const Caller& caller) {
        return find_refusal(http::Access::operators, caller, strict).value().headers()[0].second;
    };
    EXPECT_EQ(challenge({.what = "none"}), "Bearer realm=\"lodestone\"");
    EXPECT_EQ(challenge({.what = "wrong", .headers = {{"Authorization", "Bearer wrong"}}}),
              "Bearer realm=\"lodestone\", error=\"invalid_token\"");
}

}  // namespace
}  // namespace lodestone::identity
