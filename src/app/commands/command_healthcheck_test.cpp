// The health check against a socket that answers well, badly or not at all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "app/commands/commands.hpp"
#include "base/unique_fd.hpp"
#include "http/server/health_probe.hpp"
#include "support/temp_folder.hpp"

namespace lodestone::app {
namespace {

using http::parse_listen_address;
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
    return probe({parse_listen_address("unix:" + (folder / "s")).value(), "/ready", "localhost"}, timeout);
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
          Row{"SSH-2.0-OpenSSH_9.2\r\n", 0, "the answer is not HTTP"},
          Row{"HTTP/1.1", 0, "the answer is not HTTP"},
          Row{"HTTP/1.1 abc\r\n\r\n", 0, "the answer is not HTTP"}}) {
        const ProbeAnswer answer = ask(row.answer);
        EXPECT_EQ(answer.status, row.status) << row.answer;
        EXPECT_EQ(answer.detail, row.detail);
        EXPECT_EQ(answer.is_healthy(), row.status == 200 || row.status == 204);
    }
}

TEST(HealthProbe, GivesUpInTime) {
    const ProbeAnswer answer = ask("", std::chrono::milliseconds{50});
    EXPECT_FALSE(answer.is_healthy());
    EXPECT_EQ(answer.detail, "no answer: timed out");
}

TEST(HealthProbe, SaysWhyItCannotConnect) {
    const test::TempFolder folder;
    const ProbeAnswer answer = probe(
        {parse_listen_address("unix:" + (folder / "s")).value(), "/", "localhost"}, std::chrono::seconds{1});
    EXPECT_EQ(answer.detail, "cannot connect: No such file or directory");
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
          Row{{"--url", address, "--json"}, badly, 1, "\"healthy\":false", "", "Connection: close\r\n"}}) {
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

}  // namespace
}  // namespace lodestone::app
