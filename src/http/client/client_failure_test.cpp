// The client when the other side misbehaves: silence, early ends, dead connections, nonsense, and too much.
#include <gtest/gtest.h>

#include "http/client/client.hpp"
#include "support/client_runner.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::http {
namespace {

using namespace std::chrono_literals;
using test::ClientRunner;
using test::get;
using test::ScriptedPeer;
using test::ScriptedServer;

TEST(ClientFailure, GivesUpAtTheDeadline) {
    const ScriptedServer server([](ScriptedPeer& peer) { peer.wait_closed(); });
    ClientRunner runner;
    auto request = get(server.url("/path?token=secret"));
    request.deadline = std::chrono::steady_clock::now() + 50ms;
    const auto fetched = runner.fetch(std::move(request));
    EXPECT_EQ(fetched.problem, "upstream-timeout");
    EXPECT_EQ(fetched.detail, "127.0.0.1 did not answer in time.");
    EXPECT_EQ(runner.count_outcome("timeout"), 1u);
}

TEST(ClientFailure, GivesUpOnAHeadThatDoesNotCome) {
    const ScriptedServer server([](ScriptedPeer& peer) {
        peer.send("HTTP/1.1 200 OK\r\nConte");
        peer.wait_closed();
    });
    auto options = test::loopback_options();
    options.head_timeout = 50ms;
    ClientRunner runner(options);
    EXPECT_EQ(runner.fetch(get(server.url())).problem, "upstream-timeout");
}

TEST(ClientFailure, GivesUpOnABodyThatStalls) {
    const ScriptedServer server([](ScriptedPeer& peer) {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
        peer.wait_closed();
    });
    auto options = test::loopback_options();
    options.stall_timeout = 50ms;
    ClientRunner runner(options);
    const auto fetched = runner.fetch(get(server.url()));
    EXPECT_EQ(fetched.body, "he");
    EXPECT_EQ(fetched.problem, "upstream-timeout");
    EXPECT_EQ(fetched.detail, "127.0.0.1 stopped sending its answer.");
    EXPECT_EQ(runner.count("lodestone_client_broken_bodies_total"), 1u);
}

TEST(ClientFailure, GivesUpOnAPeerThatTakesNothing) {
    // A listener whose backlog nobody empties takes some bytes and then no more.
    const UniqueFd silent(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    ASSERT_EQ(::bind(silent.value(), reinterpret_cast<sockaddr*>(&name), size), 0);
    ASSERT_EQ(::listen(silent.value(), 1), 0);
    ASSERT_EQ(::getsockname(silent.value(), reinterpret_cast<sockaddr*>(&name), &size), 0);
    auto options = test::loopback_options();
    options.stall_timeout = 50ms;
    ClientRunner runner(options);
    auto request = get("http://127.0.0.1:" + std::to_string(ntohs(name.sin_port)) + "/");
    request.method = Method::put;
    request.body = std::string(32 * limits::mib, 'x');
    EXPECT_EQ(runner.fetch(std::move(request)).problem, "upstream-timeout");
}

TEST(ClientFailure, NeverTakesACutBodyForAWholeOne) {
    for (const std::string answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n0\r\n"}) {
        const ScriptedServer server([&](ScriptedPeer& peer) {
            peer.read_head();
            peer.send(answer);
        });
        ClientRunner runner;
        const auto fetched = runner.fetch(get(server.url()));
        EXPECT_EQ(fetched.status, 200);
        EXPECT_EQ(fetched.body, "he");
        EXPECT_EQ(fetched.problem, "bad-upstream");
        EXPECT_EQ(fetched.detail, "127.0.0.1 ended its answer too early.");
    }
}

TEST(ClientFailure, ReportsAResetInTheBody) {
    const ScriptedServer server([](ScriptedPeer& peer) {
        peer.read_head();
        peer.reset_on_close();
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
    });
    ClientRunner runner;
    EXPECT_EQ(runner.fetch(get(server.url())).problem, "bad-upstream");
}

// The first connection answers once and dies on the next request; the second answers.
ScriptedServer::Script die_on_second_request() {
    return [](ScriptedPeer& peer) {
        if (peer.read_head().empty()) return;
        peer.answer("from " + std::to_string(peer.index()));
        peer.read_head();
    };
}

TEST(ClientFailure, TriesOnceMoreWhenAKeptConnectionIsDead) {
    const ScriptedServer server(die_on_second_request());
    ClientRunner runner;
    EXPECT_EQ(runner.fetch(get(server.url())).body, "from 0");
    EXPECT_EQ(runner.fetch(get(server.url())).body, "from 1");
    EXPECT_EQ(runner.count("lodestone_client_retries_total"), 1u);
}

// As at the end of the process, when the last spans still have to leave.
TEST(ClientFailure, DoesNotUseAConnectionThatWasCancelled) {
    const ScriptedServer server([](ScriptedPeer& peer) {
        while (!peer.read_head().empty()) peer.answer("from " + std::to_string(peer.index()));
    });
    ClientRunner runner;
    EXPECT_EQ(runner.fetch(get(server.url())).body, "from 0");
    runner.loop().cancel_all_streams();
    auto post = get(server.url());
    post.method = Method::post;
    EXPECT_EQ(runner.fetch(std::move(post)).body, "from 1");
}

TEST(ClientFailure, DoesNotRepeatWhatMayHaveHadAnEffect) {
    const ScriptedServer server(die_on_second_request());
    ClientRunner runner;
    EXPECT_EQ(runner.fetch(get(server.url())).body, "from 0");
    auto post = get(server.url());
    post.method = Method::post;
    const auto fetched = runner.fetch(std::move(post));
    EXPECT_EQ(fetched.problem, "bad-upstream");
    EXPECT_EQ(fetched.detail, "127.0.0.1 broke off before it had answered.");
    EXPECT_EQ(server.accepted_count(), 1u);
}

TEST(ClientFailure, DoesNotRepeatOnAFreshConnectionOrAfterSomeBytes) {
    const ScriptedServer closing([](ScriptedPeer& peer) { peer.read_head(); });
    ClientRunner runner;
    EXPECT_EQ(runner.fetch(get(closing.url())).problem, "bad-upstream");
    EXPECT_EQ(closing.accepted_count(), 1u);

    const ScriptedServer babbling([](ScriptedPeer& peer) {
        peer.read_head();
        peer.answer("ok");
        peer.read_head();
        peer.send("HTTP/1.1 2");
    });
    EXPECT_EQ(runner.fetch(get(babbling.url())).body, "ok");
    EXPECT_EQ(runner.fetch(get(babbling.url())).problem, "bad-upstream");
    EXPECT_EQ(babbling.accepted_count(), 1u);
}

TEST(ClientFailure, RefusesNonsense) {
    std::string interim;
    for (std::size_t i = 0; i <= limits::upstream_interim_heads; ++i) interim += "HTTP/1.1 102 Wait\r\n\r\n";
    struct Case {
        std::string answer;
        std::string detail;
    };
    const Case cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "127.0.0.1 gave an answer that has both Content-Length and Transfer-Encoding."},
        {"SSH-2.0-OpenSSH\r\n\r\n", "127.0.0.1 gave an answer that does not begin with HTTP/1."},
        {"HTTP/1.1 200 OK\r\nA: " + std::string(limits::head_bytes, 'x'),
         "127.0.0.1 gave an answer that has too large a head."},
        {interim + "HTTP/1.1 200 OK\r\n\r\n",
         "127.0.0.1 gave an answer that is preceded by too many interim ones."},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "127.0.0.1 sent a malformed body."},
        {"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n",
         "127.0.0.1 answered with more bytes than are taken here."},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n",
         "127.0.0.1 answered with more bytes than are taken here."},
        {"HTTP/1.1 200 OK\r\n\r\n12345678901", "127.0.0.1 answered with more bytes than are taken here."},
    };
    for (const auto& [answer, detail] : cases) {
        const ScriptedServer server([&](ScriptedPeer& peer) {
            peer.read_head();
            peer.send(answer);
            peer.wait_closed();
        });
        ClientRunner runner;
        auto request = get(server.url());
        request.body_limit_bytes = 10;
        const auto fetched = runner.fetch(std::move(request));
        EXPECT_EQ(fetched.problem, "bad-upstream");
        EXPECT_EQ(fetched.detail, detail);
    }
}

TEST(ClientFailure, SaysWhoCannotBeReached) {
    std::uint16_t unused_port = 0;
    {
        const ScriptedServer gone([](ScriptedPeer&) {});
        unused_port = gone.port();
    }
    ClientRunner runner;
    const auto fetched =
        runner.fetch(get("http://127.0.0.1:" + std::to_string(unused_port) + "/?password=x"));
    EXPECT_EQ(fetched.problem, "bad-upstream");
    EXPECT_EQ(fetched.detail, "127.0.0.1 could not be reached.");
    EXPECT_EQ(runner.count_outcome("failed"), 1u);
}

TEST(ClientFailure, RefusesWhatIsNoUrl) {
    ClientRunner runner;
    for (const auto* url :
         {"", "registry.example", "ftp://registry.example/", "http://user:secret@registry.example/"}) {
        const auto fetched = runner.fetch(get(url));
        EXPECT_EQ(fetched.problem, "invalid-input") << url;
        EXPECT_EQ(fetched.detail.find("secret"), std::string::npos) << url;
    }
}

}  // namespace
}  // namespace lodestone::http
