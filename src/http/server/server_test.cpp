// The server over real sockets: framing in both directions, keep-alive and pipelining, and what it does with
// clients that misbehave or leave. Each test brings its own serve(), so nothing above the HTTP layer is
// needed.
#include "http/server/server.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>

#include <fstream>
#include <future>
#include <thread>

#include "http/server/problem_response.hpp"
#include "http/wire/stream_error.hpp"
#include "support/raw_client.hpp"
#include "support/temp_folder.hpp"
#include "support/test_server.hpp"

namespace lodestone::http {
namespace {

using test::Answer;
using test::RawClient;
using test::TestServer;

std::string request(const std::string& line, const std::string& headers = "", const std::string& body = "") {
    return line + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n" + body;
}

std::string with_length(const std::string& body) {
    return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}

// Pieces of text, then the end, or a failure in the middle.
class Pieces final : public BodySource {
  public:
    Pieces(std::vector<std::string> pieces, std::optional<std::uint64_t> length, bool fails = false)
        : pieces_(std::move(pieces)), length_(length), fails_(fails) {}
    Task<std::string_view> next() override {
        if (at_ == pieces_.size() && fails_) throw Problem(problems::bad_upstream, "The source broke.");
        co_return at_ == pieces_.size() ? std::string_view() : std::string_view(pieces_[at_++]);
    }
    std::optional<std::uint64_t> length() const override { return length_; }

  private:
    std::vector<std::string> pieces_;
    std::optional<std::uint64_t> length_;
    bool fails_;
    std::size_t at_ = 0;
};

// Answers by path; refusals as problems, as the real serve() does.
Task<Response> answer(Exchange& exchange) {
    const Request& request = exchange.request;
    if (exchange.refused) co_return render_problem(*exchange.refused, request);
    if (request.raw_path == "/echo")
        co_return Response::text(200, co_await read_all(*request.body, limits::body_bytes));
    if (request.raw_path == "/unread") co_return Response::text(200, "did not look");
    if (request.raw_path == "/count") {
        std::uint64_t count = 0;
        for (;;) {
            const std::string_view piece = co_await request.body->next();
            if (piece.empty()) break;
            count += piece.size();
        }
        co_return Response::text(200, std::to_string(count));
    }
    Response response = Response::text(200, "hello " + std::string(request.raw_path));
    response.etag = "\"v1\"";
    co_return response;
}

Task<> serve_for_tests(Exchange& exchange, std::uint64_t body_limit_bytes = limits::gib) {
    std::optional<Problem> refused;
    Response response;
    try {
        exchange.limit_body(body_limit_bytes, false);
        response = co_await answer(exchange);
    } catch (const Problem& problem) {
        refused.emplace(problem);
    } catch (const StreamError& error) {
        refused.emplace(problems::request_timeout, error.what());
        response.must_close = true;
    }
    if (refused) {
        response = render_problem(*refused, exchange.request);
        response.must_close = refused->status() == 408;
    }
    co_await exchange.send(std::move(response));
}

TestServer make_server(ServerOptions options = {}) {
    return TestServer([](Exchange& exchange) { return serve_for_tests(exchange); }, std::move(options));
}

// Every request gets this one answer.
TestServer make_server_of(std::function<Response()> make) {
    return TestServer([make](Exchange& exchange) -> Task<> { co_await exchange.send(make()); });
}

TEST(Server, AnswersManyRequestsOnOneConnection) {
    TestServer server = make_server();
    RawClient client(server.port());
    for (int i = 0; i < 50; ++i) {
        const Answer answer = client.exchange(request("GET /" + std::to_string(i)));
        ASSERT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "hello /" + std::to_string(i));
        EXPECT_FALSE(answer.headers.contains("connection"));
        EXPECT_TRUE(answer.headers.contains("date"));
    }
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
    TestServer server = make_server();
    RawClient client(server.port());
    std::string all;
    for (int i = 0; i < 200; ++i) {
        all += request("GET /" + std::to_string(i));
        all += request("POST /echo", with_length("body" + std::to_string(i)), "body" + std::to_string(i));
        all += request("POST /echo", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n");
        all += request("POST /unread", with_length("ignored"), "ignored");
    }
    std::thread sender([&] { client.send(all); });
    for (int i = 0; i < 200; ++i) {
        EXPECT_EQ(client.read_answer().body, "hello /" + std::to_string(i));
        EXPECT_EQ(client.read_answer().body, "body" + std::to_string(i));
        EXPECT_EQ(client.read_answer().body, "abc");
        EXPECT_EQ(client.read_answer().body, "did not look");
    }
    sender.join();
}

TEST(Server, TakesARequestHoweverItIsCut) {
    TestServer server = make_server();
    const std::string whole = request("POST /echo", "Transfer-Encoding: chunked\r\n",
                                      "5\r\nhello\r\n6\r\n world\r\n0\r\nA: b\r\n\r\n");
    for (std::size_t cut = 1; cut < whole.size(); cut += 3) {
        RawClient client(server.port());
        client.send(whole.substr(0, cut));
        const Answer answer = client.exchange(whole.substr(cut));
        ASSERT_EQ(answer.body, "hello world") << cut;
    }
}

TEST(Server, ClosesWhenAskedTo) {
    TestServer server = make_server();
    RawClient client(server.port());
    client.send(request("GET /a", "Connection: close\r\n"));
    const std::string all = client.read_to_end();
    EXPECT_NE(all.find("Connection: close\r\n"), std::string::npos);
    EXPECT_TRUE(all.ends_with("hello /a"));
}

TEST(Server, SpeaksHttp10) {
    TestServer server = make_server();
    RawClient client(server.port());
    EXPECT_EQ(client.exchange("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection"),
              "keep-alive");
    client.send("GET /b HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(client.read_to_end().ends_with("hello /b"));
}

TEST(Server, AnswersHeadWithTheLengthOfGet) {
    TestServer server = make_server();
    RawClient client(server.port());
    const Answer head = client.exchange(request("HEAD /abc"), RawClient::HasBody::no);
    EXPECT_EQ(head.header("content-length"), "10");
    EXPECT_EQ(client.exchange(request("GET /abc")).body, "hello /abc") << "no body came after the HEAD";
}

TEST(Server, AnswersConditionsAndRanges) {
    TestServer server = make_server();
    RawClient client(server.port());
    EXPECT_EQ(client.exchange(request("GET /abc", "If-None-Match: \"v1\"\r\n")).status, 304);
    const Answer other = client.exchange(request("GET /abc", "If-Match: \"v2\"\r\n"));
    EXPECT_EQ(other.status, 412);
    EXPECT_EQ(other.header("content-type"), "application/problem+json");
    EXPECT_NE(other.body.find(R"("code":"precondition-failed")"), std::string::npos) << other.body;
    const Answer head = client.exchange(request("HEAD /abc", "If-Match: \"v2\"\r\n"), RawClient::HasBody::no);
    EXPECT_EQ(head.status, 412);
    EXPECT_EQ(head.header("content-length"), std::to_string(other.body.size()));
    const Answer part = client.exchange(request("GET /abc", "Range: bytes=0-4\r\n"));
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, "hello");
    EXPECT_EQ(part.header("content-range"), "bytes 0-4/10");
    const Answer parts = client.exchange(request("GET /abc", "Range: bytes=0-1,-2\r\n"));
    EXPECT_EQ(parts.status, 206);
    EXPECT_TRUE(parts.is_whole);
    EXPECT_NE(parts.body.find("Content-Range: bytes 8-9/10\r\n\r\nbc"), std::string::npos) << parts.body;
    const Answer beyond = client.exchange(request("GET /abc", "Range: bytes=50-\r\n"));
    EXPECT_EQ(beyond.status, 416);
    EXPECT_EQ(beyond.header("content-range"), "bytes */10");
    EXPECT_NE(beyond.body.find(R"("code":"range-not-satisfiable")"), std::string::npos) << beyond.body;
    EXPECT_EQ(client.exchange(request("GET /abc")).status, 200);
}

TEST(Server, SendsStreamsOfUnknownLengthAsChunks) {
    TestServer server = make_server_of([] {
        Response response;
        response.body = std::make_unique<Pieces>(
            std::vector<std::string>{"a", "bc", std::string(100'000, 'd')}, std::nullopt);
        return response;
    });
    RawClient client(server.port());
    for (int i = 0; i < 2; ++i) {
        const Answer answer = client.exchange(request("GET /"));
        EXPECT_EQ(answer.header("transfer-encoding"), "chunked");
        EXPECT_TRUE(answer.is_whole);
        EXPECT_EQ(answer.body, "abc" + std::string(100'000, 'd'));
    }
    client.send("GET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(client.read_to_end().ends_with("dddd")) << "an HTTP/1.0 client reads until the end";
    EXPECT_FALSE(client.was_reset());
}

TEST(Server, SendsStreamsOfKnownLengthWithIt) {
    TestServer server = make_server_of([] {
        Response response;
        response.body = std::make_unique<Pieces>(std::vector<std::string>{"abc", "def"}, 6);
        return response;
    });
    RawClient client(server.port());
    EXPECT_EQ(client.exchange(request("GET /")).body, "abcdef");
    EXPECT_EQ(client.exchange(request("GET /")).header("content-length"), "6");
}

TEST(Server, ClosesInsteadOfLyingWhenAStreamBreaks) {
    TestServer server = make_server_of([] {
        Response response;
        response.body = std::make_unique<Pieces>(std::vector<std::string>{"abc"}, std::nullopt, true);
        return response;
    });
    RawClient client(server.port());
    EXPECT_FALSE(client.exchange(request("GET /")).is_whole);
    RawClient old(server.port());
    old.exchange("GET / HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(old.was_reset()) << "where the end of the connection is the body's, an orderly one would lie";

    TestServer shorter = make_server_of([] {
        Response response;
        response.body = std::make_unique<Pieces>(std::vector<std::string>{"abc"}, 100);
        return response;
    });
    RawClient other(shorter.port());
    EXPECT_FALSE(other.exchange(request("GET /")).is_whole);
}

TEST(Server, SendsFilesAndTheirRanges) {
    const test::TempFolder folder;
    const std::string content = [] {
        std::string text;
        for (int i = 0; i < 300'000; ++i) text += std::to_string(i);
        return text;
    }();
    std::ofstream(folder / "file") << content;
    TestServer server = make_server_of([&] {
        Response response;
        response.etag = "\"f\"";
        response.body = FileSlice{std::make_shared<UniqueFd>(::open((folder / "file").c_str(), O_RDONLY)), 0,
                                  content.size()};
        return response;
    });
    RawClient client(server.port());
    EXPECT_TRUE(client.exchange(request("GET /")).body == content);
    EXPECT_EQ(client.exchange(request("GET /", "Range: bytes=1000-1999\r\n")).body,
              content.substr(1000, 1000));
    const Answer parts = client.exchange(request("GET /", "Range: bytes=0-9,100000-100009\r\n"));
    EXPECT_TRUE(parts.is_whole);
    EXPECT_NE(parts.body.find(content.substr(100'000, 10)), std::string::npos);
}

// Notes what is asked of it; gives less than it says when it is told to.
class Elsewhere final : public SeekableSource {
  public:
    Elsewhere(std::string content, std::vector<ByteRange>& asked, std::size_t missing_bytes = 0)
        : content_(std::move(content)), asked_(asked), missing_bytes_(missing_bytes) {}
    std::uint64_t size_bytes() const override { return content_.size(); }
    Task<std::unique_ptr<BodySource>> open(ByteRange range) override {
        asked_.push_back(range);
        std::vector<std::string> pieces;
        for (std::size_t at = 0; at + missing_bytes_ < range.size_bytes; at += 5)
            pieces.push_back(
                content_.substr(range.offset + at, std::min<std::size_t>(5, range.size_bytes - at)));
        co_return std::make_unique<Pieces>(std::move(pieces), std::nullopt);
    }

  private:
    std::string content_;
    std::vector<ByteRange>& asked_;
    std::size_t missing_bytes_;
};

TEST(Server, FetchesOnlyTheRangesThatGoOut) {
    std::vector<ByteRange> asked;
    std::size_t missing_bytes = 0;
    TestServer server = make_server_of([&] {
        Response response;
        response.etag = "\"e\"";
        response.body = std::make_unique<Elsewhere>("0123456789abcdef", asked, missing_bytes);
        return response;
    });
    RawClient client(server.port());
    EXPECT_EQ(client.exchange(request("HEAD /")).header("content-length"), "16");
    EXPECT_EQ(client.exchange(request("GET /", "If-None-Match: \"e\"\r\n")).status, 304);
    EXPECT_TRUE(asked.empty());
    EXPECT_EQ(client.exchange(request("GET /")).body, "0123456789abcdef");
    EXPECT_EQ(client.exchange(request("GET /", "Range: bytes=3-9\r\n")).body, "3456789");
    const Answer parts = client.exchange(request("GET /", "Range: bytes=0-1,14-\r\n"));
    EXPECT_TRUE(parts.is_whole);
    EXPECT_NE(parts.body.find("\r\n\r\nef\r\n"), std::string::npos);
    EXPECT_EQ(asked, (std::vector<ByteRange>{{0, 16}, {3, 7}, {0, 2}, {14, 2}}));
    missing_bytes = 6;
    EXPECT_FALSE(client.exchange(request("GET /")).is_whole);
}

TEST(Server, AsksForABodyOnlyWhenItIsWanted) {
    TestServer server = make_server();
    RawClient client(server.port());
    client.send(request("POST /echo", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
    EXPECT_EQ(client.read_answer().status, 100);
    EXPECT_EQ(client.exchange("hello").body, "hello");

    client.send(request("POST /unread", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
    const Answer unread = client.read_answer();
    EXPECT_EQ(unread.status, 200);
    EXPECT_EQ(unread.header("connection"), "close") << "nobody can know whether the body will still come";
}

TEST(Server, RefusesBodiesOverTheLimit) {
    TestServer server([](Exchange& exchange) { return serve_for_tests(exchange, 10); });
    RawClient by_length(server.port());
    EXPECT_EQ(
        by_length.exchange(request("POST /echo", with_length(std::string(11, 'a')), std::string(11, 'a')))
            .status,
        413);
    RawClient by_chunks(server.port());
    EXPECT_EQ(by_chunks
                  .exchange(request("POST /echo", "Transfer-Encoding: chunked\r\n",
                                    "b\r\n01234567890\r\n0\r\n\r\n"))
                  .status,
              413);
    RawClient endless(server.port());
    endless.send(request("POST /echo", "Transfer-Encoding: chunked\r\n"));
    std::thread sender([&] {
        while (endless.send("1000\r\n" + std::string(4096, 'x') + "\r\n")) continue;
    });
    EXPECT_EQ(endless.read_answer().status, 413)
        << "the answer arrives although the client never stops sending";
    endless.read_to_end();
    sender.join();
}

TEST(Server, RefusesMalformedChunksAndCloses) {
    TestServer server = make_server();
    RawClient client(server.port());
    client.send(request("POST /echo", "Transfer-Encoding: chunked\r\n", "zz\r\n"));
    EXPECT_EQ(client.read_answer().status, 400);
    EXPECT_EQ(client.read_to_end(), "");
}

TEST(Server, AnswersAHalfClosedClient) {
    TestServer server = make_server();
    RawClient client(server.port());
    client.send(request("GET /a"));
    client.shutdown_write();
    EXPECT_TRUE(client.read_to_end().ends_with("hello /a"));
}

TEST(Server, TakesLargeBodiesInConstantMemory) {
    TestServer server = make_server();
    RawClient client(server.port());
    constexpr std::size_t size = 64 * limits::mib;
    std::thread sender([&] {
        client.send(request("PUT /count", "Content-Length: " + std::to_string(size) + "\r\n"));
        const std::string piece(limits::mib, 'x');
        for (std::size_t sent = 0; sent < size; sent += piece.size()) client.send(piece);
    });
    EXPECT_EQ(client.read_answer().body, std::to_string(size));
    sender.join();
    EXPECT_EQ(client.exchange(request("GET /next")).body, "hello /next");
}

TEST(Server, LetsSlowClientsGo) {
    ServerOptions options;
    options.head_timeout = options.body_grace = std::chrono::milliseconds(100);
    options.idle_timeout = std::chrono::seconds(2);  // in that time the slow ones have to begin
    options.body_rate_bytes = 1'000'000;
    TestServer server = make_server(options);
    RawClient idle(server.port());
    EXPECT_EQ(idle.read_to_end(), "") << "an idle connection just ends";
    RawClient slow_head(server.port());
    slow_head.send("GET / HTTP/1.1\r\nHo");
    EXPECT_EQ(slow_head.read_answer().status, 408);
    RawClient slow_body(server.port());
    slow_body.send(request("POST /echo", "Content-Length: 100\r\n", "few"));
    EXPECT_EQ(slow_body.read_answer().status, 408);
}

// However fast it may be: nobody else's memory is held for it.
TEST(Server, LetsABodyBeCollectedForSoLongOnly) {
    ServerOptions options;
    options.body_rate_bytes = 0;
    options.buffered_body_timeout = std::chrono::milliseconds(1);
    TestServer server = make_server(options);
    RawClient client(server.port());
    const Answer late = client.exchange(request("POST /echo", "Content-Length: 6\r\n") + "abcd");
    EXPECT_EQ(late.status, 408);
    EXPECT_EQ(client.read_to_end(), "");
    RawClient prompt(server.port());
    EXPECT_EQ(prompt.exchange(request("POST /echo", "Content-Length: 6\r\n") + "abcdef").body, "abcdef");
}

TEST(Server, SurvivesClientsThatVanish) {
    TestServer server = make_server();
    for (int i = 0; i < 20; ++i) {
        RawClient uploading(server.port());
        uploading.send(request("POST /echo", "Content-Length: 1000000\r\n", std::string(1000, 'x')));
        const linger reset{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(uploading.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    }
    RawClient client(server.port());
    EXPECT_EQ(client.exchange(request("GET /a")).status, 200);
    client.close();
    server.server().stop(std::chrono::seconds(10));
    EXPECT_EQ(server.server().connection_count(), 0u);
}

TEST(Server, LimitsConnectionsOfOneClient) {
    ServerOptions options;
    options.connections_per_client = 1;
    TestServer server = make_server(options);
    RawClient first(server.port());
    EXPECT_EQ(first.exchange(request("GET /")).status, 200);
    RawClient second(server.port());
    const Answer refused = second.read_answer();
    EXPECT_EQ(refused.status, 429);
    EXPECT_TRUE(refused.is_whole);
    EXPECT_EQ(second.read_to_end(), "") << "its length is true";
}

TEST(Server, FinishesWhatRunsWhenToldToStop) {
    std::promise<void> has_begun;
    std::promise<void> may_end;
    auto may_end_future = may_end.get_future().share();
    TestServer server([&](Exchange& exchange) -> Task<> {
        has_begun.set_value();
        may_end_future.wait();  // this loop stands still, as under a long computation
        co_await exchange.send(Response::text(200, "finished"));
    });
    RawClient idle(server.port());
    RawClient busy(server.port());
    busy.send(request("GET /"));
    has_begun.get_future().wait();
    std::thread stopper([&] { server.server().stop(std::chrono::seconds(10)); });
    EXPECT_EQ(idle.read_to_end(), "") << "idle connections end at once";
    may_end.set_value();
    const Answer answer = busy.read_answer();
    EXPECT_EQ(answer.body, "finished");
    EXPECT_EQ(answer.header("connection"), "close");
    stopper.join();
    EXPECT_EQ(server.server().connection_count(), 0u);
    EXPECT_FALSE(RawClient(server.port()).is_connected()) << "nobody listens any more";
}

TEST(Server, AsksClientsToMoveOnWhileDraining) {
    TestServer server = make_server();
    RawClient client(server.port());
    EXPECT_FALSE(client.exchange(request("GET /")).headers.contains("connection"));
    server.server().start_draining();
    EXPECT_EQ(client.exchange(request("GET /")).header("connection"), "close");
    EXPECT_EQ(RawClient(server.port()).exchange(request("GET /")).status, 200)
        << "but new ones are still answered";
}

TEST(Server, ListensOnUnixSocketsAndCleansUp) {
    const test::TempFolder folder;
    const std::string path = folder / "socket";
    ServerOptions options;
    options.listen = {parse_listen_address("unix:" + path).value()};
    {
        TestServer server = make_server(options);
        RawClient client(path);
        EXPECT_EQ(client.exchange(request("GET /a")).body, "hello /a");
        EXPECT_THROW(make_server(options), Problem) << "a live socket belongs to its server";
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Server, SaysWhyItCannotListen) {
    TestServer server = make_server();
    ServerOptions options;
    options.listen = {parse_listen_address("127.0.0.1:" + std::to_string(server.port())).value()};
    const auto fault = find_problem([&] { make_server(options); });
    ASSERT_TRUE(fault);
    EXPECT_NE(fault->find("another program uses that port"), std::string::npos) << *fault;
}

}  // namespace
}  // namespace lodestone::http
