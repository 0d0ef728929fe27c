// The reason phrase of an answer: the status's name, or what the handler says there, as far as a status line
// can hold it.
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "http/server/server.hpp"
#include "support/raw_client.hpp"
#include "support/test_server.hpp"

namespace lodestone::http {
namespace {

std::string status_line_with(const std::string& reason) {
    test::TestServer server([reason](Exchange& exchange) -> Task<> {
        Response response = Response::text(400, "no");
        response.reason = reason;
        co_await exchange.send(std::move(response));
    });
    const test::Answer answer =
        test::RawClient(server.port()).exchange("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    EXPECT_EQ(answer.status, 400);
    EXPECT_FALSE(answer.headers.contains("x-other"));
    return answer.head.substr(0, answer.head.find("\r\n"));
}

TEST(Reason, IsTheStatusUnlessTheAnswerSaysMore) {
    EXPECT_EQ(status_line_with(""), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(status_line_with("File already exists."), "HTTP/1.1 400 File already exists.");
}

TEST(Reason, HoldsNothingThatWouldEndItsLine) {
    EXPECT_EQ(status_line_with("a\r\nX-Other: 1"), "HTTP/1.1 400 a??X-Other: 1");
    EXPECT_EQ(status_line_with(std::string("\0\x7f\xc3\xa4", 4)), "HTTP/1.1 400 ????");
    EXPECT_EQ(status_line_with(std::string(10'000, 'x')).size(),
              std::string_view("HTTP/1.1 400 ").size() + limits::reason_phrase_bytes);
}

}  // namespace
}  // namespace lodestone::http
