// The guard on the wire: what is refused before a socket is opened, at the first hop and at every other, and
// what follows a redirect to another origin.
#include <gtest/gtest.h>

#include <map>

#include "http/client/client.hpp"
#include "support/client_runner.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::http {
namespace {

using test::ClientRunner;
using test::get;
using test::ScriptedPeer;
using test::ScriptedServer;

// Answers with what it was asked: the request line and the fields, then the body of that size.
ScriptedServer::Script echo(std::size_t body_bytes = 0) {
    return [body_bytes](ScriptedPeer& peer) {
        for (auto head = peer.read_head(); !head.empty(); head = peer.read_head())
            peer.answer(head + peer.read_bytes(body_bytes));
    };
}

// Sends everybody on, after reading a body of that size.
ScriptedServer::Script lead_to(std::string location, std::string status = "302 Found",
                               std::size_t body_bytes = 0) {
    return [=](ScriptedPeer& peer) {
        while (!peer.read_head().empty()) {
            peer.read_bytes(body_bytes);
            peer.answer("moved", status, "Location: " + location + "\r\n");
        }
    };
}

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

TEST(ClientEgress, RefusesLoopbackByDefault) {
    const ScriptedServer server(echo());
    ClientRunner runner(ClientOptions{});
    for (const auto* host : {"127.0.0.1", "localhost", "[::1]", "127.0.0.2", "0.0.0.0"}) {
        const auto fetched = runner.fetch(get(server.url("/?token=secret", host)));
        EXPECT_EQ(fetched.problem, "forbidden") << host << " " << fetched.detail;
        EXPECT_TRUE(contains(fetched.detail, "is at a private or reserved address")) << fetched.detail;
        EXPECT_FALSE(contains(fetched.detail, "secret"));
    }
    EXPECT_EQ(server.accepted_count(), 0u);
    EXPECT_EQ(runner.count_outcome("refused"), 5u);
}

TEST(ClientEgress, ReachesWhatItsPolicyAllows) {
    const ScriptedServer server(echo());
    ClientRunner runner(ClientOptions{});
    auto by_host = get(server.url("/", "localhost"));
    by_host.egress.emplace();
    by_host.egress->allowed_hosts = {"localhost"};
    const auto fetched = runner.fetch(std::move(by_host));
    EXPECT_TRUE(contains(fetched.body, "Host: localhost:")) << fetched.detail;

    auto by_port = get(server.url());
    by_port.egress.emplace();
    by_port.egress->allow_private = true;
    by_port.egress->allowed_ports = {443};
    EXPECT_EQ(runner.fetch(std::move(by_port)).detail, "127.0.0.1 has a port that is not allowed.");
}

// The kept connection was vetted for somebody else.
TEST(ClientEgress, DoesNotReuseAConnectionThatThePolicyForbids) {
    const ScriptedServer server(echo());
    ClientRunner runner;
    EXPECT_EQ(runner.fetch(get(server.url())).status, 200);
    auto strict = get(server.url());
    strict.egress.emplace();
    EXPECT_EQ(runner.fetch(std::move(strict)).problem, "forbidden");
}

TEST(ClientEgress, ChecksEveryHopAnew) {
    const ScriptedServer target(echo());
    ClientRunner runner;
    for (const auto* host :
         {"127.0.0.2", "localhost.", "[::1]", "[::ffff:127.0.0.3]", "2130706433", "169.254.169.254"}) {
        const ScriptedServer server(lead_to(target.url("/", host)));
        const auto fetched = runner.fetch(get(server.url()));
        EXPECT_NE(fetched.problem, "") << host;
        EXPECT_EQ(fetched.status, 0) << host;
    }
    EXPECT_EQ(target.accepted_count(), 0u);

    const ScriptedServer server(lead_to(target.url("/", "127.0.0.2")));
    EXPECT_EQ(runner.fetch(get(server.url())).detail, "127.0.0.2 is at a private or reserved address.");
}

// A name whose owner answers with a good address while it is looked at, and with a private one from then on.
// Of the test's addresses 127.0.0.1 is the good one.
class RebindingName {
  public:
    ClientOptions options() {
        ClientOptions options = test::loopback_options();
        options.look_up = [this](const std::string& host) {
            const bool is_first = count_[host]++ == 0;  // on one thread at a time: the test asks in turn
            return LookupResult{{*parse_address(is_first ? "127.0.0.1" : "127.0.0.2")}, {}};
        };
        return options;
    }
    std::size_t count(const std::string& host) const { return count_.contains(host) ? count_.at(host) : 0; }

  private:
    std::map<std::string, std::size_t> count_;
};

TEST(ClientEgress, ConnectsToTheAddressThatWasVetted) {
    RebindingName name;
    const ScriptedServer server(echo());
    ClientRunner runner(name.options());
    const auto fetched = runner.fetch(get(server.url("/", "rebinding.example")));
    EXPECT_EQ(fetched.status, 200) << fetched.detail;
    EXPECT_TRUE(contains(fetched.body, "Host: rebinding.example:")) << fetched.body;
    EXPECT_EQ(name.count("rebinding.example"), 1u) << "a second look would have led elsewhere";
}

TEST(ClientEgress, VetsANameAnewWheneverItIsLookedUp) {
    RebindingName name;
    const ScriptedServer server(echo());
    EXPECT_EQ(ClientRunner(name.options()).fetch(get(server.url("/", "rebinding.example"))).status, 200);
    ClientRunner later(name.options());  // remembers nothing of the first
    const auto fetched = later.fetch(get(server.url("/", "rebinding.example")));
    EXPECT_EQ(fetched.problem, "forbidden");
    EXPECT_EQ(fetched.detail, "rebinding.example is at a private or reserved address.");
    EXPECT_EQ(name.count("rebinding.example"), 2u);
    EXPECT_EQ(server.accepted_count(), 1u);
}

TEST(ClientEgress, FollowsAChainAndNoLongerOne) {
    const ScriptedServer server([](ScriptedPeer& peer) {
        for (auto head = peer.read_head(); !head.empty(); head = peer.read_head()) {
            // GET /3 leads to /2, and so on to /0.
            const int left = head[5] - '0';
            if (left == 0)
                peer.answer("there");
            else
                peer.answer("", "307 Temporary Redirect", "Location: " + std::to_string(left - 1) + "\r\n");
        }
    });
    ClientRunner runner;
    const auto fetched = runner.fetch(get(server.url("/5")));
    EXPECT_EQ(fetched.body, "there") << fetched.detail;
    EXPECT_EQ(fetched.url, server.url("/0"));
    EXPECT_EQ(runner.fetch(get(server.url("/6"))).detail, "127.0.0.1 redirected too often.");
    EXPECT_EQ(server.accepted_count(), 1u);

    auto unfollowed = get(server.url("/1"));
    unfollowed.redirects.max_hops = 0;
    EXPECT_EQ(runner.fetch(std::move(unfollowed)).status, 307);
}

TEST(ClientEgress, KeepsCredentialsWithinTheirOrigin) {
    const ScriptedServer other(echo());
    const ScriptedServer server([&](ScriptedPeer& peer) {
        for (auto head = peer.read_head(); !head.empty(); head = peer.read_head())
            if (contains(head, "GET /here"))
                peer.answer(head);
            else
                peer.answer("", "302 Found",
                            "Location: " + (contains(head, "GET /out") ? other.url() : "/here") + "\r\n");
    });
    ClientRunner runner;
    const auto request = [&](const char* path) {
        auto made = get(server.url(path));
        made.headers.add("Authorization", "Bearer secret");
        made.headers.add("Cookie", "a=secret");
        made.headers.add("X-Upstream-Token", "secret");
        made.headers.add("Accept", "text/plain");
        return made;
    };
    const auto inside = runner.fetch(request("/in"));
    EXPECT_TRUE(contains(inside.body, "Authorization: Bearer secret")) << inside.body;
    EXPECT_TRUE(contains(inside.body, "X-Upstream-Token: secret"));
    const auto outside = runner.fetch(request("/out"));
    EXPECT_TRUE(contains(outside.body, "Accept: text/plain")) << outside.body;
    EXPECT_FALSE(contains(outside.body, "secret")) << outside.body;
}

TEST(ClientEgress, CarriesTheBodyWhereItBelongs) {
    struct Case {
        const char* status;
        std::size_t body_bytes;
        const char* line;
        const char* end;
    };
    const Case cases[] = {{"303 See Other", 0, "GET / HTTP/1.1", "\r\n\r\n"},
                          {"308 Permanent Redirect", 5, "POST / HTTP/1.1", "\r\n\r\nhello"}};
    for (const auto& [status, body_bytes, line, end] : cases) {
        const ScriptedServer target(echo(body_bytes));
        const ScriptedServer server(lead_to(target.url(), status, 5));
        ClientRunner runner;
        auto request = get(server.url());
        request.method = Method::post;
        request.headers.add("Content-Type", "text/plain");
        request.body = "hello";
        if (body_bytes > 0) {
            auto unasked = request;
            EXPECT_TRUE(contains(runner.fetch(std::move(unasked)).detail, "redirected an upload to another"));
        }
        request.redirects.allows_body_elsewhere = true;
        const auto fetched = runner.fetch(std::move(request));
        EXPECT_TRUE(fetched.body.starts_with(line)) << fetched.body << fetched.detail;
        EXPECT_TRUE(fetched.body.ends_with(end)) << fetched.body;
        EXPECT_EQ(contains(fetched.body, "Content-Type"), body_bytes != 0) << fetched.body;
    }
}

}  // namespace
}  // namespace lodestone::http
