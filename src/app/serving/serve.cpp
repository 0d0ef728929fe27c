// What happens to a request. Read Door::serve() from top to bottom; everything else here is a step of it.
#include "app/serving/serve.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

#include "app/serving/rate_limiter.hpp"
#include "app/serving/request_metrics.hpp"
#include "app/serving/request_span.hpp"
#include "app/serving/shown_path.hpp"
#include "app/serving/tracing.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "http/message/request_id.hpp"
#include "http/message/trace.hpp"
#include "http/server/problem_response.hpp"
#include "http/wire/stream_error.hpp"
#include "packages/format.hpp"

namespace lodestone::app {

namespace {

// For log and metrics only, when the answer could not be finished: nobody was there to take it, or we had
// nothing to give.
constexpr int status_client_gone = 499;
constexpr int status_source_broken = 500;

std::string allow_header(const std::vector<http::Method>& allowed) {
    std::string text;
    for (const http::Method method : allowed) {
        if (!text.empty()) text += ", ";
        text += http::method_name(method);
    }
    return text;
}

void add_cors_headers(const http::CorsPolicy& cors, const http::Request& request, http::Response& response) {
    if (cors.allowed_origins.empty()) return;
    response.headers.append(http::render_cors_headers(cors, http::parse_cors_request(*request.headers)));
}

// Counts back down however the request ends.
class InFlight {
  public:
    explicit InFlight(Gauge& gauge) : gauge_(gauge) { gauge_.add(1); }
    ~InFlight() { gauge_.add(-1); }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

  private:
    Gauge& gauge_;
};

// As the client's protocol has it, also of what no route of its takes.
http::Response render_in_protocol(const Problem& problem, const http::Request& request) {
    if (request.match.route != nullptr) return http::render_refusal(problem, request);
    const packages::Format* format =
        packages::find_format_of_path(packages::served_formats(), request.raw_path);
    return format == nullptr || format->render_problem == nullptr ? http::render_refusal(problem, request)
                                                                  : format->render_problem(problem, request);
}

void set_request_id(http::Response& response, const http::Request& request) {
    if (!request.id.empty()) response.headers.set("X-Request-Id", request.id);
}

}  // namespace

struct Door::Parts {
    Parts(Context& door_context, identity::Gate& door_gate, ServeOptions door_options,
          std::span<const std::span<const http::Route>> tables)
        : context(door_context),
          gate(door_gate),
          options(std::move(door_options)),
          router(tables),
          metrics(door_context.metrics, router),
          slow_request(options.limits.slow_request),
          rate_limiter(options.limits.requests_per_second_per_client,
                       options.limits.request_burst_per_client) {
        for (const http::Route* route : router.routes())
            if (!route->options.is_rate_limited) unlimited_paths.push_back(route->pattern);
    }

    void begin(http::Request& request);
    Task<http::Response> respond(http::Exchange& exchange);
    Task<http::Response> handle(http::Exchange& exchange);
    void check_rate(const http::Exchange& exchange);
    http::Response make_options_response(const http::Request& request,
                                         const std::vector<http::Method>& allowed);
    http::Response render(const Problem& problem, const http::Request& request);
    http::Response render_broken_body(const http::StreamError& error, const http::Request& request);
    void note(http::Exchange& exchange, const http::Sent& sent);

    Context& context;
    identity::Gate& gate;
    ServeOptions options;
    http::Router router;
    RequestMetrics metrics;
    std::atomic<std::chrono::milliseconds> slow_request;
    RateLimiter rate_limiter;
    std::vector<std::string_view> unlimited_paths;
};

Door::Door(Context& context, identity::Gate& gate, ServeOptions options,
           std::span<const std::span<const http::Route>> tables)
    : parts_(std::make_unique<Parts>(context, gate, std::move(options), tables)) {}

Door::~Door() = default;

void Door::change_limits(const ServeLimits& limits) {
    parts_->slow_request.store(limits.slow_request);
    parts_->rate_limiter.change(limits.requests_per_second_per_client, limits.request_burst_per_client);
}

const http::Router& Door::router() const {
    return parts_->router;
}

Task<> Door::serve(http::Exchange& exchange) {
    Parts& door = *parts_;
    const InFlight in_flight(door.metrics.in_flight());
    door.begin(exchange.request);
    http::Response response = co_await door.respond(exchange);
    set_request_id(response, exchange.request);
    const http::Sent sent = co_await exchange.send(std::move(response));
    door.note(exchange, sent);
}

void Door::Parts::begin(http::Request& request) {
    request.public_url = options.public_url;
    request.started = context.clock.steady_now();
    request.allowed_time = options.handler_timeout;
    request.deadline = request.started + request.allowed_time;
    request.id = http::make_request_id(request.header("x-request-id"), context.random);
    // Several are as good as none (W3C trace context §3.2).
    const bool has_one_parent = request.headers->count("traceparent") == 1;
    request.trace =
        http::continue_trace(has_one_parent ? request.header("traceparent") : std::nullopt, context.random);
    // Whether to keep a trace costs us, so a stranger's wish does not count.
    const bool is_decided = request.peer.is_proxied && !request.trace.parent_id.empty();
    if (!is_decided)
        request.trace.is_sampled = options.spans != nullptr && options.spans->is_chosen(request.trace);
}

// Whatever goes wrong becomes an answer here, and only here.
Task<http::Response> Door::Parts::respond(http::Exchange& exchange) {
    http::Request& request = exchange.request;
    try {
        co_return co_await handle(exchange);
    } catch (const Problem& problem) {
        co_return render(problem, request);
    } catch (const http::StreamError& error) {
        co_return render_broken_body(error, request);
    } catch (const std::exception& error) {
        context.log.error("handler failed", {{"id", request.id}, {"error", std::string_view(error.what())}});
        co_return render(Problem(problems::internal_error,
                                 "Something went wrong here; the log has it under this request's id."),
                         request);
    }
}

Task<http::Response> Door::Parts::handle(http::Exchange& exchange) {
    http::Request& request = exchange.request;
    check_rate(exchange);
    if (exchange.refused) throw Problem(*exchange.refused);
    if (request.raw_path == "*") co_return http::Response::empty();

    request.path = http::parse_path(request.raw_path);
    packages::join_names(packages::served_formats(), request.raw_path, request.path);
    request.query = http::parse_query(request.raw_query);
    http::Router::Found found = router.find(request.method, request.path);
    if (!found.has_path()) throw Problem(problems::not_found, "There is nothing at this address.");
    request.match = {found.route, std::move(found.parameters)};
    if (request.method == http::Method::options && found.route == nullptr)
        co_return make_options_response(request, found.allowed);
    if (found.route == nullptr) {
        throw Problem(problems::method_not_allowed,
                      "This address does not take " + std::string(http::method_name(request.method)) + ".")
            .with_header("Allow", allow_header(found.allowed));
    }

    if (!gate.admit_now(request)) co_await gate.admit(request);
    exchange.limit_body(found.route->options.body_limit_bytes, found.route->options.needs_length);
    http::Response response = co_await found.route->handler(context, request);
    if (found.route->options.allows_cross_origin) add_cors_headers(options.cors, request, response);
    co_return response;
}

// Before anything else, so that what cannot be read counts too. A balancer that were told to wait would take
// us for broken.
void Door::Parts::check_rate(const http::Exchange& exchange) {
    const http::Request& request = exchange.request;
    if (!exchange.refused && std::ranges::count(unlimited_paths, request.raw_path) > 0) return;
    if (const auto wait = rate_limiter.take(request.peer.address, request.started)) {
        throw Problem(problems::too_many_requests, "Too many requests from your address; wait and try again.")
            .with_header("Retry-After", std::to_string(wait->count()));
    }
}

// A preflight grants only what the routes behind it will grant: the browser does not ask again.
http::Response Door::Parts::make_options_response(const http::Request& request,
                                                  const std::vector<http::Method>& allowed) {
    http::Response response = http::Response::empty();
    response.headers.add("Allow", allow_header(allowed));
    const http::CorsRequest asked = http::parse_cors_request(*request.headers);
    std::vector<http::Method> shared;
    for (const http::Method method : allowed) {
        const http::Route* route = router.find(method, request.path).route;
        if (route != nullptr && route->options.allows_cross_origin) shared.push_back(method);
    }
    const bool is_preflight = http::is_preflight(request.method, asked);
    const auto wanted = is_preflight ? http::parse_method(*asked.requested_method) : std::nullopt;
    const bool is_shared =
        std::ranges::any_of(shared, [&](http::Method method) { return !is_preflight || method == wanted; });
    if (!is_shared) return response;
    response.headers.append(is_preflight ? http::render_preflight_headers(options.cors, asked, shared)
                                         : http::render_cors_headers(options.cors, asked));
    return response;
}

http::Response Door::Parts::render(const Problem& problem, const http::Request& request) {
    if (!problem.internal().empty())
        context.log.warn("refused",
                         {{"id", request.id}, {"code", problem.kind().code}, {"why", problem.internal()}});
    gate.note_failure(request, problem);
    const http::Route* route = request.match.route;
    http::Response response = render_in_protocol(problem, request);
    if (route == nullptr || route->options.allows_cross_origin)
        add_cors_headers(options.cors, request, response);
    return response;
}

http::Response Door::Parts::render_broken_body(const http::StreamError& error, const http::Request& request) {
    const bool is_late = error.reason() == http::StreamError::Reason::timed_out;
    const ProblemKind& kind = is_late ? problems::request_timeout : problems::malformed_request;
    const char* detail = is_late ? "The request's body did not arrive in time."
                                 : "The connection ended in the middle of the request's body.";
    http::Response response = render(Problem(kind, detail).with_internal(error.what()), request);
    response.must_close = true;
    return response;
}

void Door::Parts::note(http::Exchange& exchange, const http::Sent& sent) {
    const http::Request& request = exchange.request;
    const std::chrono::duration<double> took = context.clock.steady_now() - request.started;
    const int broken_status = sent.is_source_broken ? status_source_broken : status_client_gone;
    const int status = sent.is_complete ? sent.status : broken_status;
    metrics.note(request.match.route, status, took.count(), exchange.received_body_bytes(), sent.body_bytes);
    if (options.spans != nullptr && request.trace.is_sampled)
        options.spans->push(make_request_span(exchange, status, context.clock.now(), took));
    const std::chrono::milliseconds patience = slow_request.load(std::memory_order_relaxed);
    const bool is_slow = patience.count() > 0 && took >= patience;
    // Some 5xx are a client's doing: a method or a version that nobody has heard of.
    const bool is_own_fault = status >= 500 && !exchange.refused;
    const LogLevel level = is_slow || is_own_fault ? LogLevel::warn : LogLevel::info;
    if (!context.log.is_enabled(level)) return;
    const std::optional<std::string> masked = mask_tokens(request.raw_path);
    context.log.write(
        level, is_slow ? "slow request" : "request",
        {{"id", request.id},
         {"trace", request.trace.trace_id},
         {"method", exchange.refused ? "-" : http::method_name(request.method)},
         {"path", masked ? std::string_view(*masked) : request.raw_path, limits::logged_path_bytes},
         {"route",
          request.match.route != nullptr ? request.match.route->pattern : std::string_view("(none)")},
         {"status", static_cast<std::int64_t>(status)},
         {"in", exchange.received_body_bytes()},
         {"out", sent.body_bytes},
         {"ms", std::round(took.count() * 1e6) / 1e3},
         {"peer", request.peer.address},
         {"agent", request.header("user-agent").value_or(""), limits::logged_agent_bytes},
         {"fault", sent.fault}});
}

}  // namespace lodestone::app
