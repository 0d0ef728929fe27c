// A real server on a free port inside the test, answering with a function of the test's own.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "http/server/server.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::test {

// The parts that a Context refers to.
struct Parts {
    SystemClock clock;
    SystemRandom random;
    Metrics metrics;
    Health health;
    Log log{LogOptions{.level = LogLevel::off, .file = {}}, clock};
    Context context{clock, random, log, metrics, health};
};

class TestServer {
  public:
    explicit TestServer(http::Serve serve, http::ServerOptions options = {}, std::size_t loop_count = 2)
        : parts_(std::make_unique<Parts>()), loops_(loop_count, parts_->metrics) {
        start(parts_->context, std::move(serve), std::move(options));
    }
    // With parts of the test's own, which must outlive the server, and one loop: what happens to one request
    // is over before the next one's turn.
    TestServer(Context& context, http::Serve serve, http::ServerOptions options)
        : loops_(1, context.metrics) {
        start(context, std::move(serve), std::move(options));
    }
    ~TestServer() { stop(); }

    // What its loops used may go afterwards, and before the server itself.
    void stop() {
        if (std::exchange(is_stopped_, true)) return;
        server_->stop(std::chrono::milliseconds(0));
        loops_.stop();
    }

    http::Server& server() { return *server_; }
    Parts& parts() { return *parts_; }
    const std::string& url(std::size_t index = 0) const { return server_->urls().at(index); }
    std::uint16_t port(std::size_t index = 0) const {
        return static_cast<std::uint16_t>(std::stoi(url(index).substr(url(index).rfind(':') + 1)));
    }

  private:
    void start(Context& context, http::Serve serve, http::ServerOptions options) {
        if (options.listen.empty() && options.tls_listen.empty())
            options.listen = {http::parse_listen_address("127.0.0.1:0").value()};
        server_ = std::make_unique<http::Server>(std::move(options), loops_, context, std::move(serve));
        loops_.start();
        server_->start();
    }

    std::unique_ptr<Parts> parts_;  // null when they are the test's
    http::Loops loops_;
    std::unique_ptr<http::Server> server_;
    bool is_stopped_ = false;
};

}  // namespace lodestone::test
