// The gates in front of every handler, over real connections: who counts as the operator, and how often one
// client may ask.
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>

#include "app/serving/serve.hpp"
#include "support/temp_folder.hpp"
#include "support/test_app.hpp"

namespace lodestone::app {
namespace {

using test::Answer;
using test::AppOptions;
using test::RawClient;
using test::TestApp;

Task<http::Response> say_hello(Context&, http::Request&) {
    co_return http::Response::text(200, "hello");
}

constexpr http::Route routes[] = {
    {http::Method::get, "/guarded", http::Access::operators, say_hello},
    {http::Method::get, "/open", http::Access::open, say_hello},
    {http::Method::get, "/probe", http::Access::open, say_hello, {.is_rate_limited = false}},
};

AppOptions trusting_options(bool trusts_local) {
    AppOptions options;
    options.operators.trusts_local = trusts_local;
    return options;
}

int ask_as(RawClient client, const std::string& host, const std::string& headers = "") {
    return client.exchange("GET /guarded HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n").status;
}

TEST(ServeGate, TakesTheTokenFromAnywhere) {
    TestApp app(routes);
    const std::string token(test::test_operator_token);
    for (const char* scheme : {"Bearer ", "bearer ", "BEARER "})
        EXPECT_EQ(app.ask("GET /guarded", "Authorization: " + std::string(scheme) + token + "\r\n").status,
                  200)
            << scheme;
    EXPECT_EQ(app.ask("GET /guarded", "Authorization: Bearer " + token + "x\r\n").status, 401);
    EXPECT_EQ(app.ask("GET /guarded").status, 401);
    for (const auto& line : app.finish())
        EXPECT_EQ(boost::json::serialize(line).find(token), std::string::npos) << "never in the log";
}

TEST(ServeGate, TrustsAPlainConnectionFromThisMachine) {
    TestApp app(routes, trusting_options(true));
    const std::string host = "127.0.0.1:" + std::to_string(app.port());
    EXPECT_EQ(ask_as(app.connect(), host), 200);
    EXPECT_EQ(ask_as(app.connect(), "localhost"), 200);
    EXPECT_EQ(ask_as(app.connect(), "registry.example"), 401);
    EXPECT_EQ(ask_as(app.connect(), "127.0.0.1.pages.example"), 401);
    EXPECT_EQ(ask_as(app.connect(), host, "Origin: http://" + host + "\r\n"), 401);
    EXPECT_EQ(ask_as(app.connect(), host, "X-Forwarded-For: 127.0.0.1\r\n"), 401);
    EXPECT_EQ(ask_as(app.connect(), host, "Forwarded: for=127.0.0.1\r\n"), 401);
    EXPECT_EQ(ask_as(app.connect(), host, "Authorization: Bearer wrong\r\n"), 401);
    // The absolute form's host counts, and it must agree with the header's.
    EXPECT_EQ(app.connect()
                  .exchange("GET http://pages.example/guarded HTTP/1.1\r\nHost: pages.example\r\n\r\n")
                  .status,
              401);

    TestApp strict(routes, trusting_options(false));
    EXPECT_EQ(ask_as(strict.connect(), "127.0.0.1"), 401);
}

TEST(ServeGate, TrustsAUnixSocketButNoProxyBehindIt) {
    const test::TempFolder folder;
    AppOptions options = trusting_options(true);
    options.server.listen = {http::parse_listen_address("unix:" + (folder / "socket")).value()};
    TestApp app(routes, std::move(options));
    EXPECT_EQ(ask_as(RawClient(folder / "socket"), "localhost"), 200);
    EXPECT_EQ(ask_as(RawClient(folder / "socket"), "localhost", "X-Forwarded-For: 192.0.2.7\r\n"), 401);
    EXPECT_EQ(ask_as(RawClient(folder / "socket"), "registry.example"), 401);
}

// Asks over a Unix socket as another user, in a process of its own; only root can become somebody else.
int ask_as_user(uid_t user, const std::string& socket) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::syscall(SYS_setuid, user) != 0) ::_exit(0);
        ::_exit(ask_as(RawClient(socket), "localhost") / 100);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A proxy that may connect to the socket is not the operator.
TEST(ServeGate, TrustsOnlyRootAndItselfOverAUnixSocket) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can ask as somebody else";
    const test::TempFolder folder;
    AppOptions options = trusting_options(true);
    options.server.listen = {http::parse_listen_address("unix:" + (folder / "socket")).value()};
    TestApp app(routes, std::move(options));
    ASSERT_EQ(::chmod((folder / "").c_str(), 0755), 0);
    ASSERT_EQ(::chmod((folder / "socket").c_str(), 0777), 0);
    EXPECT_EQ(ask_as_user(0, folder / "socket"), 2);
    EXPECT_EQ(ask_as_user(65534, folder / "socket"), 4);
}

TEST(ServeGate, NeverTrustsATrustedProxysClients) {
    AppOptions options = trusting_options(true);
    options.server.trusted_proxies = {http::parse_network("127.0.0.0/8").value()};
    TestApp app(routes, std::move(options));
    for (const char* headers :
         {"X-Forwarded-For: 127.0.0.1\r\n", "X-Forwarded-For: 192.0.2.7\r\n",
          "Forwarded: for=127.0.0.1;host=localhost\r\n", "X-Forwarded-Host: localhost\r\n"})
        EXPECT_EQ(ask_as(app.connect(), "127.0.0.1", headers), 401) << headers;
}

AppOptions limited_options(std::uint64_t per_second, std::uint64_t burst) {
    AppOptions options;
    options.serve.limits.requests_per_second_per_client = per_second;
    options.serve.limits.request_burst_per_client = burst;
    options.server.trusted_proxies = {http::parse_network("127.0.0.0/8").value()};
    return options;
}

TEST(ServeGate, LimitsHowOftenOneClientAsks) {
    TestApp app(routes, limited_options(2, 3));
    const std::string first = "X-Forwarded-For: 192.0.2.1\r\n";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(app.ask("GET /open", first).status, 200) << i;
    const Answer refused = app.ask("GET /open", first);
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.header("retry-after"), "1");
    EXPECT_EQ(refused.header("content-type"), "application/problem+json");
    EXPECT_EQ(app.ask("GET /nowhere", first).status, 429) << "whatever it asks for";
    EXPECT_EQ(app.ask("GET /open", "X-Forwarded-For: 192.0.2.2\r\n").status, 200) << "others are not held up";

    app.clock().advance(std::chrono::milliseconds(500));
    EXPECT_EQ(app.ask("GET /open", first).status, 200);
    EXPECT_EQ(app.ask("GET /open", first).status, 429);
    app.finish();
    EXPECT_EQ(app.metric("lodestone_http_requests_total{method=\"any\",route=\"(none)\",status=\"4xx\"}"), 3);
}

TEST(ServeGate, AlwaysAnswersABalancer) {
    TestApp app(routes, limited_options(1, 1));
    EXPECT_EQ(app.ask("GET /open").status, 200);
    EXPECT_EQ(app.ask("GET /open").status, 429);
    EXPECT_EQ(app.ask("GET /probe").status, 200);
    EXPECT_EQ(app.ask("HEAD /probe?x=1").status, 200);
    EXPECT_EQ(app.ask("GET /probe/").status, 429);
}

// Else refusing nonsense would be the work that nobody bounds.
TEST(ServeGate, LimitsRequestsThatCannotBeRead) {
    TestApp app(routes, limited_options(1, 2));
    EXPECT_EQ(app.connect().exchange("GET /open HTTP/1.1\r\n\r\n").status, 400);
    EXPECT_EQ(app.connect().exchange("TRACE /probe HTTP/1.1\r\nHost: a.example\r\n\r\n").status, 501);
    EXPECT_EQ(app.connect().exchange("GET /open HTTP/1.1\r\n\r\n").status, 429);
    EXPECT_EQ(app.ask("GET /open").status, 429);
}

TEST(ServeGate, TakesNewLimitsWhileItServes) {
    TestApp app(routes, limited_options(1, 1));
    EXPECT_EQ(app.ask("GET /open").status, 200);
    EXPECT_EQ(app.ask("GET /open").status, 429);
    app.door().change_limits({});
    EXPECT_EQ(app.ask("GET /open").status, 200);
}

TEST(ServeGate, LimitsAWholeIpv6NetworkTogether) {
    TestApp app(routes, limited_options(1, 1));
    EXPECT_EQ(app.ask("GET /open", "X-Forwarded-For: 2001:db8::1\r\n").status, 200);
    EXPECT_EQ(app.ask("GET /open", "X-Forwarded-For: 2001:db8::ffff\r\n").status, 429);
    EXPECT_EQ(app.ask("GET /open", "X-Forwarded-For: 2001:db8:0:1::1\r\n").status, 200);
}

}  // namespace
}  // namespace lodestone::app
