// How the client keeps its connections: what goes back to the pool, what is closed, who waits, and what
// happens to all of it when the program ends in the middle.
#include "http/client/connection_pool.hpp"

#include <gtest/gtest.h>

#include "http/client/client.hpp"
#include "support/client_runner.hpp"
#include "support/scripted_server.hpp"

namespace lodestone::http {
namespace {

using test::ClientRunner;
using test::Fetched;
using test::get;
using test::ScriptedPeer;
using test::ScriptedServer;

// Answers every request on the connection alike.
ScriptedServer::Script always(std::string bytes) {
    return [bytes](ScriptedPeer& peer) {
        while (!peer.read_head().empty()) peer.send(bytes);
    };
}

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(ConnectionPool, KeepsWithinItsBounds) {
    const ScriptedServer server(always(ok));
    auto options = test::loopback_options();
    options.pool.connections_per_origin = 8;
    ClientRunner runner(options);
    std::vector<std::future<Fetched>> all;
    for (int i = 0; i < 100; ++i) all.push_back(runner.start(get(server.url())));
    for (auto& one : all) EXPECT_EQ(one.get().body, "ok");
    EXPECT_LE(server.accepted_count(), 8u);
    EXPECT_EQ(runner.count("lodestone_client_reuses_total"), 100 - server.accepted_count());
}

TEST(ConnectionPool, MakesRoomByClosingAnIdleConnection) {
    const ScriptedServer first(always(ok));
    const ScriptedServer second(always(ok));
    auto options = test::loopback_options();
    options.pool.connections = 1;
    ClientRunner runner(options);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(runner.fetch(get(first.url())).body, "ok");
        EXPECT_EQ(runner.fetch(get(second.url())).body, "ok");
    }
    EXPECT_EQ(first.accepted_count(), 3u);
}

TEST(ConnectionPool, RefusesToQueueForEver) {
    std::promise<void> go_on;
    const auto may_answer = go_on.get_future().share();
    const ScriptedServer server([&](ScriptedPeer& peer) {
        peer.read_head();
        may_answer.wait();
        peer.answer("ok");
    });
    auto options = test::loopback_options();
    options.pool.connections_per_origin = 1;
    options.pool.waiters = 1;
    ClientRunner runner(options);
    auto first = runner.start(get(server.url()));
    auto second = runner.start(get(server.url()));
    EXPECT_EQ(runner.fetch(get(server.url())).problem, "unavailable");
    go_on.set_value();
    EXPECT_EQ(first.get().body, "ok");
    EXPECT_EQ(second.get().body, "ok");
}

TEST(ConnectionPool, WaitsNoLongerThanTheDeadline) {
    std::promise<void> asked;
    const ScriptedServer server([&](ScriptedPeer& peer) {
        peer.read_head();
        asked.set_value();
        peer.wait_closed();
    });
    auto options = test::loopback_options();
    options.pool.connections_per_origin = 1;
    ClientRunner runner(options);
    auto first = runner.start(get(server.url()));
    asked.get_future().wait();
    auto second = get(server.url());
    second.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
    EXPECT_EQ(runner.fetch(std::move(second)).problem, "upstream-timeout");
}

TEST(ConnectionPool, ClosesWhatIdlesTooLong) {
    std::promise<void> closed;
    const ScriptedServer server([&](ScriptedPeer& peer) {
        peer.read_head();
        peer.send(ok);
        peer.wait_closed();
        closed.set_value();
    });
    auto options = test::loopback_options();
    options.pool.idle_timeout = std::chrono::milliseconds(20);
    ClientRunner runner(options);
    EXPECT_EQ(runner.fetch(get(server.url())).body, "ok");
    closed.get_future().wait();
}

// What was not read is closed, unless all of it has come already.
TEST(ConnectionPool, ClosesAConnectionWhoseAnswerWasNotRead) {
    std::promise<void> closed;
    const ScriptedServer server([&](ScriptedPeer& peer) {
        if (peer.index() > 0) return always(ok)(peer);
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
        peer.wait_closed();
        closed.set_value();
    });
    ClientRunner runner;
    EXPECT_EQ(runner.fetch(get(server.url()), ClientRunner::Read::nothing).status, 200);
    closed.get_future().wait();
    EXPECT_EQ(runner.fetch(get(server.url()), ClientRunner::Read::nothing).status, 200);
    EXPECT_EQ(runner.fetch(get(server.url())).body, "ok");
    EXPECT_EQ(server.accepted_count(), 2u);
}

// What arrives on an idle connection answers nothing; sending over it would take that for the next answer.
TEST(ConnectionPool, DoesNotUseAConnectionThatSpeaksUnasked) {
    for (const bool speaks : {true, false}) {
        std::promise<void> go_on;
        std::promise<void> done;
        const ScriptedServer server([&](ScriptedPeer& peer) {
            if (peer.index() > 0) return always(ok)(peer);
            peer.read_head();
            peer.send(ok);
            go_on.get_future().wait();
            if (speaks) peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
            if (!speaks) peer.close_orderly();
            done.set_value();
            peer.wait_closed();
        });
        ClientRunner runner;
        EXPECT_EQ(runner.fetch(get(server.url())).body, "ok");
        go_on.set_value();
        done.get_future().wait();
        EXPECT_EQ(runner.fetch(get(server.url())).body, "ok");
        EXPECT_EQ(runner.count("lodestone_client_reuses_total"), 0u);
        EXPECT_EQ(runner.count("lodestone_client_retries_total"), 0u);
    }
}

TEST(ConnectionPool, FreesItsPlaceWhenARequestFails) {
    const ScriptedServer server([](ScriptedPeer& peer) {
        peer.read_head();
        if (peer.index() < 3) return;
        peer.answer("ok");
    });
    auto options = test::loopback_options();
    options.pool.connections_per_origin = 1;
    ClientRunner runner(options);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(runner.fetch(get(server.url())).problem, "bad-upstream");
    EXPECT_EQ(runner.fetch(get(server.url())).body, "ok");
}

// Requests in every state (sending, waiting for a head, for a body, for a connection) when the loop ends.
TEST(ConnectionPool, EndsInTheMiddleOfEverything) {
    std::promise<void> asked;
    const ScriptedServer silent([&](ScriptedPeer& peer) {
        if (!peer.read_head().empty()) asked.set_value();
        peer.wait_closed();
    });
    std::promise<void> half;
    const ScriptedServer halting([&](ScriptedPeer& peer) {
        peer.read_head();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
        half.set_value();
        peer.wait_closed();
    });
    const ScriptedServer idle(always(ok));
    std::vector<std::future<Fetched>> all;
    {
        auto options = test::loopback_options();
        options.pool.connections_per_origin = 1;
        ClientRunner runner(options);
        EXPECT_EQ(runner.fetch(get(idle.url())).body, "ok");
        for (int i = 0; i < 3; ++i) all.push_back(runner.start(get(silent.url())));
        all.push_back(runner.start(get(halting.url())));
        asked.get_future().wait();
        half.get_future().wait();
    }
    for (auto& one : all) EXPECT_THROW(one.get(), std::future_error);
}

}  // namespace
}  // namespace lodestone::http
