// /health says that the process answers; /ready that it can do its work and wants more of it; /metrics is for
// Prometheus; /api/v1/status is what the console shows.
#include "app/serving/system_routes.hpp"

#include "app/serving/build.hpp"
#include "base/clock.hpp"
#include "base/health.hpp"
#include "base/json_text.hpp"
#include "base/metrics.hpp"
#include "identity/rules/principal.hpp"

namespace lodestone::app {

namespace {

http::Response uncached_json(int status, std::string body) {
    http::Response response = http::Response::json(status, std::move(body));
    response.headers.set("Cache-Control", "no-store");
    return response;
}

// Answers as long as the process does, whatever its parts say: restarting us would not heal them. What they
// say in numbers is for the operator: it tells how near they are to their end.
Task<http::Response> show_health(Context& context, http::Request& request) {
    std::string body = "{\"status\":\"ok\"";
    const bool is_operator = request.principal->kind == identity::PrincipalKind::operators;
    const auto reports =
        is_operator ? context.health.list_reports() : decltype(context.health.list_reports()){};
    for (const auto& [name, report] : reports) {
        body += ',';
        append_json_string(body, name);
        body += ':' + report;
    }
    co_return uncached_json(200, body + "}\n");
}

// Which parts are well is nobody's secret; why one is not may be, so strangers see only that.
Task<http::Response> show_ready(Context& context, http::Request&) {
    bool is_ready = !context.health.is_draining();
    std::string checks;
    for (const Health::Result& result : context.health.run_checks()) {
        const bool is_essential = result.need == Health::Need::essential;
        if (result.fault && is_essential) is_ready = false;
        if (!checks.empty()) checks += ',';
        append_json_string(checks, result.name);
        checks += !result.fault ? ":\"ok\"" : is_essential ? ":\"failing\"" : ":\"degraded\"";
    }
    const char* status = context.health.is_draining() ? "draining" : is_ready ? "ready" : "failing";
    http::Response response = uncached_json(
        is_ready ? 200 : 503, std::string("{\"status\":\"") + status + "\",\"checks\":{" + checks + "}}\n");
    if (!is_ready) response.headers.set("Retry-After", "5");
    co_return response;
}

Task<http::Response> show_metrics(Context& context, http::Request&) {
    http::Response response =
        http::Response::text(200, context.metrics.render(), "text/plain; version=0.0.4; charset=utf-8");
    response.headers.set("Cache-Control", "no-store");
    co_return response;
}

Task<http::Response> show_status(Context&, http::Request&) {
    std::string body = "{\"name\":\"lodestone\",\"version\":";
    append_json_string(body, build().version);
    co_return uncached_json(200, body + "}\n");
}

constexpr http::Route routes[] = {
    {http::Method::get,
     "/health",
     http::Access::open,
     show_health,
     {.is_rate_limited = false, .tells_operator_more = true}},
    {http::Method::get, "/ready", http::Access::open, show_ready, {.is_rate_limited = false}},
    {http::Method::get, "/metrics", http::Access::operators, show_metrics},
    {http::Method::get, "/api/v1/status", http::Access::open, show_status},
};

}  // namespace

std::span<const http::Route> system_routes() {
    return routes;
}

}  // namespace lodestone::app
