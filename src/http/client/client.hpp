// The HTTP client: the one door out. Proxies of upstream registries, probes, webhooks, OIDC and S3 send with
// it and nothing else, so that every connection to somebody else's machine passes the egress policy: the name
// is resolved, all its addresses are vetted, the connection goes to one of exactly these, and each redirect
// starts again from the beginning.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "base/task.hpp"
#include "http/client/client_exchange.hpp"
#include "http/client/connection_pool.hpp"
#include "http/client/egress.hpp"
#include "http/client/lookup_threads.hpp"
#include "http/client/redirect.hpp"
#include "http/client/resolver.hpp"
#include "http/message/headers.hpp"
#include "http/wire/body.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::http {

struct ClientOptions {
    EgressPolicy egress;
    std::string extra_ca_file;  // PEM, beside the system's authorities
    std::string user_agent = "lodestone";
    PoolBounds pool;
    std::chrono::milliseconds connect_timeout = limits::upstream_connect_timeout;
    std::chrono::milliseconds head_timeout = limits::upstream_head_timeout;
    std::chrono::milliseconds stall_timeout = limits::upstream_stall_timeout;
    // The least that an answer's body has to give, after a grace: what it is slower than, it is cut for.
    std::size_t body_rate_bytes = limits::body_rate_bytes;
    std::chrono::milliseconds body_grace = limits::body_grace;
    LookupThreads::LookUp look_up = look_up_host;  // tests have names of their own
};

struct ClientRequest {
    Method method = Method::get;
    std::string url;  // absolute, http or https
    // Host, Content-Length and what else frames the message are ours and ignored here. Accept-Encoding is
    // sent only when set, and then decoding is the caller's. Few go along to another origin: keep_harmless().
    Headers headers;
    // A BodySource must outlive send(); with it there is neither retry nor 307 and 308.
    OutgoingBody body;
    // For everything up to the last byte of the answer's body. Without one only stalling and trickling end a
    // request, as a large download needs it.
    SteadyTime deadline = SteadyTime::max();
    std::uint64_t body_limit_bytes = limits::upstream_body_bytes;
    RedirectPolicy redirects;
    std::optional<EgressPolicy> egress;  // instead of the client's own
    // A Unix socket of this machine to connect to instead of the URL's host, past the egress policy: never
    // from anybody but the operator.
    std::string unix_path;
    std::shared_ptr<SSL_CTX> tls;  // instead of the client's own: make_client_tls()
};

// Any status, 4xx and 5xx too: what these mean is the caller's business.
struct ClientResponse {
    int status = 0;
    ReceivedHeaders headers;
    std::string url;  // of the last hop
    std::unique_ptr<BodySource> body;
    std::unique_ptr<const std::string> head_bytes;  // what `headers` points into
};

class Client {
  public:
    // Throws std::runtime_error when the CA file cannot be read.
    Client(ClientOptions options, Metrics& metrics, Log& log);
    // After its loops have stopped, before they are destroyed.
    ~Client();

    // From a coroutine on a loop. Throws Problem: invalid_input (the URL), forbidden (the egress policy),
    // upstream_timeout, bad_upstream, unavailable (too many wait for a connection).
    Task<ClientResponse> send(ClientRequest request);

  private:
    struct PerLoop;
    struct Counters;
    struct Hop;
    struct Answer {
        ConnectionPool::Lease lease;
        IncomingHead incoming;
    };
    std::shared_ptr<PerLoop> find_loop();
    std::shared_ptr<SSL_CTX> find_tls(const ClientRequest& request);
    static void drop_body(Hop& hop);
    Task<Answer> fetch(const Hop& hop);
    Task<std::vector<Address>> vet(const Hop& hop);
    Task<> connect(const Hop& hop, std::span<const Address> addresses, ConnectionPool::Lease& lease);
    ClientResponse make_response(const Hop& hop, Answer answer);
    std::unique_ptr<BodySource> make_body(const Hop& hop, Answer& answer);

    // Each counts, logs and returns what is to be thrown.
    Problem fail(const ProblemKind& kind, const Hop& hop, std::string_view what, std::string internal = {});
    Problem fail(const Hop& hop, const StreamError& fault, std::string_view what);
    Problem fail_without_connection(const Hop& hop);

    ClientOptions options_;
    Log& log_;
    std::unique_ptr<Counters> counters_;
    std::shared_ptr<LookupThreads> lookups_ = std::make_shared<LookupThreads>(options_.look_up);
    std::mutex mutex_;  // for what follows; held to look it up and never while waiting
    std::shared_ptr<SSL_CTX> tls_;
    std::vector<std::pair<Loop*, std::shared_ptr<PerLoop>>> loops_;
};

}  // namespace lodestone::http
