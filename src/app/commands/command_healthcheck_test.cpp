// The health check against a socket that answers well, badly or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include "app/commands/commands.hpp"
#include "base/unique_fd.hpp"
#include "http/client/health_probe.hpp"
#include "support/certificates.hpp"
#include "support/temp_folder.hpp"
#include "support/test_server.hpp"

namespace lodestone::app {
namespace {

using http::probe;
using http::ProbeAnswer;
using ::testing::HasSubstr;

// Listens on a Unix socket and gives one connection a fixed answer after reading a request's head.
class OneAnswer {
  public:
    OneAnswer(const std::string& path, std::string answer)
        : listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), answer_(std::move(answer)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(path.begin(), path.end(), address.sun_path);
        EXPECT_EQ(::bind(listener_.value(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::listen(listener_.value(), 1), 0);
        thread_ = std::thread([this] { answer_one(); });
    }
    ~OneAnswer() { thread_.join(); }

    // What was asked; only after the answer has been read.
    const std::string& request() const { return request_; }

  private:
    void answer_one() {
        const UniqueFd connection(::accept(listener_.value(), nullptr, nullptr));
        char c = 0;
        while (!request_.ends_with("\r\n\r\n") && ::recv(connection.value(), &c, 1, 0) == 1) request_ += c;
        if (!answer_.empty()) {
            ::send(connection.value(), answer_.data(), answer_.size(), MSG_NOSIGNAL);
            return;
        }
        // Says nothing until the other side gives up.
        ::recv(connection.value(), &c, 1, 0);
    }

    UniqueFd listener_;
    std::string answer_;
    std::string request_;
    std::thread thread_;
};

ProbeAnswer ask(const std::string& answer, std::chrono::milliseconds timeout = std::chrono::seconds{10}) {
    const test::TempFolder folder;
    const OneAnswer server(folder / "s", answer);
    return probe({.url = "http://localhost/ready", .unix_path = folder / "s", .pinned_certificate_file = {}},
                 timeout);
}

TEST(HealthProbe, ReadsStatusAndBody) {
    struct Row {
        std::string answer;
        int status;
        std::string detail;
    };
    for (const Row& row :
         {Row{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n", 200, "ok"},
          Row{"HTTP/1.1 503 Service Unavailable\r\n\r\ndraining\x1b[31m\n", 503, "draining\\u001b[31m"},
          Row{"HTTP/1.1 503 Busy\r\n\r\n{\"a\":\r\n\"\xc2\x9b\xe2\x80\xae\xff\"}", 503,
              "{\"a\":  \"\\u009b\\u202e\xef\xbf\xbd\"}"},
          Row{"HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
          Row{"SSH-2.0-OpenSSH_9.2\r\n\r\n", 0, "localhost gave an answer that does not begin with HTTP/1."},
          Row{"HTTP/1.1", 0, "localhost broke off before it had answered."},
          Row{"HTTP/1.1 abc\r\n\r\n", 0, "localhost gave an answer that has no status of three digits."}}) {
        const ProbeAnswer answer = ask(row.answer);
        EXPECT_EQ(answer.status, row.status) << row.answer;
        EXPECT_EQ(answer.detail, row.detail);
        EXPECT_EQ(answer.is_healthy(), row.status == 200 || row.status == 204);
    }
}

TEST(HealthProbe, GivesUpInTime) {
    const ProbeAnswer answer = ask("", std::chrono::milliseconds{50});
    EXPECT_FALSE(answer.is_healthy());
    EXPECT_EQ(answer.detail, "localhost did not answer in time.");
}

TEST(HealthProbe, SaysWhyItCannotConnect) {
    const test::TempFolder folder;
    const ProbeAnswer answer =
        probe({.url = "http://localhost/", .unix_path = folder / "s", .pinned_certificate_file = {}},
              std::chrono::seconds{1});
    EXPECT_EQ(answer.detail, "localhost could not be reached.");
}

TEST(Healthcheck, AsksTheConfiguredAddress) {
    const test::TempFolder folder;
    struct Row {
        std::vector<std::string> words;
        std::string answer;
        int code;
        std::string out;
        std::string err;
        std::string request;
    };
    const std::string address = "unix:" + (folder / "s");
    const std::string well = "HTTP/1.1 200 OK\r\n\r\nok";
    const std::string badly = "HTTP/1.1 503 Service Unavailable\r\n\r\ndatabase: locked";
    for (const Row& row :
         {Row{{"--listen", address},
              well,
              0,
              "healthy: " + address + "/ready\n",
              "",
              "GET /ready HTTP/1.1\r\n"},
          Row{{"--url", address, "--live"}, well, 0, "healthy: " + address + "/health\n", "", "GET /health "},
          Row{{"--url", address},
              badly,
              1,
              "",
              "/ready answered 503: database: locked\n",
              "Host: localhost\r\n"},
          Row{{"--url", address, "--json"},
              badly,
              1,
              "\"healthy\":false",
              "",
              "User-Agent: lodestone-healthcheck\r\n"}}) {
        std::ostringstream out;
        std::ostringstream err;
        Console console{.out = out, .err = err, .environment = {{"LODESTONE_DATA_DIR", "/nonexistent"}}};
        std::vector<std::string> words{"healthcheck"};
        words.insert(words.end(), row.words.begin(), row.words.end());
        {
            const OneAnswer server(folder / "s", row.answer);
            EXPECT_EQ(run_command(words, console), row.code);
            EXPECT_THAT(server.request(), HasSubstr(row.request));
        }
        EXPECT_THAT(out.str(), HasSubstr(row.out));
        EXPECT_THAT(err.str(), HasSubstr(row.err));
        ::unlink((folder / "s").c_str());
    }
}

TEST(Healthcheck, TrustsTheConfiguredCertificateAndNoOther) {
    const test::TempFolder folder;
    const test::Authority authority("unknown to everybody");
    authority.write_leaf(folder / "tls.crt", folder / "tls.key", {.names = "DNS:registry.example"});
    authority.write_leaf(folder / "other.crt", folder / "other.key");
    authority.write_pem(folder / "ca.crt");
    http::ServerOptions options;
    options.tls_listen = {*http::parse_listen_address("127.0.0.1:0")};
    options.tls = http::TlsOptions{.certificate_file = folder / "tls.crt", .key_file = folder / "tls.key"};
    const test::TestServer server(
        [](http::Exchange& exchange) -> Task<> {
            co_await exchange.send(http::Response::text(200, "ready"));
        },
        options);
    const auto run = [&](const std::vector<std::string>& words, const std::string& certificate) {
        std::ofstream(folder / "lodestone.toml")
            << "[server]\nlisten = []\n[tls]\nlisten = [\"" << server.url().substr(8)
            << "\"]\ncertificate_file = \"" << certificate << "\"\nkey_file = \"" << folder / "tls.key"
            << "\"\n";
        std::ostringstream out;
        std::ostringstream err;
        Console console{.out = out, .err = err, .environment = {}};
        std::vector<std::string> all{"healthcheck"};
        all.insert(all.end(), words.begin(), words.end());
        const int code = run_command(all, console);
        return std::to_string(code) + " " + out.str() + err.str();
    };
    const std::vector<std::string> configured{"--config", folder / "lodestone.toml"};
    EXPECT_THAT(run(configured, folder / "tls.crt"), HasSubstr("0 healthy: 127.0.0.1:"));
    EXPECT_THAT(run(configured, folder / "other.crt"),
                HasSubstr("no certificate for this name that is trusted"));
    EXPECT_THAT(run(configured, folder / "ca.crt"), HasSubstr("no certificate for this name that is trusted"))
        << "not even its own authority's";
    EXPECT_THAT(run({"--url", server.url()}, ""), HasSubstr("no certificate for this name that is trusted"));
}

}  // namespace
}  // namespace lodestone::app
