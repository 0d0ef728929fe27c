// A server whose places are all taken: who rests longest gives way, who is at work stays, and the operator is
// let in whatever happens.
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "http/server/problem_response.hpp"
#include "http/server/server.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"
#include "support/wait.hpp"

namespace lodestone::http {
namespace {

using test::Answer;
using test::RawClient;
using test::TestServer;

const std::string get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
// Its handler waits for the rest, so the connection is at work.
const std::string half_upload = "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nx";

Task<> serve(Exchange& exchange) {
    if (exchange.refused) {
        co_await exchange.send(render_problem(*exchange.refused, exchange.request));
        co_return;
    }
    const std::string body = co_await read_all(*exchange.request.body, limits::body_bytes);
    co_await exchange.send(Response::text(200, "hello " + body));
}

// One loop in all of these tests: who has been answered rests before anything else happens. Everybody comes
// from this machine; behind a proxy on it nobody counts as its operator.
ServerOptions options_for(std::size_t connections, bool is_behind_proxy) {
    ServerOptions options;
    options.connections = connections;
    if (is_behind_proxy) options.trusted_proxies = {parse_network("127.0.0.0/8").value()};
    return options;
}

std::uint64_t gave_way(TestServer& server) {
    return server.parts().metrics.counter("lodestone_connections_gave_way_total", "").value();
}

TEST(FullServer, LetsWhoRestsLongestGiveWay) {
    TestServer server(serve, options_for(2, true), 1);
    RawClient first(server.port());
    EXPECT_EQ(first.exchange(get).status, 200);
    RawClient second(server.port());
    EXPECT_EQ(second.exchange(get).status, 200);
    EXPECT_EQ(first.exchange(get).status, 200) << "now it is the second that has rested longer";
    RawClient third(server.port());
    EXPECT_EQ(third.exchange(get).status, 200);
    EXPECT_EQ(second.read_to_end(), "") << "closed between two requests, without a word";
    EXPECT_EQ(first.exchange(get).status, 200);
    EXPECT_EQ(third.exchange(get).status, 200);
    EXPECT_EQ(gave_way(server), 1u);
}

TEST(FullServer, ServesMoreClientsThanItHasPlacesFor) {
    TestServer server(serve, options_for(4, true), 1);
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(std::make_unique<RawClient>(server.port()));
        ASSERT_EQ(clients.back()->exchange(get).status, 200) << i;
    }
    EXPECT_TRUE(test::wait_until([&] { return gave_way(server) == 96; }));
    EXPECT_TRUE(test::wait_until([&] { return server.server().connection_count() == 4; }));
}

TEST(FullServer, RefusesWhenEverybodyIsAtWork) {
    TestServer server(serve, options_for(2, true), 1);
    RawClient first(server.port());
    RawClient second(server.port());
    for (RawClient* client : {&first, &second}) {
        EXPECT_EQ(client->exchange(get).status, 200);
        client->send(half_upload);
    }
    // Until the server has read these, they rest, and the newcomer takes the place of one of them: but then
    // it sends nothing that it would not get an answer to.
    Answer full;
    EXPECT_TRUE(test::wait_until([&] {
        RawClient newcomer(server.port());
        newcomer.shutdown_write();
        full = newcomer.read_answer();
        return full.status == 503 && newcomer.read_to_end().empty();
    }));
    EXPECT_TRUE(full.is_whole);
    EXPECT_EQ(full.header("retry-after"), "1");
    EXPECT_EQ(full.header("connection"), "close");
    for (RawClient* client : {&first, &second}) EXPECT_EQ(client->exchange("y").body, "hello xy");
    EXPECT_EQ(gave_way(server), 0u);
    EXPECT_EQ(RawClient(server.port()).exchange(get).status, 200) << "now they rest again";
}

TEST(FullServer, KeepsPlacesForItsOperator) {
    TestServer server(serve, options_for(1, false), 1);
    std::vector<std::unique_ptr<RawClient>> busy;
    constexpr std::size_t all = 1 + limits::exchange_places + limits::operator_places;
    while (busy.size() < all) {
        busy.push_back(std::make_unique<RawClient>(server.port()));
        ASSERT_EQ(busy.back()->exchange(get).status, 200);
        busy.back()->send(
            "PUT / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        ASSERT_EQ(busy.back()->read_answer().status, 100) << "now it is at work";
    }
    EXPECT_EQ(RawClient(server.port()).read_answer().status, 503) << "these have an end, too";
    EXPECT_EQ(busy.front()->exchange("xy").body, "hello xy");
    EXPECT_EQ(gave_way(server), 0u);
}

TEST(FullServer, DoesNotWaitForWhoNeverAsks) {
    TestServer server(serve, options_for(2, true), 1);
    RawClient silent(server.port());
    RawClient slow(server.port());
    slow.send("GET / HTTP/1.1\r\nHo");
    // Both get the moment that every newcomer gets.
    EXPECT_TRUE(test::wait_until([&] { return RawClient(server.port()).exchange(get).status == 200; }));
    std::vector<std::unique_ptr<RawClient>> others;
    EXPECT_TRUE(test::wait_until([&] {
        others.push_back(std::make_unique<RawClient>(server.port()));
        return others.back()->exchange(get).status == 200 && gave_way(server) >= 2;
    }));
    EXPECT_EQ(silent.read_to_end(), "");
    EXPECT_EQ(slow.read_answer().status, 408);
}

}  // namespace
}  // namespace lodestone::http
