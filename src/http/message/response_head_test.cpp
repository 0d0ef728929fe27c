// The response head parser, as tables: what is accepted and how it is framed, what is refused and why.
#include "http/message/response_head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace lodestone::http {
namespace {

using Framing = ResponseHead::Framing;
using State = ResponseHeadResult::State;

ResponseHeadResult parse(std::string_view bytes, ResponseHead& head, Method method = Method::get) {
    std::size_t scanned_bytes = 0;
    return parse_response_head(bytes, scanned_bytes, method, head);
}

TEST(ResponseHead, TakesTheStatusLineAndTheFieldsApart) {
    ResponseHead head;
    const std::string bytes =
        "HTTP/1.1 404 Not \xc3\xbc here\r\nContent-Length: 5\r\nETag:\"a\"\r\nX:\t v \r\n\r\nhello";
    const auto result = parse(bytes, head);
    ASSERT_EQ(result.state, State::complete) << result.detail;
    EXPECT_EQ(result.size_bytes, bytes.size() - 5);
    EXPECT_EQ(head.status, 404);
    EXPECT_EQ(head.reason, "Not \xc3\xbc here");
    EXPECT_EQ(head.headers.find("etag"), "\"a\"");
    EXPECT_EQ(head.headers.find("x"), "v");
    EXPECT_EQ(head.headers.size(), 3u);
    EXPECT_EQ(head.content_length, 5u);
}

TEST(ResponseHead, DecidesHowTheBodyEnds) {
    struct Case {
        const char* what;
        Method method;
        std::string lines;
        Framing framing;
        bool keeps_alive;
    };
    const Case cases[] = {
        {"length", Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", Framing::length, true},
        {"no length", Method::get, "HTTP/1.1 200 OK\r\n", Framing::until_close, false},
        {"no space after the status", Method::get, "HTTP/1.1 200\r\n", Framing::until_close, false},
        {"chunked", Method::get, "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n", Framing::chunked, true},
        {"equal lengths", Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3, 3\r\n",
         Framing::length, true},
        {"close", Method::get, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: x, Close\r\n",
         Framing::length, false},
        {"1.0", Method::get, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n", Framing::length, false},
        {"1.0 kept", Method::get, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n",
         Framing::length, true},
        {"1.0 undecided", Method::get,
         "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive, close\r\n", Framing::length, false},
        {"HEAD", Method::head, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n", Framing::none, true},
        {"HEAD without length", Method::head, "HTTP/1.1 200 OK\r\n", Framing::none, true},
        {"HEAD chunked", Method::head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", Framing::none,
         true},
        {"204", Method::put, "HTTP/1.1 204 No Content\r\n", Framing::none, true},
        {"204 with no bytes", Method::put, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n", Framing::none,
         true},
        {"204 with bytes", Method::put, "HTTP/1.1 204 No Content\r\nContent-Length: 1\r\n", Framing::none,
         false},
        {"204 chunked", Method::put, "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n", Framing::none,
         false},
        {"304", Method::get, "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n", Framing::none, true},
        {"interim", Method::get, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n", Framing::none, true},
    };
    for (const auto& [what, method, lines, framing, keeps_alive] : cases) {
        ResponseHead head;
        const auto result = parse(lines + "\r\n", head, method);
        ASSERT_EQ(result.state, State::complete) << what << ": " << result.detail;
        EXPECT_EQ(head.framing, framing) << what;
        EXPECT_EQ(head.keeps_alive, keeps_alive) << what;
    }
}

TEST(ResponseHead, RefusesWhatTwoReadersMightReadDifferently) {
    struct Case {
        std::string bytes;
        std::string_view detail;
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const Case cases[] = {
        {ok + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         "has both Content-Length and Transfer-Encoding"},
        {ok + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
         "has a malformed or contradictory Content-Length"},
        {ok + "Content-Length: 3, 4\r\n\r\n", "has a malformed or contradictory Content-Length"},
        {ok + "Content-Length: +3\r\n\r\n", "has a malformed or contradictory Content-Length"},
        {ok + "Content-Length: 0x3\r\n\r\n", "has a malformed or contradictory Content-Length"},
        {ok + "Content-Length:\r\n\r\n", "has a malformed or contradictory Content-Length"},
        {ok + "Content-Length: 3,\r\n\r\n", "has a malformed or contradictory Content-Length"},
        {ok + "Content-Length: 18446744073709551616\r\n\r\n",
         "has a malformed or contradictory Content-Length"},
        {ok + "Transfer-Encoding: gzip, chunked\r\n\r\n", "has a Transfer-Encoding other than chunked"},
        {ok + "Transfer-Encoding: xchunked\r\n\r\n", "has a Transfer-Encoding other than chunked"},
        {ok + "Transfer-Encoding: chunked, chunked\r\n\r\n", "has a Transfer-Encoding other than chunked"},
        {ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
         "has a Transfer-Encoding other than chunked"},
        {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "has a Transfer-Encoding in HTTP/1.0"},
        {ok + "A: 1\r\n folded\r\n\r\n", "folds a field over two lines"},
        {ok + "A: 1\r\n\tfolded\r\n\r\n", "folds a field over two lines"},
        {ok + "A : 1\r\n\r\n", "has a malformed field name"},
        {ok + ": 1\r\n\r\n", "has a malformed field name"},
        {ok + "no colon\r\n\r\n", "has a field without a colon"},
        {ok + "A: 1\rB: 2\r\n\r\n", "has a carriage return that ends no line"},
        {ok + "A: 1\r\r\n\r\n", "has a carriage return that ends no line"},
        {ok + std::string("A: \0\r\n\r\n", 8), "has a control character in a field"},
        {ok + "A: 1\rB", "has a carriage return that ends no line"},
        {"HTTP/1.1 200 OK\r\r\n", "has a carriage return that ends no line"},
        {ok + "A: 1\nB: 2\r\n\r\n", "ends a line without a carriage return"},
        {"HTTP/1.1 200 OK\nA", "ends a line without a carriage return"},
        {"\n", "ends a line without a carriage return"},
        {"\r\n" + ok + "\r\n", "does not begin with HTTP/1"},
        {"HTTP/2 200 OK\r\n\r\n", "does not begin with HTTP/1"},
        {"ICY 200 OK\r\n\r\n", "does not begin with HTTP/1"},
        {"HTTP/1.2 200 OK\r\n\r\n", "has a version other than 1.0 and 1.1"},
        {"HTTP/1.1  200 OK\r\n\r\n", "has no status of three digits"},
        {"HTTP/1.1 20 OK\r\n\r\n", "has no status of three digits"},
        {"HTTP/1.1 2000 OK\r\n\r\n", "has something other than a space after its status"},
        {"HTTP/1.1 099 OK\r\n\r\n", "has a status outside 100 to 599"},
        {"HTTP/1.1 600 OK\r\n\r\n", "has a status outside 100 to 599"},
        {"HTTP/1.1 200 O\x7fK\r\n\r\n", "has a control character in its reason"},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "switches protocols without being asked"},
    };
    for (const auto& [bytes, detail] : cases) {
        ResponseHead head;
        const auto result = parse(bytes, head);
        EXPECT_EQ(result.state, State::refused) << bytes;
        EXPECT_EQ(result.detail, detail) << bytes;
    }
}

TEST(ResponseHead, KnowsItsLimits) {
    ResponseHead head;
    const std::string start = "HTTP/1.1 200 OK\r\n";
    std::string many = start;
    for (std::size_t i = 0; i < limits::header_count; ++i) many += "a: b\r\n";
    EXPECT_EQ(parse(many + "\r\n", head).state, State::complete);
    EXPECT_EQ(parse(many + "a: b\r\n\r\n", head).detail, "has too many fields");

    const std::string filler = start + "a: ";
    const std::string fits = filler + std::string(limits::head_bytes - filler.size() - 4, 'x') + "\r\n\r\n";
    EXPECT_EQ(parse(fits, head).state, State::complete);
    const std::string longer = filler + std::string(limits::head_bytes - filler.size() - 3, 'x') + "\r\n\r\n";
    EXPECT_EQ(parse(longer, head).detail, "has too large a head");
}

TEST(ResponseHead, GivesTheSameAnswerForEveryWayOfArriving) {
    const std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nabc";
    ResponseHead head;
    std::size_t scanned_bytes = 0;
    for (std::size_t size = 0; size < bytes.size() - 3; ++size) {
        const auto result = parse_response_head({bytes.data(), size}, scanned_bytes, Method::get, head);
        ASSERT_EQ(result.state, State::need_more) << size;
    }
    const auto result = parse_response_head(bytes, scanned_bytes, Method::get, head);
    EXPECT_EQ(result.state, State::complete);
    EXPECT_EQ(result.size_bytes, bytes.size() - 3);
    EXPECT_EQ(head.headers.find("a"), "b");
}

}  // namespace
}  // namespace lodestone::http
