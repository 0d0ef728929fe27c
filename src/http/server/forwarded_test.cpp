// Forwarded headers: who is believed how far, and what forgers try.
#include "http/server/forwarded.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

#include "base/limits.hpp"
#include "support/received_headers.hpp"

namespace lodestone::http {
namespace {

using test::make_headers;

const std::vector<Network> proxies{*parse_network("10.0.0.0/8"), *parse_network("fd00::/8")};

Peer make_peer(std::string address = "10.0.0.1") {
    Peer peer;
    peer.address = std::move(address);
    peer.port = 4711;
    peer.host = "internal.example";
    return peer;
}

// By the family that the headers are of.
Peer apply(const ReceivedHeaders& headers, Peer peer = make_peer(),
           std::span<const Network> trusted = proxies) {
    const bool is_forwarded = headers.find("Forwarded").has_value();
    apply_forwarded(headers, trusted,
                    is_forwarded ? ForwardedFamily::forwarded : ForwardedFamily::x_forwarded, peer);
    return peer;
}

struct WalkCase {
    std::string_view value;
    std::string_view address;
    std::uint16_t port = 0;
};
constexpr std::uint16_t socket_port = 4711;

class Walk : public ::testing::TestWithParam<std::pair<std::string_view, WalkCase>> {};

TEST_P(Walk, EndsAtTheRightmostUntrustedAddress) {
    const auto& [name, expected] = GetParam();
    const auto peer = apply(make_headers({{name, expected.value}}));
    EXPECT_EQ(peer.address, expected.address) << name << ": " << expected.value;
    EXPECT_EQ(peer.port, expected.port) << name << ": " << expected.value;
}

constexpr auto x_for = [](std::string_view value, std::string_view address, std::uint16_t port = 0) {
    return std::pair{std::string_view("X-Forwarded-For"), WalkCase{value, address, port}};
};
constexpr auto fwd = [](std::string_view value, std::string_view address, std::uint16_t port = 0) {
    return std::pair{std::string_view("Forwarded"), WalkCase{value, address, port}};
};

INSTANTIATE_TEST_SUITE_P(
    XForwardedFor, Walk,
    ::testing::Values(
        x_for("203.0.113.9", "203.0.113.9"), x_for(" 203.0.113.9 ", "203.0.113.9"),
        x_for("203.0.113.9:5000", "203.0.113.9", 5000), x_for("2001:db8::7", "2001:db8::7"),
        x_for("[2001:db8::7]", "2001:db8::7"), x_for("[2001:db8::7]:5000", "2001:db8::7", 5000),
        x_for("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        x_for("198.51.100.1, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
        x_for("203.0.113.9, fd00::2, 10.1.1.1", "203.0.113.9"), x_for("10.3.3.3, 10.2.2.2", "10.3.3.3"),
        x_for("::ffff:203.0.113.9", "203.0.113.9"), x_for("203.0.113.9, unknown", "10.0.0.1", socket_port),
        x_for("203.0.113.9, unknown, 10.1.1.1", "10.1.1.1"), x_for("203.0.113.9,", "10.0.0.1", socket_port),
        x_for("203.0.113.9,,10.1.1.1", "10.1.1.1"), x_for("", "10.0.0.1", socket_port),
        x_for("127.1", "10.0.0.1", socket_port), x_for("unix", "10.0.0.1", socket_port),
        x_for("client.example", "10.0.0.1", socket_port), x_for("203.0.113.9:70000", "10.0.0.1", socket_port),
        x_for("203.0.113.9:", "10.0.0.1", socket_port), x_for("[2001:db8::7", "10.0.0.1", socket_port),
        x_for("]:80", "10.0.0.1", socket_port), x_for("\", 203.0.113.9", "203.0.113.9")));

INSTANTIATE_TEST_SUITE_P(
    Forwarded, Walk,
    ::testing::Values(
        fwd("for=203.0.113.9", "203.0.113.9"), fwd("For=203.0.113.9;By=10.0.0.1", "203.0.113.9"),
        fwd("for=\"203.0.113.9:5000\"", "203.0.113.9", 5000),
        fwd("for=\"[2001:db8::7]:5000\"", "2001:db8::7", 5000), fwd("for=\"[2001:db8::7]\"", "2001:db8::7"),
        fwd("for=\"203.0.113.9:_hidden\"", "203.0.113.9"), fwd("for=\"203\\.0.113.9\"", "203.0.113.9"),
        fwd("for=198.51.100.1, for=203.0.113.9, for=10.1.1.1", "203.0.113.9"),
        fwd("for=198.51.100.1,for=203.0.113.9;ext=\"a,b;c\"", "203.0.113.9"),
        fwd(";for=203.0.113.9;;", "203.0.113.9"),
        fwd("for=203.0.113.9, for=unknown", "10.0.0.1", socket_port),
        fwd("for=203.0.113.9, for=_secret, for=10.1.1.1", "10.1.1.1"),
        fwd("for=203.0.113.9, proto=https", "10.0.0.1", socket_port),
        fwd("for=203.0.113.9,", "10.0.0.1", socket_port),
        fwd("for=203.0.113.9;for=203.0.113.8", "10.0.0.1", socket_port),
        fwd("for=203.0.113.9;oops", "10.0.0.1", socket_port),
        fwd("for = 203.0.113.9", "10.0.0.1", socket_port), fwd("for=[2001:db8::7]", "10.0.0.1", socket_port),
        fwd("203.0.113.9", "10.0.0.1", socket_port),
        // A client's open quote must not swallow what the proxy appends.
        fwd("for=\", for=203.0.113.9", "203.0.113.9"), fwd("for=\"\\, for=203.0.113.9", "203.0.113.9"),
        fwd("for=198.51.100.1;x=\", for=203.0.113.9;by=\"10.0.0.1:80\"", "203.0.113.9"),
        fwd("for=\", for=10.1.1.1", "10.1.1.1")));

TEST(Forwarded, NobodyElseIsBelieved) {
    const auto headers = make_headers({{"X-Forwarded-For", "203.0.113.9"},
                                       {"X-Forwarded-Proto", "https"},
                                       {"X-Forwarded-Host", "registry.example"}});
    for (const auto address : {"192.0.2.1", "127.0.0.1", "unix", "2001:db8::1"}) {
        const auto peer = apply(headers, make_peer(address));
        EXPECT_EQ(peer.address, address);
        EXPECT_EQ(peer.port, socket_port);
        EXPECT_FALSE(peer.is_secure);
        EXPECT_EQ(peer.host, "internal.example");
    }
    EXPECT_EQ(apply(headers, make_peer(), {}).address, "10.0.0.1");
}

TEST(Forwarded, UnixPeersAreTrustedByName) {
    const std::vector<Network> sockets{*parse_network("unix")};
    const auto headers = make_headers({{"X-Forwarded-For", "203.0.113.9"}});
    EXPECT_EQ(apply(headers, make_peer("unix"), sockets).address, "203.0.113.9");
    EXPECT_EQ(apply(headers, make_peer("127.0.0.1"), sockets).address, "127.0.0.1");
}

TEST(Forwarded, LinesAreOneListFromTheLastToTheFirst) {
    const auto headers = make_headers({{"X-Forwarded-For", "198.51.100.1"},
                                       {"Accept", "*/*"},
                                       {"x-forwarded-for", "203.0.113.9, 10.2.2.2"},
                                       {"X-Forwarded-For", "10.1.1.1"}});
    EXPECT_EQ(apply(headers).address, "203.0.113.9");
    const auto broken = make_headers({{"Forwarded", "for=\""}, {"Forwarded", "for=203.0.113.9"}});
    EXPECT_EQ(apply(broken).address, "203.0.113.9");
}

TEST(Forwarded, ProtocolAndHostComeFromTheFarthestBelieved) {
    const auto one =
        apply(make_headers({{"Forwarded", "for=203.0.113.9;proto=https;host=\"registry.example:8443\""}}));
    EXPECT_TRUE(one.is_secure);
    EXPECT_EQ(one.host, "registry.example:8443");
    const auto two = apply(make_headers({{"Forwarded",
                                          "for=203.0.113.9;proto=https;host=registry.example, "
                                          "for=10.1.1.1;proto=http;host=inner.example"}}));
    EXPECT_TRUE(two.is_secure);
    EXPECT_EQ(two.host, "registry.example");
    const auto forged = apply(make_headers({{"Forwarded",
                                             "for=198.51.100.1;proto=https;host=evil.example, "
                                             "for=203.0.113.9;proto=http;host=registry.example"}}));
    EXPECT_FALSE(forged.is_secure);
    EXPECT_EQ(forged.host, "registry.example");
    const auto nameless =
        apply(make_headers({{"Forwarded", "for=unknown;proto=https;host=registry.example"}}));
    EXPECT_TRUE(nameless.is_secure);
    EXPECT_EQ(nameless.host, "registry.example");
    EXPECT_EQ(nameless.address, "10.0.0.1");
}

TEST(Forwarded, XProtocolAndHostAreTheDirectProxysOrOnePerHop) {
    const auto plain =
        apply(make_headers({{"X-Forwarded-Proto", "HTTPS"}, {"X-Forwarded-Host", "registry.example"}}));
    EXPECT_TRUE(plain.is_secure);
    EXPECT_EQ(plain.host, "registry.example");
    EXPECT_EQ(plain.address, "10.0.0.1");
    const auto appended = apply(
        make_headers({{"X-Forwarded-For", "203.0.113.9, 10.1.1.1"}, {"X-Forwarded-Proto", "https, http"}}));
    EXPECT_TRUE(appended.is_secure);
    const auto overwritten =
        apply(make_headers({{"X-Forwarded-For", "203.0.113.9, 10.1.1.1"}, {"X-Forwarded-Proto", "https"}}));
    EXPECT_TRUE(overwritten.is_secure);
    const auto forged = apply(make_headers(
        {{"X-Forwarded-For", "198.51.100.1, 203.0.113.9"}, {"X-Forwarded-Proto", "https, http"}}));
    EXPECT_FALSE(forged.is_secure);
    const auto uneven = apply(make_headers(
        {{"X-Forwarded-For", "198.51.100.1, 203.0.113.9, 10.1.1.1"}, {"X-Forwarded-Proto", "https, http"}}));
    EXPECT_FALSE(uneven.is_secure);
    const auto padded = apply(
        make_headers({{"X-Forwarded-For", "203.0.113.9"}, {"X-Forwarded-Proto", "https, https, http"}}));
    EXPECT_FALSE(padded.is_secure);
}

TEST(Forwarded, ProtocolMayBeTakenBack) {
    auto over_tls = make_peer();
    over_tls.is_secure = true;
    EXPECT_FALSE(apply(make_headers({{"X-Forwarded-Proto", "http"}}), over_tls).is_secure);
    EXPECT_TRUE(apply(make_headers({{"X-Forwarded-Proto", "wss"}}), over_tls).is_secure);
    EXPECT_TRUE(apply(make_headers({{"X-Forwarded-For", "203.0.113.9"}}), over_tls).is_secure);
}

TEST(Forwarded, HostsThatAreNoneAreLeftOut) {
    for (const auto host :
         {"", "a b", "evil.example/x", "user@evil.example", "127.1", "evil.example:0", "a\tb"})
        EXPECT_EQ(apply(make_headers({{"X-Forwarded-Host", host}})).host, "internal.example") << host;
    EXPECT_EQ(apply(make_headers({{"X-Forwarded-Host", "[2001:db8::1]:8443"}})).host, "[2001:db8::1]:8443");
}

// A proxy passes on what it does not write itself: what a client wrote into the other family counts for
// nothing, be it right, wrong or unreadable.
TEST(Forwarded, OneFamilyIsReadAndTheOtherIsNot) {
    for (const auto other :
         {"for=198.51.100.1;proto=https;host=evil.example", "for=203.0.113.9", "oops", ""}) {
        Peer peer = make_peer();
        const auto headers = make_headers({{"Forwarded", other}, {"X-Forwarded-For", "203.0.113.9"}});
        apply_forwarded(headers, proxies, ForwardedFamily::x_forwarded, peer);
        EXPECT_EQ(peer.address, "203.0.113.9") << other;
        EXPECT_FALSE(peer.is_secure) << other;
        EXPECT_EQ(peer.host, "internal.example") << other;
    }
    Peer peer = make_peer();
    const auto headers = make_headers({{"X-Forwarded-For", "198.51.100.1"},
                                       {"X-Forwarded-Proto", "https"},
                                       {"X-Forwarded-Host", "evil.example"},
                                       {"Forwarded", "for=203.0.113.9"}});
    apply_forwarded(headers, proxies, ForwardedFamily::forwarded, peer);
    EXPECT_EQ(peer.address, "203.0.113.9");
    EXPECT_FALSE(peer.is_secure);
    EXPECT_EQ(peer.host, "internal.example");
}

// Comparing each of ten thousand parameters with those before would take a loop's second.
TEST(Forwarded, ManyParametersAreNoProxysWord) {
    std::string eight = "for=203.0.113.9";
    for (char c = 'a'; c < 'h'; ++c) eight += std::string(";") + c + "=1";
    EXPECT_EQ(apply(make_headers({{"Forwarded", eight}})).address, "203.0.113.9");
    EXPECT_EQ(apply(make_headers({{"Forwarded", eight + ";h=1"}})).address, "10.0.0.1");
    std::string many = "for=203.0.113.9";
    for (int i = 0; many.size() < 30'000; ++i) many += ";p" + std::to_string(i) + "=1";
    const std::clock_t start = std::clock();  // CPU time: others on this machine do not count
    for (int i = 0; i < 50; ++i) EXPECT_EQ(apply(make_headers({{"Forwarded", many}})).address, "10.0.0.1");
    EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 2) << "it was 5 s";
}

TEST(Forwarded, KnowsWhoCameThroughAProxy) {
    EXPECT_TRUE(apply(make_headers({})).is_proxied);
    EXPECT_FALSE(apply(make_headers({{"X-Forwarded-For", "10.1.1.1"}}), make_peer("192.0.2.1")).is_proxied);
}

TEST(Forwarded, WalkIsLimited) {
    std::string value = "203.0.113.9";
    for (std::size_t i = 1; i < limits::proxy_hops; ++i) value += ", 10.1.1.1";
    EXPECT_EQ(apply(make_headers({{"X-Forwarded-For", value}})).address, "203.0.113.9");
    value += ", 10.1.1.1";
    EXPECT_EQ(apply(make_headers({{"X-Forwarded-For", value}})).address, "10.1.1.1");
}

TEST(Forwarded, LocalMeansNoProxyBetween) {
    auto local = make_peer("127.0.0.1");
    local.is_local = true;
    const std::vector<Network> loopback{*parse_network("127.0.0.0/8")};
    EXPECT_TRUE(apply(make_headers({{"Accept", "*/*"}}), local).is_local);
    EXPECT_FALSE(apply(make_headers({}), local, loopback).is_local);
    for (const auto name :
         {"Forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-Forwarded-Host", "X-Real-IP", "Via"})
        EXPECT_FALSE(apply(make_headers({{name, "127.0.0.1"}}), local).is_local) << name;
    const auto claims_loopback = apply(make_headers({{"X-Forwarded-For", "127.0.0.1"}}), local, loopback);
    EXPECT_FALSE(claims_loopback.is_local);
    EXPECT_EQ(claims_loopback.address, "127.0.0.1");
}

}  // namespace
}  // namespace lodestone::http
