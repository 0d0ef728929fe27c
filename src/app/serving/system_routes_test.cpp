// What the server says about itself, asked through the program's own table: the codes that probes act on, and
// that nothing inner is told to strangers.
#include "app/serving/system_routes.hpp"

#include <gtest/gtest.h>

#include "app/serving/build.hpp"
#include "app/serving/routes.hpp"
#include "support/test_app.hpp"

namespace lodestone::app {
namespace {

using test::Answer;
using test::TestApp;

const std::string operator_header =
    "Authorization: Bearer " + std::string(test::test_operator_token) + "\r\n";

TEST(SystemRoutes, HealthIsThatWeAnswer) {
    TestApp app(program_routes());
    app.health().add_check("database", [] { return std::optional<std::string>("gone"); });
    app.health().start_draining();
    const Answer answer = app.ask("GET /health");
    EXPECT_EQ(answer.status, 200) << "restarting us would mend neither";
    EXPECT_EQ(answer.body, "{\"status\":\"ok\"}\n");
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_EQ(answer.header("cache-control"), "no-store");
    EXPECT_EQ(app.ask("HEAD /health").status, 200);
}

TEST(SystemRoutes, HealthTellsNumbersToTheOperatorAlone) {
    TestApp app(program_routes());
    app.health().add_report("database", [] { return std::string(R"({"waiting":7})"); });
    const std::string stranger = "{\"status\":\"ok\"}\n";
    EXPECT_EQ(app.ask("GET /health").body, stranger);
    const Answer wrong = app.ask("GET /health", "Authorization: Bearer wrong\r\n");
    EXPECT_EQ(wrong.status, 200) << "a probe's mistake is no reason to restart us";
    EXPECT_EQ(wrong.body, stranger);
    EXPECT_EQ(app.ask("GET /health", operator_header).body,
              "{\"status\":\"ok\",\"database\":{\"waiting\":7}}\n");
}

TEST(SystemRoutes, ReadyIsThatWeCanWork) {
    TestApp app(program_routes());
    EXPECT_EQ(app.ask("GET /ready").body, "{\"status\":\"ready\",\"checks\":{}}\n");
    std::atomic<bool> is_well{true};
    app.health().add_check("disk", [] { return std::optional<std::string>(); });
    app.health().add_check("database", [&] {
        return is_well ? std::nullopt : std::optional<std::string>("cannot open /var/lib/secret-place");
    });
    EXPECT_EQ(app.ask("GET /ready").body,
              "{\"status\":\"ready\",\"checks\":{\"disk\":\"ok\",\"database\":\"ok\"}}\n");

    is_well = false;
    const Answer failing = app.ask("GET /ready");
    EXPECT_EQ(failing.status, 503);
    EXPECT_EQ(failing.header("retry-after"), "5");
    EXPECT_EQ(failing.header("cache-control"), "no-store");
    EXPECT_EQ(failing.body,
              "{\"status\":\"failing\",\"checks\":{\"disk\":\"ok\",\"database\":\"failing\"}}\n")
        << "why is for the operator";
    is_well = true;
    EXPECT_EQ(app.ask("GET /ready").status, 200) << "it may come back";
    app.health().add_check("redis", [] { return std::optional<std::string>("away"); }, Health::Need::helpful);
    const Answer degraded = app.ask("GET /ready");
    EXPECT_EQ(degraded.status, 200) << "what only helps keeps nobody from being served";
    EXPECT_EQ(
        degraded.body,
        "{\"status\":\"ready\",\"checks\":{\"disk\":\"ok\",\"database\":\"ok\",\"redis\":\"degraded\"}}\n");
}

TEST(SystemRoutes, ReadyTurnsBalancersAwayWhileDraining) {
    TestApp app(program_routes());
    app.health().start_draining();
    const Answer answer = app.ask("GET /ready");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.body, "{\"status\":\"draining\",\"checks\":{}}\n");
    EXPECT_EQ(app.ask("GET /api/v1/status").status, 200) << "who comes all the same is served";
}

TEST(SystemRoutes, MetricsAreForTheOperator) {
    TestApp app(program_routes());
    app.ask("GET /health");
    EXPECT_EQ(app.ask("GET /metrics").status, 401);
    const Answer answer = app.ask("GET /metrics", operator_header);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(answer.header("cache-control"), "no-store");
    EXPECT_NE(answer.body.find(
                  "lodestone_http_requests_total{method=\"GET\",route=\"/health\",status=\"2xx\"} 1\n"),
              std::string::npos);
    EXPECT_NE(answer.body.find("lodestone_http_requests_in_flight 1\n"), std::string::npos) << "this one";
}

TEST(SystemRoutes, StatusNamesTheVersion) {
    TestApp app(program_routes());
    const auto status = boost::json::parse(app.ask("GET /api/v1/status").body).as_object();
    EXPECT_EQ(status.at("name"), "lodestone");
    EXPECT_EQ(status.at("version").as_string(), build().version);
    EXPECT_FALSE(status.contains("commit")) << "strangers need not know which build it is";
}

}  // namespace
}  // namespace lodestone::app
