// Connections that fail in ways nobody foresaw: they are logged, and their places are given back.
#include "http/server/connection.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <future>
#include <stdexcept>

#include "support/files.hpp"
#include "support/raw_client.hpp"
#include "support/temp_folder.hpp"
#include "support/test_server.hpp"

namespace lodestone::http {
namespace {

class LoggedParts {
  public:
    // The event and error of the only line.
    std::string logged() {
        log_.flush();
        const auto line = boost::json::parse(test::read_file(folder_ / "log")).as_object();
        return std::string(line.at("event").as_string()) + ": " + std::string(line.at("error").as_string());
    }
    Metrics& metrics() { return metrics_; }
    Context& context() { return context_; }

  private:
    const test::TempFolder folder_;
    SystemClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_{LogOptions{.file = folder_ / "log"}, clock_};
    Context context_{clock_, random_, log_, metrics_, health_};
};

void wait_until_empty(Server& server) {
    server.stop(std::chrono::seconds(10));
    EXPECT_EQ(server.connection_count(), 0u);
}

TEST(Connection, LogsWhatItsHandlerLetsThrough) {
    LoggedParts parts;
    test::TestServer server(parts.context(),
                            [](Exchange&) -> Task<> { throw std::logic_error("outside of respond()"); }, {});
    test::RawClient client(server.port());
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(client.read_to_end(), "");
    wait_until_empty(server.server());
    EXPECT_EQ(parts.logged(), "connection failed: outside of respond()");
}

TEST(Connection, GivesItsPlaceBackWhenItCannotBeWatched) {
    LoggedParts parts;
    Loops loops(1, parts.metrics());
    const auto state =
        std::make_shared<ServerState>(ServerOptions{}, parts.context(), Serve{}, loops.workers());
    loops.start();
    ASSERT_EQ(state->admit({}, [] { return false; }), ServerState::Admission::admitted);
    std::promise<void> tried;
    boost::asio::post(loops.at(0).context(), [&] {
        Accepted accepted;
        accepted.fd = UniqueFd(1'000'000);  // what is no descriptor is watched as little as one too many
        accepted.family = AF_INET;
        start_connection(Admitted(state, {}, true), loops.at(0), std::move(accepted));
        tried.set_value();
    });
    tried.get_future().wait();
    EXPECT_EQ(state->connection_count(), 0u);
    EXPECT_EQ(parts.logged(), "connection not watched: Bad file descriptor");
}

}  // namespace
}  // namespace lodestone::http
