// The real Door over a route table of the test's own, on a real server: requests go over a socket, and what
// was logged and counted can be read back. The clock stands still until the test, or a handler, moves it.
#pragma once

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "app/serving/serve.hpp"
#include "base/clock.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "identity/gate/gate.hpp"
#include "identity/secrets/keyed_hash.hpp"
#include "support/files.hpp"
#include "support/raw_client.hpp"
#include "support/temp_folder.hpp"
#include "support/test_server.hpp"

namespace lodestone::test {

inline constexpr std::string_view test_operator_token = "operator-token-of-this-test";

struct AppOptions {
    app::ServeOptions serve{.handler_timeout = std::chrono::minutes(1),
                            .limits = {.slow_request = std::chrono::seconds(1)},
                            .cors = {}};
    identity::Operators operators{.token = std::string(test_operator_token)};
    http::ServerOptions server;
};

class TestApp {
  public:
    explicit TestApp(std::span<const http::Route> routes, AppOptions options = {})
        : TestApp(std::span(&routes, 1), std::move(options)) {}
    explicit TestApp(std::span<const std::span<const http::Route>> tables, AppOptions options = {})
        : gate_(context_, {.operators = std::move(options.operators)}, hasher_),
          door_(context_, gate_, std::move(options.serve), tables),
          server_(std::make_unique<TestServer>(
              context_, [this](http::Exchange& exchange) { return door_.serve(exchange); },
              std::move(options.server))) {}

    RawClient connect() const { return RawClient(server_->port()); }
    // One request on a connection of its own; `line` is "GET /path".
    Answer ask(const std::string& line, const std::string& headers = "", const std::string& body = "") const {
        const bool is_head = line.starts_with("HEAD ");
        return connect().exchange(render(line, headers, body),
                                  is_head ? RawClient::HasBody::no : RawClient::HasBody::yes);
    }
    static std::string render(const std::string& line, const std::string& headers = "",
                              const std::string& body = "") {
        return line + " HTTP/1.1\r\nHost: registry.example\r\n" + headers + "\r\n" + body;
    }

    // Ends the server, so that everything that began is counted and logged; then what was logged.
    std::vector<boost::json::object> finish() {
        server_->server().stop(std::chrono::seconds(10));
        server_.reset();
        log_.flush();
        std::vector<boost::json::object> lines;
        std::istringstream text(read_file(folder_ / "log"));
        for (std::string line; std::getline(text, line);)
            lines.push_back(boost::json::parse(line).as_object());
        return lines;
    }
    // The lines of one event.
    std::vector<boost::json::object> finish(std::string_view event) {
        std::vector<boost::json::object> lines = finish();
        std::erase_if(lines,
                      [&](const boost::json::object& line) { return line.at("event").as_string() != event; });
        return lines;
    }

    // A series by its name and labels as they stand on the page; -1 when it is not there.
    double metric(std::string_view series) const {
        const std::string page = "\n" + metrics_.render();
        const auto at = page.find("\n" + std::string(series) + " ");
        return at == std::string::npos ? -1 : std::stod(page.substr(at + series.size() + 2));
    }

    Context& context() { return context_; }
    FakeClock& clock() { return clock_; }
    Metrics& metrics() { return metrics_; }
    Health& health() { return health_; }
    identity::Gate& gate() { return gate_; }
    app::Door& door() { return door_; }
    std::uint16_t port() const { return server_->port(); }

  private:
    TempFolder folder_;
    FakeClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.level = LogLevel::info, .file = folder_ / "log"}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
    identity::KeyedHash hasher_{"pepper of this test"};
    identity::Gate gate_;
    app::Door door_;
    std::unique_ptr<TestServer> server_;
};

}  // namespace lodestone::test
