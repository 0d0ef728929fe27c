// A request's way out: parse the URL, vet the addresses, get a connection, exchange, follow or answer.
#include "http/client/client.hpp"

#include <algorithm>
#include <array>

#include "base/ensure.hpp"
#include "http/client/client_body.hpp"
#include "http/client/client_tls.hpp"
#include "http/message/url.hpp"

namespace lodestone::http {

using Reason = StreamError::Reason;

struct Client::PerLoop {
    PerLoop(Loop& of, const PoolBounds& bounds, std::shared_ptr<LookupThreads> lookups)
        : loop(of),
          resolver(of.executor(), std::move(lookups)),
          pool(std::make_shared<ConnectionPool>(of, bounds)) {}
    Loop& loop;
    Resolver resolver;
    std::shared_ptr<ConnectionPool> pool;
};

struct Client::Counters {
    explicit Counters(Metrics& metrics)
        : timeouts(outcome(metrics, "timeout")),
          failures(outcome(metrics, "failed")),
          refusals(outcome(metrics, "refused")),
          connects(
              metrics.counter("lodestone_client_connects_total", "Connections opened to other servers.")),
          reuses(
              metrics.counter("lodestone_client_reuses_total", "Requests sent on a connection used before.")),
          retries(metrics.counter("lodestone_client_retries_total",
                                  "Requests sent again because a kept connection had died.")),
          broken_bodies(metrics.counter("lodestone_client_broken_bodies_total",
                                        "Answers whose body could not be read to its end.")),
          seconds(metrics.histogram("lodestone_client_seconds",
                                    "From sending a request to the head of its answer.")) {
        for (std::size_t i = 0; i < answers.size(); ++i)
            answers[i] = &outcome(metrics, std::to_string(i + 2) + "xx");
    }
    static Counter& outcome(Metrics& metrics, const std::string& name) {
        return metrics.counter("lodestone_client_requests_total",
                               "Requests to other servers, by status class or by how they failed; refused: "
                               "by the egress policy.",
                               {{"outcome", name}});
    }
    Counter& timeouts;
    Counter& failures;
    Counter& refusals;
    Counter& connects;
    Counter& reuses;
    Counter& retries;
    Counter& broken_bodies;
    Histogram& seconds;
    std::array<Counter*, 4> answers{};  // 2xx … 5xx
};

// One step of a request: the URL it is at, and what was decided on the way there.
struct Client::Hop {
    const ClientRequest& request;
    std::shared_ptr<PerLoop> at;
    Url url;
    Method method;
    Headers headers;
    OutgoingBody body;
    std::size_t number = 0;

    const EgressPolicy& policy(const ClientOptions& options) const {
        return request.egress ? *request.egress : options.egress;
    }
    // Methods that may be sent twice (RFC 9110 §9.2.2), with a body that can be.
    bool can_repeat_body() const { return !std::holds_alternative<BodySource*>(body); }
    bool can_retry() const { return can_repeat_body() && method != Method::post && method != Method::patch; }
    SteadyTime until(std::chrono::milliseconds timeout) const {
        return std::min(request.deadline, std::chrono::steady_clock::now() + timeout);
    }
};

Client::Client(ClientOptions options, Metrics& metrics, Log& log)
    : options_(std::move(options)), log_(log), counters_(std::make_unique<Counters>(metrics)) {
    // The system's store takes 50 ms and some megabytes to load: only who needs TLS pays. A file that
    // somebody configured is looked at now, so that a mistake is told at the start.
    if (!options_.extra_ca_file.empty()) tls_ = make_client_tls(options_.extra_ca_file);
}

// Requests that are still suspended go with their loops, later than this, and own the lookups too: those
// under way must wake nobody any more.
Client::~Client() {
    lookups_->close();
}

std::shared_ptr<Client::PerLoop> Client::find_loop() {
    Loop* const current = Loops::current();
    ensure(current != nullptr, "the client is used from a loop");
    const std::lock_guard lock(mutex_);
    for (const auto& [loop, part] : loops_)
        if (loop == current) return part;
    return loops_.emplace_back(current, std::make_shared<PerLoop>(*current, options_.pool, lookups_)).second;
}

std::shared_ptr<SSL_CTX> Client::find_tls(const ClientRequest& request) {
    if (request.tls) return request.tls;
    const std::lock_guard lock(mutex_);
    if (!tls_) tls_ = make_client_tls(options_.extra_ca_file);
    return tls_;
}

Task<ClientResponse> Client::send(ClientRequest request) {
    auto url = parse_url(request.url);
    if (!url.url) throw Problem(problems::invalid_input, std::string(url.fault));
    Hop hop{request,
            find_loop(),
            std::move(*url.url),
            request.method,
            std::move(request.headers),
            std::move(request.body)};
    while (true) {
        Answer answer = co_await fetch(hop);
        const RedirectSource source{hop.url, hop.method, hop.number, hop.can_repeat_body(),
                                    !std::holds_alternative<std::monostate>(hop.body)};
        const auto& head = answer.incoming.head;
        auto plan = plan_redirect(request.redirects, source, head.status, head.headers);
        if (!plan.fault.empty()) throw fail(problems::bad_upstream, hop, plan.fault);
        if (!plan.url) co_return make_response(hop, std::move(answer));

        // The small page that comes with a redirect is not read; if it is here already, the connection is
        // kept.
        make_body(hop, answer);
        if (plan.is_elsewhere) keep_harmless(hop.headers);
        if (plan.drops_body) drop_body(hop);
        hop.url = std::move(*plan.url);
        hop.method = plan.method;
        ++hop.number;
    }
}

void Client::drop_body(Hop& hop) {
    hop.body = std::monostate{};
    for (const auto* name : {"Content-Type", "Content-Encoding", "Content-Language", "Content-Location"})
        hop.headers.remove(name);
}

// One hop, and once more on a new connection when the kept one turned out to be dead.
Task<Client::Answer> Client::fetch(const Hop& hop) {
    const auto start = std::chrono::steady_clock::now();
    const auto addresses = co_await vet(hop);
    const Origin origin{hop.url.host, hop.url.port, hop.url.is_secure() ? find_tls(hop.request) : nullptr,
                        hop.request.unix_path};
    const OutgoingRequest outgoing{hop.method, hop.url, hop.headers, hop.body, options_.user_agent};
    const ExchangeTimes times{hop.request.deadline, options_.head_timeout, options_.stall_timeout};
    auto reuse = ConnectionPool::Reuse::yes;
    while (true) {
        Answer answer;
        answer.lease =
            co_await hop.at->pool->acquire(origin, addresses, reuse, hop.until(options_.head_timeout));
        if (!answer.lease) throw fail_without_connection(hop);
        const bool is_used = answer.lease.connection() != nullptr;
        if (is_used) counters_->reuses.add();
        if (!is_used) co_await connect(hop, addresses, answer.lease);

        answer.incoming = co_await exchange(*answer.lease.connection(), outgoing, times);
        const auto& incoming = answer.incoming;
        if (incoming.bytes) {
            const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
            counters_->seconds.observe(taken.count());
            co_return answer;
        }
        if (!incoming.refusal.empty())
            throw fail(problems::bad_upstream, hop, "gave an answer that " + std::string(incoming.refusal));
        const bool was_dead =
            is_used && !incoming.has_answered && incoming.fault->reason() != Reason::timed_out;
        if (!was_dead || !hop.can_retry())
            throw fail(hop, *incoming.fault, "broke off before it had answered");
        counters_->retries.add();
        reuse = ConnectionPool::Reuse::no;
    }
}

Task<std::vector<Address>> Client::vet(const Hop& hop) {
    if (!hop.request.unix_path.empty()) co_return std::vector{Address{}};
    const EgressPolicy& policy = hop.policy(options_);
    const EgressTarget target{hop.url.host, hop.url.port, hop.url.is_secure()};
    // What is refused by its name or port alone is not even looked up.
    auto refusal = find_egress_refusal(policy, target);
    Resolver::Answer resolved;
    if (refusal.empty()) {
        resolved = co_await hop.at->resolver.resolve(hop.url.host, hop.until(options_.head_timeout));
        refusal = find_egress_refusal(policy, target, resolved.addresses);
    }
    if (!refusal.empty()) {
        const auto first = resolved.addresses.empty() ? "" : resolved.addresses.front().to_text();
        throw fail(problems::forbidden, hop, refusal, "resolved to " + first);
    }
    using State = Resolver::Answer::State;
    switch (resolved.state) {
        case State::resolved: break;
        case State::unknown_host: throw fail(problems::bad_upstream, hop, "has no address", resolved.detail);
        case State::timed_out: throw fail(problems::upstream_timeout, hop, "could not be looked up in time");
        case State::busy: throw fail(problems::unavailable, hop, "cannot be looked up now; try again later");
    }
    co_return std::move(resolved.addresses);
}

// The first address that answers; a name with many is not tried for ever. A certificate that is refused at
// one address is no better at the next.
Task<> Client::connect(const Hop& hop, std::span<const Address> addresses, ConnectionPool::Lease& lease) {
    StreamFault fault;
    for (const Address& address : addresses.first(std::min(addresses.size(), limits::upstream_addresses))) {
        auto opened = co_await ClientConnection::open(hop.at->loop, lease.origin(), address,
                                                      hop.until(options_.connect_timeout));
        if (opened.connection) {
            counters_->connects.add();
            lease.put(std::move(opened.connection));
            co_return;
        }
        fault = std::move(opened.fault);
        if (fault->reason() == Reason::tls || std::chrono::steady_clock::now() >= hop.request.deadline) break;
    }
    ensure(fault.has_value(), "a host has at least one address");
    if (fault->reason() == Reason::tls) {
        const bool is_about_trust =
            std::string_view(fault->what()).find("certificate") != std::string_view::npos;
        throw fail(hop, *fault,
                   is_about_trust ? "has no certificate for this name that is trusted here"
                                  : "could not be spoken to over TLS");
    }
    throw fail(hop, *fault, "could not be reached");
}

std::unique_ptr<BodySource> Client::make_body(const Hop& hop, Answer& answer) {
    const ResponseHead& head = answer.incoming.head;
    ClientBodyOptions options;
    options.framing = head.framing;
    options.content_length = head.content_length;
    options.keeps_alive = head.keeps_alive;
    options.limit_bytes = hop.request.body_limit_bytes;
    options.deadline = hop.request.deadline;
    options.stall_timeout = options_.stall_timeout;
    options.rate = MinimumRate(options_.body_rate_bytes, options_.body_grace);
    options.host = hop.url.host;
    options.failures = &counters_->broken_bodies;
    return std::make_unique<ClientBody>(std::move(answer.lease), std::move(options));
}

ClientResponse Client::make_response(const Hop& hop, Answer answer) {
    const ResponseHead& head = answer.incoming.head;
    if (head.framing == ResponseHead::Framing::length && head.content_length > hop.request.body_limit_bytes)
        throw fail(problems::bad_upstream, hop, "answered with more bytes than are taken here");
    counters_->answers[static_cast<std::size_t>(head.status / 100 - 2)]->add();
    ClientResponse response;
    response.status = head.status;
    response.headers = head.headers;
    response.url = render_url(hop.url);
    response.body = make_body(hop, answer);
    response.head_bytes = std::move(answer.incoming.bytes);
    return response;
}

Problem Client::fail(const ProblemKind& kind, const Hop& hop, std::string_view what, std::string internal) {
    const bool is_refusal = &kind == &problems::forbidden;
    const bool is_timeout = &kind == &problems::upstream_timeout;
    (is_refusal ? counters_->refusals : is_timeout ? counters_->timeouts : counters_->failures).add();
    // A refusal is worth a look: somebody named a machine that they may not reach.
    log_.write(is_refusal ? LogLevel::warn : LogLevel::debug, "upstream request failed",
               {{"host", std::string_view(hop.url.host)},
                {"port", std::uint64_t{hop.url.port}},
                {"problem", kind.code},
                {"what", what},
                {"internal", std::string_view(internal)}});
    return Problem(kind, hop.url.host + " " + std::string(what) + ".").with_internal(std::move(internal));
}

Problem Client::fail_without_connection(const Hop& hop) {
    if (std::chrono::steady_clock::now() >= hop.request.deadline)
        return fail(problems::upstream_timeout, hop, "did not answer in time", "no connection became free");
    return fail(problems::unavailable, hop, "is asked for too much at once; try again later");
}

Problem Client::fail(const Hop& hop, const StreamError& fault, std::string_view what) {
    if (fault.reason() == Reason::timed_out)
        return fail(problems::upstream_timeout, hop, "did not answer in time", fault.what());
    return fail(problems::bad_upstream, hop, what, fault.what());
}

}  // namespace lodestone::http
