// The server's certificate: read with clear words about what is wrong, exchanged while connections run, and
// its end shown before it comes.
#include "http/server/tls.hpp"

#include <gtest/gtest.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <future>

#include "base/problem.hpp"
#include "http/message/network.hpp"
#include "support/certificates.hpp"
#include "support/client_runner.hpp"
#include "support/files.hpp"
#include "support/raw_client.hpp"
#include "support/temp_folder.hpp"
#include "support/test_server.hpp"

namespace lodestone::http {
namespace {

using test::Authority;
using test::LeafOptions;

class TlsTest : public ::testing::Test {
  protected:
    TlsOptions options() const {
        return {.certificate_file = folder_ / "tls.crt", .key_file = folder_ / "tls.key"};
    }
    void write_leaf(const LeafOptions& leaf = {}) const {
        authority_.write_leaf(folder_ / "tls.crt", folder_ / "tls.key", leaf);
    }
    ServerOptions server_options() const {
        ServerOptions options_of_server;
        options_of_server.tls_listen = {parse_listen_address("127.0.0.1:0").value()};
        options_of_server.tls = options();
        return options_of_server;
    }
    ClientOptions client_options() const {
        authority_.write_pem(folder_ / "ca.crt");
        ClientOptions trusting = test::loopback_options();
        trusting.extra_ca_file = folder_ / "ca.crt";
        return trusting;
    }
    static Task<> serve(Exchange& exchange) {
        co_await exchange.send(Response::text(200, exchange.request.peer.is_secure ? "secure" : "plain"));
    }

    const test::TempFolder folder_;
    const Authority authority_{"authority"};
};

std::int64_t seconds_left(std::int64_t expires_at) {
    return expires_at - std::chrono::duration_cast<std::chrono::seconds>(
                            std::chrono::system_clock::now().time_since_epoch())
                            .count();
}

TEST_F(TlsTest, KnowsWhenItsCertificateEnds) {
    write_leaf({.ends = std::chrono::hours(48)});
    TlsServer tls(options());
    EXPECT_NEAR(static_cast<double>(seconds_left(tls.expires_at())), 48 * 3600, 60);
    write_leaf({.ends = std::chrono::hours(96)});
    tls.reload(options());
    EXPECT_NEAR(static_cast<double>(seconds_left(tls.expires_at())), 96 * 3600, 60);
}

TEST_F(TlsTest, SaysWhatIsWrongWithItsFiles) {
    const auto refusal = [&] { return find_problem([&] { TlsServer tls(options()); }).value_or(""); };
    EXPECT_NE(
        refusal().find("The TLS certificate " + (folder_ / "tls.crt") + " cannot be opened: No such file"),
        std::string::npos)
        << refusal();
    write_leaf();
    EXPECT_EQ(refusal(), "");
    std::filesystem::remove(folder_ / "tls.key");
    EXPECT_NE(refusal().find("The TLS key " + (folder_ / "tls.key") + " cannot be opened"), std::string::npos)
        << refusal();
    std::ofstream(folder_ / "tls.key") << "no key";
    EXPECT_NE(refusal().find("is open to everybody"), std::string::npos) << refusal();
    ::chmod((folder_ / "tls.key").c_str(), 0600);
    EXPECT_NE(refusal().find("holds no private key in PEM"), std::string::npos) << refusal();
    write_leaf();
    std::ofstream(folder_ / "tls.crt") << "no certificate";
    EXPECT_NE(refusal().find("holds no certificate in PEM"), std::string::npos) << refusal();
}

TEST_F(TlsTest, RefusesAKeyOfAnotherCertificate) {
    write_leaf();
    authority_.write_leaf(folder_ / "other.crt", folder_ / "other.key");
    TlsOptions mixed = options();
    mixed.key_file = folder_ / "other.key";
    const auto refusal = find_problem([&] { TlsServer tls(mixed); });
    ASSERT_TRUE(refusal);
    EXPECT_NE(refusal->find("is not the certificate's private key"), std::string::npos) << *refusal;
}

TEST_F(TlsTest, KeepsTheOldCertificateWhenTheNewOneIsBad) {
    write_leaf();
    TlsServer tls(options());
    const auto before = tls.context();
    const auto ends_before = tls.expires_at();
    std::ofstream(folder_ / "tls.crt") << "half of a fi";
    EXPECT_THROW(tls.reload(options()), Problem);
    EXPECT_EQ(tls.context(), before);
    EXPECT_EQ(tls.expires_at(), ends_before);
    write_leaf();
    tls.reload(options());
    EXPECT_NE(tls.context(), before);
    EXPECT_NE(before, nullptr) << "and a handshake in the middle still has the old one";
}

// A client that trusts only one authority sees which of two certificates it was shown.
TEST_F(TlsTest, ShowsTheNewCertificateToNewConnectionsOnly) {
    write_leaf();
    test::TestServer server(serve, server_options());
    const std::string url = server.url() + "/";
    test::ClientRunner kept(client_options());
    EXPECT_EQ(kept.fetch(test::get(url)).body, "secure");

    const Authority other("other authority");
    other.write_leaf(folder_ / "tls.crt", folder_ / "tls.key");
    server.server().reload_tls(options());
    EXPECT_EQ(kept.fetch(test::get(url)).body, "secure") << "its connection goes on";
    test::ClientRunner fresh(client_options());
    EXPECT_NE(fresh.fetch(test::get(url)).detail.find("no certificate for this name that is trusted"),
              std::string::npos);
}

TEST_F(TlsTest, TellsPlainClientsToUseHttps) {
    write_leaf();
    test::TestServer server(serve, server_options());
    test::RawClient client(server.port());
    const test::Answer answer = client.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(answer.status, 426);
    EXPECT_TRUE(answer.is_whole);
    EXPECT_NE(answer.header("upgrade").find("TLS/1.2"), std::string::npos);
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_NE(server.parts().metrics.render().find(
                  "lodestone_connections_refused_total{reason=\"plain_http\"} 1\n"),
              std::string::npos);
}

TEST_F(TlsTest, SurvivesWhatIsNoHandshake) {
    write_leaf();
    test::TestServer server(serve, server_options());
    test::RawClient broken(server.port());
    broken.send(std::string("\x16\x03\x01\x00\x05hello", 10));
    broken.read_to_end();
    test::RawClient silent(server.port());
    silent.close();
    test::ClientRunner client(client_options());
    EXPECT_EQ(client.fetch(test::get(server.url() + "/")).body, "secure");
}

// A body that comes only when somebody already waits for it.
class AwaitedBody final : public BodySource {
  public:
    explicit AwaitedBody(std::future<void> awaited) : awaited_(std::move(awaited)) {}
    Task<std::string_view> next() override {
        if (std::exchange(is_sent_, true)) co_return std::string_view();
        awaited_.wait();
        co_return "served";
    }
    std::optional<std::uint64_t> length() const override { return 6; }

  private:
    std::future<void> awaited_;
    bool is_sent_ = false;
};

// OpenSSL keeps errors per thread, and takes an old one for the reason of the next wait.
TEST_F(TlsTest, IsNotTroubledByErrorsOfOthers) {
    write_leaf();
    std::promise<void> awaits;
    test::TestServer server(
        [&](Exchange& exchange) -> Task<> {
            ERR_raise(ERR_LIB_USER, 1);
            awaits.set_value();
            std::string body = co_await read_all(*exchange.request.body, limits::kib);
            co_await exchange.send(Response::text(200, std::move(body)));
        },
        server_options(), 1);
    test::ClientRunner client(client_options());
    AwaitedBody body(awaits.get_future());
    ClientRequest request = test::get(server.url() + "/");
    request.method = Method::post;
    request.body = &body;
    EXPECT_EQ(client.fetch(std::move(request)).body, "served");
}

TEST_F(TlsTest, WarnsBeforeItsCertificateEnds) {
    FakeClock clock{
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now())};
    SystemRandom random;
    Metrics metrics;
    Health health;
    Log log(LogOptions{.file = folder_ / "log"}, clock);
    Context context{clock, random, log, metrics, health};
    write_leaf({.ends = std::chrono::days(13)});
    test::TestServer server(context, serve, server_options());
    log.flush();
    const auto line = boost::json::parse(test::read_file(folder_ / "log")).as_object();
    EXPECT_EQ(line.at("level"), "warn");
    EXPECT_EQ(line.at("event"), "certificate ends soon");

    write_leaf({.ends = std::chrono::days(90)});
    server.server().reload_tls(options());
    log.flush();
    const std::string text = test::read_file(folder_ / "log");
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << "one line, for the old one";
    Gauge& gauge = metrics.gauge("lodestone_tls_certificate_expires_seconds", "");
    EXPECT_NEAR(static_cast<double>(seconds_left(gauge.value())), 90 * 86400, 60);
}

}  // namespace
}  // namespace lodestone::http
