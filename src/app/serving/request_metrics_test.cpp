// Counting requests: by route and status class, all series made at the start, and none that a client could
// invent.
#include "app/serving/request_metrics.hpp"

#include <gtest/gtest.h>

#include <array>

namespace lodestone::app {
namespace {

Task<http::Response> answer(Context&, http::Request&) {
    co_return http::Response::empty();
}

constexpr http::Route routes[] = {
    {http::Method::get, "/items/{name}", http::Access::open, answer},
    {http::Method::put, "/items/{name}", http::Access::open, answer},
};
const std::array tables{std::span<const http::Route>(routes)};

class RequestMetricsTest : public ::testing::Test {
  protected:
    std::uint64_t count(const http::Route* route, const std::string& status) {
        return metrics_
            .counter("lodestone_http_requests_total", "",
                     {{"method", route ? std::string(http::method_name(route->method)) : "any"},
                      {"route", route ? std::string(route->pattern) : "(none)"},
                      {"status", status}})
            .value();
    }

    Metrics metrics_;
    http::Router router_{tables};
    RequestMetrics requests_{metrics_, router_};
};

TEST_F(RequestMetricsTest, CountsByStatusClass) {
    for (const int status : {101, 200, 206, 304, 404, 499, 500, 503})
        requests_.note(&routes[0], status, 0.1, 0, 0);
    const std::pair<const char*, std::uint64_t> expected[] = {
        {"1xx", 1}, {"2xx", 2}, {"3xx", 1}, {"4xx", 2}, {"5xx", 2}};
    for (const auto& [status, number] : expected) {
        EXPECT_EQ(count(&routes[0], status), number) << status;
        EXPECT_EQ(count(&routes[1], status), 0u) << "the other route's " << status;
    }
}

TEST_F(RequestMetricsTest, TakesWhateverStatusItIsGiven) {
    for (const int status : {-1, 0, 99, 600, 999}) requests_.note(&routes[0], status, 0, 0, 0);
    EXPECT_EQ(count(&routes[0], "1xx"), 3u);
    EXPECT_EQ(count(&routes[0], "5xx"), 2u);
}

TEST_F(RequestMetricsTest, CountsWhatMatchedNothingTogether) {
    const http::Route unknown{http::Method::get, "/unknown", http::Access::open, answer};
    requests_.note(nullptr, 404, 0.1, 0, 0);
    requests_.note(&unknown, 200, 0.1, 0, 0);
    EXPECT_EQ(count(nullptr, "4xx"), 1u);
    EXPECT_EQ(count(nullptr, "2xx"), 1u);
}

TEST_F(RequestMetricsTest, AddsUpBytesAndSeconds) {
    requests_.note(&routes[0], 200, 0.25, 10, 1000);
    requests_.note(&routes[0], 200, 0.5, 0, 0);
    requests_.note(&routes[1], 201, 2, 5, 1);
    const std::string page = metrics_.render();
    for (const char* line :
         {"\nlodestone_http_request_bytes_total 15\n", "\nlodestone_http_response_bytes_total 1001\n",
          "_sum{method=\"GET\",route=\"/items/{name}\"} 0.75\n",
          "_count{method=\"GET\",route=\"/items/{name}\"} 2\n",
          "_count{method=\"PUT\",route=\"/items/{name}\"} 1\n"})
        EXPECT_NE(page.find(line), std::string::npos) << line;
}

TEST_F(RequestMetricsTest, MakesNoSeriesLater) {
    const auto count_lines = [&] {
        const std::string page = metrics_.render();
        return std::count(page.begin(), page.end(), '\n');
    };
    const auto before = count_lines();
    for (int status = 100; status < 600; ++status) requests_.note(&routes[0], status, 1, 1, 1);
    requests_.note(nullptr, 404, 1, 1, 1);
    EXPECT_EQ(count_lines(), before);
}

}  // namespace
}  // namespace lodestone::app
