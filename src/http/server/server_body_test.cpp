// Bodies on a connection, both ways: what is read, thrown away or never asked for, and what goes out when the
// answer is empty, truncated, unread or encrypted.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <fstream>
#include <future>

#include "base/log.hpp"
#include "http/server/problem_response.hpp"
#include "http/server/server.hpp"
#include "http/wire/event.hpp"
#include "http/wire/stream_error.hpp"
#include "support/certificates.hpp"
#include "support/client_runner.hpp"
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

std::string with_length(std::size_t size_bytes) {
    return "Content-Length: " + std::to_string(size_bytes) + "\r\n";
}

const std::string chunked = "Transfer-Encoding: chunked\r\n";

std::string as_chunk(const std::string& data) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    return size + data + "\r\n";
}

// Reads the whole body on /read, a first piece on /peek, and nothing elsewhere.
Task<> serve_bodies(Exchange& exchange) {
    const Request& request = exchange.request;
    std::string text = "unread";
    exchange.limit_body(limits::gib, false);
    if (request.raw_path == "/read") text = co_await read_all(*request.body, limits::gib);
    if (request.raw_path == "/peek")
        text = "began " + std::string((co_await request.body->next()).substr(0, 1));
    co_await exchange.send(Response::text(200, text));
}

// Every request gets this one answer; what became of it is kept.
class OneAnswer {
  public:
    explicit OneAnswer(std::function<Response()> make, ServerOptions options = {})
        : server_(
              [this, make = std::move(make)](Exchange& exchange) -> Task<> {
                  const Sent sent = co_await exchange.send(make());
                  sent_.set_value(sent);
              },
              std::move(options)) {}
    RawClient connect() const { return RawClient(server_.port()); }
    TestServer& server() { return server_; }
    // Of the one request that was sent.
    Sent sent() { return sent_.get_future().get(); }

  private:
    std::promise<Sent> sent_;
    TestServer server_;
};

TEST(ServerBody, IsAskedForOnceAndOnlyWhenItIsMissing) {
    TestServer server(serve_bodies);
    const std::string expect = "Expect: 100-continue\r\n";
    RawClient client(server.port());
    client.send(request("POST /read", expect + chunked));
    EXPECT_EQ(client.read_answer().status, 100);
    client.send(as_chunk("abc") + as_chunk("def") + "0\r\n\r\n");
    EXPECT_EQ(client.read_answer().body, "abcdef");

    EXPECT_EQ(client.exchange(request("POST /read", expect + with_length(3), "abc")).status, 200)
        << "it is here already";
    EXPECT_EQ(client.exchange(request("POST /read", expect + with_length(0))).status, 200) << "there is none";
    EXPECT_EQ(client.exchange(request("GET /read", expect)).status, 200);
    client.send("POST /read HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    client.send("abc");
    EXPECT_EQ(client.read_answer().status, 200) << "HTTP/1.0 knows no interim answers";
}

TEST(ServerBody, IsThrownAwayWhenShortAndUnread) {
    TestServer server(serve_bodies);
    RawClient client(server.port());
    const std::string data(limits::drain_bytes / 2, 'x');
    for (const char* path : {"/ignore", "/peek"}) {
        const std::string line = "POST " + std::string(path);
        client.send(request(line, with_length(data.size()), data));
        EXPECT_EQ(client.read_answer().status, 200) << path;
        client.send(request(line, chunked, as_chunk(data) + "0\r\nTrailer: x\r\n\r\n"));
        const Answer answer = client.read_answer();
        EXPECT_EQ(answer.status, 200) << path;
        EXPECT_FALSE(answer.headers.contains("connection")) << path;
    }
    EXPECT_EQ(client.exchange(request("POST /read", with_length(3), "end")).body, "end");
}

TEST(ServerBody, EndsTheConnectionWhenLongAndUnread) {
    TestServer server(serve_bodies);
    RawClient known(server.port());
    const Answer at_once = known.exchange(request("POST /ignore", with_length(limits::drain_bytes + 1)));
    EXPECT_EQ(at_once.status, 200);
    EXPECT_EQ(at_once.header("connection"), "close") << "its length says that it is not worth it";
    EXPECT_EQ(known.read_to_end(), "");

    RawClient unknown(server.port());
    EXPECT_EQ(unknown.exchange(request("POST /ignore", chunked)).status, 200);
    const std::string chunk = as_chunk(std::string(limits::drain_bytes / 4, 'x'));
    for (int i = 0; i < 8; ++i) unknown.send(chunk);
    unknown.send("0\r\n\r\n" + request("GET /next"));
    EXPECT_EQ(unknown.read_to_end(), "") << "the next request is not found behind it";
}

// A client that reads once it has sent everything must find the answer, so it must be able to send
// everything.
TEST(ServerBody, LetsAClientSendAllOfALongOneBeforeItReads) {
    TestServer server(serve_bodies);
    RawClient client(server.port());
    client.send(request("POST /ignore", chunked));
    const std::string chunk = as_chunk(std::string(limits::drain_bytes / 4, 'x'));
    for (int i = 0; i < 16; ++i) ASSERT_TRUE(client.send(chunk)) << i;
    client.shutdown_write();
    EXPECT_EQ(client.read_answer().body, "unread");
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_FALSE(client.was_reset());
}

TEST(ServerBody, EndsInAnOrderlyWayWhenItIsMalformedOrLate) {
    ServerOptions options;
    options.body_rate_bytes = 0;
    TestServer server(serve_bodies, options);
    for (const std::string& body :
         {"zz\r\n" + std::string(limits::drain_bytes, 'x'), std::string("3\r\nab")}) {
        RawClient client(server.port());
        client.send(request("POST /ignore", chunked, body));
        EXPECT_EQ(client.read_answer().body, "unread");
        EXPECT_EQ(client.read_to_end(), "") << "it is told to go";
        EXPECT_FALSE(client.was_reset());
        for (int i = 0; i < 2; ++i)
            EXPECT_TRUE(client.send("x")) << "what was on its way then is taken for a moment";
    }
}

// In time, however slowly a body may come that somebody reads.
TEST(ServerBody, IsNotDrainedForLong) {
    ServerOptions options;
    options.body_rate_bytes = 0;
    TestServer server(serve_bodies, options);
    RawClient client(server.port());
    EXPECT_EQ(client.exchange(request("POST /ignore", with_length(1000), "x")).status, 200);
    EXPECT_EQ(client.read_to_end(), "");
}

// Slow senders, none of them slower than is allowed, keep one client's share and no more.
TEST(ServerBody, MayNotKeepMuchMemoryWhileItIsCollected) {
    ServerOptions options;
    options.buffered_bodies_bytes = 4 * limits::buffered_client_shares;
    TestServer server(
        [](Exchange& exchange) -> Task<> {
            exchange.limit_body(limits::kib, false);
            Response response;
            try {
                response = Response::text(200, co_await read_all(*exchange.request.body, limits::kib));
            } catch (const Problem& problem) {
                response = render_problem(problem, exchange.request);
            }
            co_await exchange.send(std::move(response));
        },
        options, 1);
    RawClient slow(server.port());
    slow.send(request("POST /", with_length(6), "abcd"));
    RawClient other(server.port());
    EXPECT_EQ(other.exchange(request("POST /", with_length(5), "whole")).status, 200) << "it came at once";
    const Answer refusal = other.exchange(request("POST /", with_length(6), "x"));
    EXPECT_EQ(refusal.status, 429);
    EXPECT_EQ(refusal.header("retry-after"), "5");
    EXPECT_EQ(slow.exchange("ef").body, "abcdef") << "what was begun is ended";
    RawClient next(server.port());
    next.send(request("POST /", with_length(6), "abcd"));
    EXPECT_EQ(next.exchange("ef").body, "abcdef") << "and its memory is given back";
}

TEST(ServerBody, MayComeAtAnyPaceWhereNoRateIsAsked) {
    ServerOptions options;
    options.body_rate_bytes = 0;
    options.body_grace = std::chrono::milliseconds(1);
    options.idle_timeout = std::chrono::seconds(1);
    TestServer server(serve_bodies, options, 1);
    RawClient client(server.port());
    client.send(request("POST /read", with_length(2), "a"));
    EXPECT_EQ(RawClient(server.port()).read_to_end(), "") << "the deadlines were looked at";
    EXPECT_EQ(client.exchange("b").body, "ab");
}

TEST(ServerBody, EndsTheConnectionWhenUnreadAndMalformed) {
    TestServer server(serve_bodies);
    RawClient client(server.port());
    EXPECT_EQ(client.exchange(request("POST /ignore", chunked, "zz\r\n" + request("GET /smuggled"))).status,
              200);
    EXPECT_EQ(client.read_to_end(), "");
}

TEST(ServerBody, LeavesWhatFollowsToTheNextRequest) {
    TestServer server(serve_bodies);
    RawClient client(server.port());
    const std::string large(limits::body_piece_bytes * 3 + 7, 'y');
    std::string all = request("POST /read", chunked, as_chunk(large) + "0\r\n\r\n");
    all += request("POST /read", with_length(large.size()), large);
    all += request("POST /read", with_length(3), "end");
    std::thread sender([&] { client.send(all); });
    EXPECT_TRUE(client.read_answer().body == large);
    EXPECT_TRUE(client.read_answer().body == large);
    EXPECT_EQ(client.read_answer().body, "end");
    sender.join();
}

// Counts how often it is asked.
class Untouched final : public BodySource {
  public:
    Untouched(std::optional<std::uint64_t> length, std::atomic<int>& asked)
        : length_(length), asked_(asked) {}
    Task<std::string_view> next() override {
        ++asked_;
        co_return std::string_view();
    }
    std::optional<std::uint64_t> length() const override { return length_; }

  private:
    std::optional<std::uint64_t> length_;
    std::atomic<int>& asked_;
};

TEST(ServerBody, IsNotMadeForHead) {
    std::atomic<int> asked{0};
    for (const std::optional<std::uint64_t> length :
         {std::optional<std::uint64_t>(), std::optional<std::uint64_t>(7)}) {
        OneAnswer answering([&] {
            Response response;
            response.body = std::make_unique<Untouched>(length, asked);
            return response;
        });
        RawClient client = answering.connect();
        const Answer head = client.exchange(request("HEAD /"), RawClient::HasBody::no);
        EXPECT_EQ(head.status, 200);
        EXPECT_EQ(head.header("content-length"), length ? "7" : "");
        EXPECT_EQ(head.header("transfer-encoding"), length ? "" : "chunked");
        const Sent sent = answering.sent();
        EXPECT_TRUE(sent.is_complete);
        EXPECT_EQ(sent.body_bytes, 0u);
    }
    EXPECT_EQ(asked, 0);
}

TEST(ServerBody, IsAbsentWhereTheStatusForbidsIt) {
    for (const int status : {204, 304}) {
        OneAnswer answering([&] { return Response::text(status, "must not be sent"); });
        RawClient client = answering.connect();
        const Answer answer = client.exchange(request("GET /"));
        EXPECT_EQ(answer.status, status);
        EXPECT_FALSE(answer.headers.contains("content-length") ||
                     answer.headers.contains("transfer-encoding"));
        client.shutdown_write();
        EXPECT_EQ(client.read_to_end(), "") << status;
    }
}

TEST(ServerBody, MayBeEmpty) {
    const test::TempFolder folder;
    std::ofstream(folder / "empty").flush();
    const std::function<ResponseBody()> bodies[] = {
        [] { return ResponseBody(); },
        [] { return ResponseBody(std::string()); },
        [] { return ResponseBody(SharedBytes{}); },
        [&] {
            return ResponseBody(
                FileSlice{std::make_shared<UniqueFd>(::open((folder / "empty").c_str(), O_RDONLY)), 0, 0});
        },
    };
    for (const auto& make : bodies) {
        OneAnswer answering([&] {
            Response response;
            response.body = make();
            return response;
        });
        const Answer answer = answering.connect().exchange(request("GET /"));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.header("content-length"), "0");
        EXPECT_TRUE(answering.sent().is_complete);
    }
}

TEST(ServerBody, IsClosedEarlyWhenItsFileIsTooShort) {
    const test::TempFolder folder;
    std::ofstream(folder / "short") << "only this";
    OneAnswer answering([&] {
        Response response;
        response.body =
            FileSlice{std::make_shared<UniqueFd>(::open((folder / "short").c_str(), O_RDONLY)), 0, 1000};
        return response;
    });
    const Answer answer = answering.connect().exchange(request("GET /"));
    EXPECT_FALSE(answer.is_whole);
    EXPECT_EQ(answer.body, "only this");
    const Sent sent = answering.sent();
    EXPECT_FALSE(sent.is_complete);
    EXPECT_TRUE(sent.is_source_broken) << "no fault of the client's";
    EXPECT_EQ(sent.body_bytes, 9u);
    EXPECT_EQ(sent.fault, "the file ended early");
}

TEST(ServerBody, ClosesWhenToldTo) {
    OneAnswer answering([] {
        Response response = Response::text(200, "last");
        response.must_close = true;
        return response;
    });
    RawClient client = answering.connect();
    const Answer answer = client.exchange(request("GET /"));
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(client.read_to_end(), "");
}

// More than the sockets between hold, to a client that takes nothing.
TEST(ServerBody, GivesUpOnAClientThatDoesNotRead) {
    ServerOptions options;
    options.body_grace = std::chrono::milliseconds(100);
    options.body_rate_bytes = 100'000'000;
    OneAnswer answering([] { return Response::text(200, std::string(64 * limits::mib, 'x')); }, options);
    RawClient client = answering.connect();
    client.send(request("GET /"));
    const Sent sent = answering.sent();
    EXPECT_FALSE(sent.is_complete);
    EXPECT_FALSE(sent.is_source_broken);
    EXPECT_EQ(sent.fault, "the deadline passed");
    EXPECT_LT(sent.body_bytes, 64 * limits::mib);
    EXPECT_GT(sent.body_bytes, 0u) << "what lies in the sockets' buffers did leave us";
}

// Stands for a slow disk or upstream: time that is not the client's.
Task<> be_busy(std::chrono::milliseconds duration) {
    Event never(Loops::current()->executor());
    co_await never.wait(std::chrono::steady_clock::now() + duration);
}

// Whether the server gives up on a client that lets it wait, but not for too long.
bool is_given_up(const RawClient& client, short event) {
    pollfd entry{client.fd(), event, 0};
    const auto longer_than_a_sweep = std::chrono::milliseconds(limits::sweep_interval) * 6 / 5;
    return ::poll(&entry, 1, static_cast<int>(longer_than_a_sweep.count())) != 0;
}

TEST(ServerBody, DoesNotCountTheHandlersTimeAgainstAnUpload) {
    ServerOptions options;
    options.body_grace = std::chrono::milliseconds(3000);
    std::promise<void> reads;
    std::promise<void> reads_on;
    TestServer server(
        [&](Exchange& exchange) -> Task<> {
            exchange.limit_body(limits::kib, false);
            reads.set_value();
            co_await exchange.request.body->next();
            co_await be_busy(options.body_grace);
            reads_on.set_value();
            std::string rest = co_await read_all(*exchange.request.body, limits::kib);
            co_await exchange.send(Response::text(200, std::move(rest)));
        },
        options);
    RawClient client(server.port());
    client.send(request("POST /", with_length(5)));
    reads.get_future().wait();
    client.send("ab");
    reads_on.get_future().wait();
    EXPECT_FALSE(is_given_up(client, POLLIN));
    client.send("cde");
    EXPECT_EQ(client.read_answer().body, "cde");
}

constexpr std::size_t large_bytes = 64 * limits::mib;  // more than sockets hold

// Two large pieces, and quiet between them.
class QuietBetween final : public BodySource {
  public:
    QuietBetween(std::chrono::milliseconds quiet, std::promise<void>& second)
        : quiet_(quiet), second_(second) {}
    Task<std::string_view> next() override {
        if (++asked_ > 2) co_return std::string_view();
        if (asked_ == 2) {
            co_await be_busy(quiet_);
            second_.set_value();
        }
        co_return piece_;
    }
    std::optional<std::uint64_t> length() const override { return 2 * piece_.size(); }

  private:
    const std::string piece_ = std::string(large_bytes, 'x');
    const std::chrono::milliseconds quiet_;
    std::promise<void>& second_;
    int asked_ = 0;
};

TEST(ServerBody, DoesNotCountAQuietSourceAgainstADownload) {
    ServerOptions options;
    options.body_grace = std::chrono::milliseconds(3000);
    options.body_rate_bytes = limits::gib;
    std::promise<void> second;
    OneAnswer answering(
        [&] {
            Response response;
            response.body = std::make_unique<QuietBetween>(options.body_grace, second);
            return response;
        },
        options);
    RawClient client = answering.connect();
    client.send(request("GET /"));
    EXPECT_FALSE(is_given_up(client, POLLRDHUP)) << "here its waiting begins";
    std::string received(large_bytes, ' ');
    for (std::size_t got = 0; got < received.size();) {
        const ssize_t size = ::recv(client.fd(), received.data() + got, received.size() - got, 0);
        ASSERT_GT(size, 0);
        got += static_cast<std::size_t>(size);
    }
    second.get_future().wait();
    EXPECT_FALSE(is_given_up(client, POLLRDHUP));
    client.shutdown_write();
    client.read_to_end();
    EXPECT_TRUE(answering.sent().is_complete);
}

// The kernel holds a packet back for 200 ms when it is told that more follows.
TEST(ServerBody, DoesNotHoldBackAnEmptyFile) {
    const test::TempFolder folder;
    std::ofstream(folder / "empty") << "";
    const auto file = std::make_shared<UniqueFd>(::open((folder / "empty").c_str(), O_RDONLY));
    TestServer server([&](Exchange& exchange) -> Task<> {
        Response response;
        response.body = FileSlice{file, 0, 0};
        co_await exchange.send(std::move(response));
    });
    RawClient client(server.port());
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(client.exchange(request("GET /")).status, 200);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(3)) << "20 times 200 ms";
}

TEST(ServerBody, GoesThroughTlsWhole) {
    const test::TempFolder folder;
    const test::Authority authority("authority");
    authority.write_pem(folder / "ca.crt");
    authority.write_leaf(folder / "tls.crt", folder / "tls.key");
    std::string content;
    for (int i = 0; content.size() < limits::mib; ++i) content += std::to_string(i) + ",";
    std::ofstream(folder / "file") << content;
    ServerOptions options;
    options.tls_listen = {parse_listen_address("127.0.0.1:0").value()};
    options.tls = TlsOptions{.certificate_file = folder / "tls.crt", .key_file = folder / "tls.key"};
    TestServer server(
        [&](Exchange& exchange) -> Task<> {
            exchange.limit_body(limits::gib, false);
            std::string got = co_await read_all(*exchange.request.body, limits::gib);
            Response response;
            response.etag = "\"f\"";
            response.body = FileSlice{std::make_shared<UniqueFd>(::open((folder / "file").c_str(), O_RDONLY)),
                                      0, content.size()};
            if (!got.empty()) response.body = std::move(got);
            co_await exchange.send(std::move(response));
        },
        options);
    ClientOptions trusting = test::loopback_options();
    trusting.extra_ca_file = folder / "ca.crt";
    test::ClientRunner client(trusting);
    EXPECT_TRUE(client.fetch(test::get(server.url() + "/")).body == content);
    ClientRequest part = test::get(server.url() + "/");
    part.headers.add("Range", "bytes=500000-500009");
    EXPECT_EQ(client.fetch(part).body, content.substr(500'000, 10));
    ClientRequest upload = test::get(server.url() + "/");
    upload.method = Method::post;
    upload.body = content;
    EXPECT_TRUE(client.fetch(upload).body == content);
}

}  // namespace
}  // namespace lodestone::http
