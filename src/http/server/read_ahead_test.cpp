// What a connection reads ahead of the next request: heads around that size, with what follows them, and
// ends.
#include <gtest/gtest.h>

#include <string>

#include "base/limits.hpp"
#include "http/server/server.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace lodestone::http {
namespace {

test::TestServer make_counting_server() {
    return test::TestServer([](Exchange& exchange) -> Task<> {
        exchange.limit_body(limits::mib, false);
        const std::string body = co_await read_all(*exchange.request.body, limits::mib);
        co_await exchange.send(Response::text(200, std::to_string(body.size())));
    });
}

// A request whose head has `head_bytes`.
std::string post(std::size_t head_bytes, const std::string& body) {
    std::string head =
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\nX: ";
    head.append(head_bytes - head.size() - 4, 'x');
    return head + "\r\n\r\n" + body;
}

TEST(ReadAhead, TakesHeadsAroundItsSizeWithWhatFollows) {
    test::TestServer server = make_counting_server();
    test::RawClient client(server.port());
    const std::string body(3 * limits::read_ahead_bytes, 'b');
    for (std::size_t size = limits::read_ahead_bytes - 3; size <= limits::read_ahead_bytes + 3; ++size) {
        client.send(post(size, body) + post(100, "next"));
        EXPECT_EQ(client.read_answer().body, std::to_string(body.size())) << size;
        EXPECT_EQ(client.read_answer().body, "4") << size;
    }
}

TEST(ReadAhead, TakesSeveralRequestsAtOnce) {
    test::TestServer server = make_counting_server();
    test::RawClient client(server.port());
    std::string all;
    for (std::size_t i = 0; i < 40; ++i) all += post(100, std::string(i, 'b'));
    client.send(all);
    for (std::size_t i = 0; i < 40; ++i) EXPECT_EQ(client.read_answer().body, std::to_string(i));
}

}  // namespace
}  // namespace lodestone::http
