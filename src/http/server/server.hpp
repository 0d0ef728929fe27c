// The HTTP/1.1 server: listeners, connections on their loops, limits, and an end that loses nothing.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/limits.hpp"
#include "http/message/network.hpp"
#include "http/message/request_head.hpp"
#include "http/server/exchange.hpp"
#include "http/server/forwarded.hpp"
#include "http/server/listen_address.hpp"
#include "http/server/tls.hpp"

namespace lodestone::http {

class Acceptor;
class Loops;
class ServerState;

struct ServerOptions {
    std::vector<ListenAddress> listen;      // plain HTTP
    std::vector<ListenAddress> tls_listen;  // needs `tls`
    std::optional<TlsOptions> tls;
    std::vector<Network> trusted_proxies;
    ForwardedFamily forwarded_family = ForwardedFamily::x_forwarded;
    HeadLimits head;
    std::size_t connections = limits::connections;
    std::size_t connections_per_client = limits::connections_per_client;
    std::chrono::milliseconds head_timeout = limits::head_timeout;
    std::chrono::milliseconds idle_timeout = limits::idle_timeout;
    std::chrono::milliseconds body_grace = limits::body_grace;
    std::size_t body_rate_bytes = limits::body_rate_bytes;
    std::uint64_t buffered_bodies_bytes = limits::buffered_bodies_bytes;
    std::chrono::milliseconds buffered_body_timeout = limits::buffered_body_timeout;
};

class Server {
  public:
    // Opens every address; throws Problem(invalid_input) that says which one cannot be had and why.
    Server(ServerOptions options, Loops& loops, Context& context, Serve serve);
    ~Server();

    void start();  // accepts from now on
    // "http://127.0.0.1:8080" for each listener, with the port that port 0 became.
    const std::vector<std::string>& urls() const;

    void reload_tls(const TlsOptions& options);  // throws Problem and keeps the old certificate
    // Answers go on, each asking its client to close: connections move to other nodes by themselves.
    void start_draining();
    // Stops accepting, lets what runs finish for so long, then cuts off what is left. Blocks the caller, and
    // asks now and then whether there is a hurry: then it waits no longer.
    void stop(std::chrono::milliseconds timeout, const std::function<bool()>& is_hurried = {});
    std::size_t connection_count() const;

  private:
    void close_acceptors();
    bool wait_until_empty(std::chrono::milliseconds timeout, const std::function<bool()>& is_hurried);

    std::shared_ptr<ServerState> state_;
    Loops& loops_;
    std::vector<std::weak_ptr<Acceptor>> acceptors_;
};

}  // namespace lodestone::http
