// A client on a loop of its own thread, driven from a test's thread: send, read the body whole, look at it.
#pragma once

#include <signal.h>

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/problem.hpp"
#include "http/client/client.hpp"
#include "http/message/network.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::test {

// What came of a request: an answer, or the problem that it ended in.
struct Fetched {
    int status = 0;
    std::string url;
    std::string head;
    std::string body;  // as far as it was read
    std::optional<std::uint64_t> length;
    std::string problem;  // its code; empty when all went well
    std::string detail;
};

inline http::ClientOptions loopback_options() {
    http::ClientOptions options;
    options.egress.allowed_networks = {*http::parse_network("127.0.0.1")};
    return options;
}

inline http::ClientRequest get(std::string url) {
    http::ClientRequest request;
    request.url = std::move(url);
    return request;
}

class ClientRunner {
  public:
    enum class Read { whole, nothing };  // of the body
    explicit ClientRunner(http::ClientOptions options = loopback_options()) {
        ::signal(SIGPIPE, SIG_IGN);
        LogOptions quiet;
        quiet.level = LogLevel::off;
        log_ = std::make_unique<Log>(quiet, clock_);
        loop_ = std::make_unique<http::Loop>(metrics_);
        client_ = std::make_unique<http::Client>(std::move(options), metrics_, *log_);
        thread_ = std::thread([this] { loop_->run(); });
    }
    ~ClientRunner() {
        loop_->stop();
        thread_.join();
        client_.reset();
    }
    ClientRunner(const ClientRunner&) = delete;
    ClientRunner& operator=(const ClientRunner&) = delete;

    http::Loop& loop() { return *loop_; }
    Fetched fetch(http::ClientRequest request, Read read = Read::whole) {
        return start(std::move(request), read).get();
    }
    std::future<Fetched> start(http::ClientRequest request, Read read = Read::whole) {
        auto promise = std::make_shared<std::promise<Fetched>>();
        boost::asio::co_spawn(loop_->context(), fetch_here(*client_, std::move(request), read),
                              [promise](std::exception_ptr error, Fetched fetched) {
                                  error ? promise->set_exception(error)
                                        : promise->set_value(std::move(fetched));
                              });
        return promise->get_future();
    }
    std::uint64_t count(std::string_view metric) const {
        const std::string page = "\n" + metrics_.render();
        const auto at = page.find("\n" + std::string(metric) + " ");
        return at == page.npos ? 0 : std::stoull(page.substr(at + metric.size() + 2));
    }
    std::uint64_t count_outcome(const std::string& outcome) const {
        return count("lodestone_client_requests_total{outcome=\"" + outcome + "\"}");
    }

  private:
    static Task<> read_whole(http::BodySource& body, Fetched& fetched) {
        fetched.length = body.length();
        for (auto piece = co_await body.next(); !piece.empty(); piece = co_await body.next())
            fetched.body += piece;
    }
    static Task<Fetched> fetch_here(http::Client& client, http::ClientRequest request, Read read) {
        Fetched fetched;
        try {
            auto response = co_await client.send(std::move(request));
            fetched.status = response.status;
            fetched.url = response.url;
            for (const auto& field : response.headers)
                fetched.head += std::string(field.name) + ": " + std::string(field.value) + "\n";
            if (read == Read::whole) co_await read_whole(*response.body, fetched);
        } catch (const Problem& problem) {
            fetched.problem = problem.kind().code;
            fetched.detail = problem.detail();
        }
        co_return fetched;
    }

    SystemClock clock_;
    Metrics metrics_;
    std::unique_ptr<Log> log_;
    std::unique_ptr<http::Loop> loop_;
    std::unique_ptr<http::Client> client_;
    std::thread thread_;
};

}  // namespace lodestone::test
