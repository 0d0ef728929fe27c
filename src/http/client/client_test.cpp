// The client against real sockets: framing, keeping connections, uploads.
#include "http/client/client.hpp"

#include <gtest/gtest.h>

#include "support/client_runner.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::http {
namespace {

using test::ClientRunner;
using test::get;
using test::ScriptedPeer;
using test::ScriptedServer;

// Gives out its pieces; with a length or without.
class Pieces final : public BodySource {
  public:
    Pieces(std::vector<std::string> pieces, std::optional<std::uint64_t> length)
        : pieces_(std::move(pieces)), length_(length) {}
    Task<std::string_view> next() override {
        co_return at_ < pieces_.size() ? std::string_view(pieces_[at_++]) : std::string_view{};
    }
    std::optional<std::uint64_t> length() const override { return length_; }

  private:
    std::vector<std::string> pieces_;
    std::optional<std::uint64_t> length_;
    std::size_t at_ = 0;
};

// Answers every request on the connection alike.
ScriptedServer::Script always(std::string bytes) {
    return [bytes](ScriptedPeer& peer) {
        while (!peer.read_head().empty()) peer.send(bytes);
    };
}

TEST(Client, SendsAWellFormedRequest) {
    std::promise<std::string> seen;
    const ScriptedServer server([&](ScriptedPeer& peer) {
        seen.set_value(peer.read_head());
        peer.answer("ok");
    });
    ClientRunner runner;
    auto request = get(server.url("/a%2Fb?c=d#e"));
    request.headers.add("Accept", "text/plain");
    for (const auto* name : {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect"})
        request.headers.add(name, "9");
    const auto fetched = runner.fetch(std::move(request));
    EXPECT_EQ(fetched.body, "ok");
    EXPECT_EQ(fetched.url, server.url("/a%2Fb?c=d"));
    EXPECT_EQ(seen.get_future().get(),
              "GET /a%2Fb?c=d HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                  "\r\nUser-Agent: lodestone\r\nAccept: text/plain\r\n\r\n");
}

TEST(Client, ReadsEveryFraming) {
    struct Case {
        const char* what;
        Method method;
        std::string answer;
        std::string body;
        std::size_t connections;  // for two requests
    };
    const Case cases[] = {
        {"length", Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", 1},
        {"empty", Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", 1},
        {"chunked", Method::get,
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nT: v\r\n\r\n",
         "hello", 1},
        {"HEAD", Method::head, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "", 1},
        {"204", Method::put, "HTTP/1.1 204 No Content\r\n\r\n", "", 1},
        {"304", Method::get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", 1},
        {"interim", Method::get,
         "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", "a", 1},
        {"asked to close", Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\na",
         "a", 2},
        {"more than announced", Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", "a", 2},
        {"body after 204", Method::get, "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n\r\na", "", 2},
        {"second answer unasked", Method::get,
         "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nb", "a",
         2},
    };
    for (const auto& [what, method, answer, body, connections] : cases) {
        const ScriptedServer server(always(answer));
        ClientRunner runner;
        for (int i = 0; i < 2; ++i) {
            auto request = get(server.url());
            request.method = method;
            const auto fetched = runner.fetch(std::move(request));
            EXPECT_EQ(fetched.problem, "") << what << fetched.detail;
            EXPECT_EQ(fetched.body, body) << what;
        }
        EXPECT_EQ(server.accepted_count(), connections) << what;
        EXPECT_EQ(runner.count("lodestone_client_connects_total"), connections) << what;
        EXPECT_EQ(runner.count("lodestone_client_reuses_total"), 2 - connections) << what;
    }
}

TEST(Client, ReadsUntilTheConnectionEnds) {
    const std::string large(3 * limits::head_bytes + 7, 'x');
    const ScriptedServer server([&](ScriptedPeer& peer) {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\n\r\n" + large);
    });
    ClientRunner runner;
    const auto fetched = runner.fetch(get(server.url()));
    EXPECT_EQ(fetched.body, large);
    EXPECT_EQ(fetched.length, std::nullopt);
}

TEST(Client, StreamsLargeBodies) {
    const std::string large(4 * limits::mib + 3, 'y');
    const ScriptedServer server([&](ScriptedPeer& peer) {
        while (!peer.read_head().empty()) peer.answer(large);
    });
    ClientRunner runner;
    for (int i = 0; i < 2; ++i) {
        const auto fetched = runner.fetch(get(server.url()));
        EXPECT_EQ(fetched.length, large.size());
        EXPECT_TRUE(fetched.body == large);
    }
    EXPECT_EQ(server.accepted_count(), 1u);
    EXPECT_EQ(runner.count_outcome("2xx"), 2u);
}

TEST(Client, UploadsWhatItIsGiven) {
    const std::string large(limits::mib, 'z');
    struct Case {
        const char* what;
        OutgoingBody body;
        std::string field;
        std::string sent;
    };
    Pieces known({"he", "llo"}, 5);
    Pieces unknown({"he", "llo"}, std::nullopt);
    const Case cases[] = {
        {"nothing", {}, "Content-Length: 0", ""},
        {"text", "hello", "Content-Length: 5", "hello"},
        {"much", large, "Content-Length: 1048576", large},
        {"a source", &known, "Content-Length: 5", "hello"},
        {"an endless source", &unknown, "Transfer-Encoding: chunked", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"},
    };
    for (const auto& [what, body, field, sent] : cases) {
        const ScriptedServer server([&](ScriptedPeer& peer) {
            const auto head = peer.read_head();
            const auto received = peer.read_bytes(sent.size());
            peer.answer(head.find("\r\n" + field + "\r\n") != head.npos && received == sent ? "right" : head);
        });
        ClientRunner runner;
        auto request = get(server.url());
        request.method = Method::post;
        request.body = body;
        EXPECT_EQ(runner.fetch(std::move(request)).body, "right") << what;
    }
}

TEST(Client, HearsARefusalWhileItUploads) {
    const ScriptedServer server([](ScriptedPeer& peer) {
        peer.read_head();
        peer.answer("too much", "413 Content Too Large", "Connection: close\r\n");
        peer.close_orderly();
        peer.wait_closed();
    });
    ClientRunner runner;
    auto request = get(server.url());
    request.method = Method::put;
    request.body = std::string(8 * limits::mib, 'x');
    const auto fetched = runner.fetch(std::move(request));
    EXPECT_EQ(fetched.status, 413) << fetched.detail;
    EXPECT_EQ(fetched.body, "too much");
}

TEST(Client, NoticesASourceThatBreaksItsWord) {
    const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_closed(); });
    ClientRunner runner;
    Pieces shorter({"he"}, 5);
    Pieces longer({"hello", "!"}, 5);
    for (Pieces* source : {&shorter, &longer}) {
        auto request = get(server.url());
        request.method = Method::put;
        request.body = source;
        EXPECT_EQ(runner.fetch(std::move(request)).problem, "internal-error");
    }
}

}  // namespace
}  // namespace lodestone::http
