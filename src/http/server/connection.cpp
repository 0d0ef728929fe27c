// The life of a connection: TLS if the port has it, then request after request. While it waits for the next
// one it holds no buffers, so that ten thousand idle connections cost little more than their coroutines.
#include "http/server/connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>

#include "base/clock.hpp"
#include "base/ensure.hpp"
#include "base/log.hpp"
#include "http/message/request_head.hpp"
#include "http/server/exchange.hpp"
#include "http/server/forwarded.hpp"
#include "http/server/request_body.hpp"
#include "http/server/response_writer.hpp"
#include "http/wire/loop.hpp"
#include "http/wire/spawn.hpp"
#include "http/wire/stream.hpp"

namespace lodestone::http {

namespace {

constexpr auto linger_timeout = std::chrono::seconds(2);
constexpr unsigned char tls_handshake_record = 0x16;

class Connection final : public Exchange {
  public:
    Connection(ServerState& server, Loop& loop, Socket socket, Accepted accepted)
        : server_(server),
          loop_(loop),
          accepted_(std::move(accepted)),
          buffer_bytes_(std::max(server.options.head.head_bytes, limits::head_bytes)),
          stream_(loop, std::move(socket)),
          body_(stream_, server.options, server.body_budget) {}
    ~Connection() override {
        if (stream_.has_given_way()) server_.gave_way.add();
    }

    Task<> run();

    void limit_body(std::uint64_t limit_bytes, bool needs_length) override;
    Task<Sent> send(Response response) override;
    std::uint64_t received_body_bytes() const override { return body_.received_bytes(); }

  private:
    enum class Read : std::uint8_t { request, refused, closed };
    Task<bool> start_tls();
    Task<bool> wait_for_request();
    Task<bool> wait_for_peer();
    Task<Read> read_head();
    Task<std::optional<std::size_t>> read_in_time(std::span<char> room);
    void refuse(const ProblemKind& kind, std::string_view detail);
    void fill_request();
    Task<bool> drain_body();
    void keep_leftover();
    bool has_unread_input() const;
    Task<> end_orderly();
    Task<> say_goodbye();
    Task<> linger();
    void take_buffer();
    void release_buffers();

    ServerState& server_;
    Loop& loop_;
    const Accepted accepted_;
    const std::size_t buffer_bytes_;
    Stream stream_;
    RequestBody body_;
    // Held only while there is a request:
    std::unique_ptr<char[]> buffer_;
    std::unique_ptr<RequestHead> head_;
    std::size_t buffered_bytes_ = 0;
    std::size_t head_size_bytes_ = 0;
    const SteadyTime opened_ = std::chrono::steady_clock::now();
    bool is_new_ = true;  // has not sent a request yet
    bool keeps_alive_ = true;
    bool is_answered_ = false;
    bool is_broken_ = false;
};

Task<> Connection::run() {
    if (accepted_.is_tls && !co_await start_tls()) co_return;
    while (co_await wait_for_request()) {
        const Read read = co_await read_head();
        if (read == Read::closed) break;
        is_new_ = false;
        is_answered_ = false;
        keeps_alive_ = read == Read::request && head_->keeps_alive;
        if (read == Read::request) fill_request();
        stream_.set_deadline(SteadyTime::max());  // now it is the handler's time, which has its own deadline
        co_await server_.serve(*this);
        ensure(is_answered_, "serve() returned without an answer");
        if (is_broken_) co_return;
        if (!keeps_alive_ || (!body_.is_done() && !co_await drain_body())) {
            co_await end_orderly();
            co_return;
        }
        keep_leftover();
    }
    co_await say_goodbye();
}

// A client that speaks plain HTTP to the TLS port deserves better than a broken handshake.
Task<bool> Connection::start_tls() {
    stream_.set_deadline(std::chrono::steady_clock::now() + limits::tls_handshake_timeout);
    stream_.rest(Resting::Kind::newcomer);
    if (!co_await wait_for_peer()) co_return false;
    unsigned char first = 0;
    if (::recv(stream_.fd(), &first, 1, MSG_PEEK) == 1 && first != tls_handshake_record) {
        server_.refused_plain.add();
        server_.context.log.info("plain HTTP refused",
                                 {{"status", std::int64_t{426}}, {"peer", accepted_.peer.address}});
        co_await stream_.write_all(
            "HTTP/1.1 426 Upgrade Required\r\nUpgrade: TLS/1.2, HTTP/1.1\r\nConnection: Upgrade, close\r\n"
            "Content-Type: text/plain\r\nContent-Length: 39\r\n\r\nThis port speaks HTTPS: use "
            "https://.\r\n");
        co_await linger();
        co_return false;
    }
    const std::shared_ptr<SSL_CTX> context = server_.tls->context();
    co_await stream_.accept_tls(context.get());
    co_return true;
}

// True when bytes of a request are there; false when the connection may end here, with nothing lost.
Task<bool> Connection::wait_for_request() {
    if (buffered_bytes_ > 0) co_return true;
    release_buffers();
    stream_.set_deadline(std::chrono::steady_clock::now() + server_.options.idle_timeout);
    stream_.rest(is_new_ ? Resting::Kind::newcomer : Resting::Kind::answered);
    co_return co_await wait_for_peer();
}

// False when we are told to stop and nothing has come: a request that has arrived is still answered, and who
// was let in a moment ago gets that moment to send one.
Task<bool> Connection::wait_for_peer() {
    stream_.set_idle(true);
    const bool is_in_time = server_.is_stopping.load() || co_await stream_.wait_for_bytes();
    stream_.set_idle(false);
    if (!is_in_time) co_return false;
    if (!server_.is_stopping.load()) co_return true;
    const SteadyTime patience = opened_ + limits::newcomer_timeout;
    stream_.set_deadline(patience);
    // A loop, because a wait may end early: the reactor can hand on what a closed descriptor before us got.
    char byte;
    ssize_t got = -1;
    for (;;) {
        got = ::recv(stream_.fd(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        const bool is_silent = got < 0 && errno == EAGAIN;
        if (!is_silent || !is_new_ || std::chrono::steady_clock::now() >= patience) break;
        if (!co_await stream_.wait_for_bytes()) break;
    }
    co_return got > 0;
}

Task<Connection::Read> Connection::read_head() {
    take_buffer();
    if (!head_) head_ = loop_.take_head();
    std::size_t scanned = 0;
    bool has_deadline = false;
    for (;;) {
        if (buffered_bytes_ > 0) {
            const HeadResult result =
                parse_request_head({buffer_.get(), buffered_bytes_}, scanned, server_.options.head, *head_);
            if (result.state == HeadResult::State::complete) {
                head_size_bytes_ = result.size_bytes;
                stream_.end_rest();
                co_return Read::request;
            }
            if (result.state == HeadResult::State::refused) {
                refuse(*result.problem, result.detail);
                co_return Read::refused;
            }
        }
        const std::span<char> room(buffer_.get() + buffered_bytes_, buffer_bytes_ - buffered_bytes_);
        std::optional<std::size_t> got = stream_.read_now(room);
        if (!got) {
            if (!has_deadline) {
                stream_.set_deadline(std::chrono::steady_clock::now() + server_.options.head_timeout);
                stream_.rest(Resting::Kind::newcomer);  // it has begun, and gets its moment to go on
            }
            has_deadline = true;
            got = co_await read_in_time(room);
        }
        if (got.value_or(0) == 0 && buffered_bytes_ == 0) co_return Read::closed;
        if (!got) {
            refuse(problems::request_timeout, "The request's head did not arrive in time.");
            co_return Read::refused;
        }
        if (*got == 0) {
            refuse(problems::malformed_request, "The connection ended in the middle of the request's head.");
            co_return Read::refused;
        }
        buffered_bytes_ += *got;
    }
}

// Nothing when the deadline passed: who was cut off in the middle of a head is told so.
Task<std::optional<std::size_t>> Connection::read_in_time(std::span<char> room) {
    try {
        co_return co_await stream_.read_some(room);
    } catch (const StreamError& error) {
        if (error.reason() != StreamError::Reason::timed_out) throw;
    }
    co_return std::nullopt;
}

void Connection::refuse(const ProblemKind& kind, std::string_view detail) {
    stream_.end_rest();
    request = Request{};
    request.peer = accepted_.peer;
    request.target = head_->target;
    request.method = head_->method;
    request.headers = &head_->headers;
    request.body = &body_;
    head_->framing = RequestHead::Framing::none;
    body_.start(*head_, request.peer, {});
    refused.emplace(kind, std::string(detail));
}

void Connection::fill_request() {
    refused.reset();
    request = Request{};
    request.method = head_->method;
    request.target = head_->target;
    request.raw_path = head_->path;
    request.raw_query = head_->query;
    request.minor_version = head_->minor_version;
    request.headers = &head_->headers;
    request.has_body = head_->framing != RequestHead::Framing::none;
    body_.start(*head_, request.peer, {buffer_.get() + head_size_bytes_, buffered_bytes_ - head_size_bytes_});
    request.body = &body_;
    request.peer = accepted_.peer;
    request.peer.host = head_->host;
    apply_forwarded(head_->headers, server_.options.trusted_proxies, server_.options.forwarded_family,
                    request.peer);
}

void Connection::limit_body(std::uint64_t limit_bytes, bool needs_length) {
    body_.set_limit(limit_bytes);
    if (body_.length().value_or(0) > limit_bytes) {
        throw Problem(problems::body_too_large, "The body is larger than the " + std::to_string(limit_bytes) +
                                                    " bytes that may be sent here.");
    }
    const bool has_length =
        body_.length().has_value() && (request.has_body || request.header("content-length"));
    if (needs_length && !has_length)
        throw Problem(problems::length_required,
                      "Send the body with a Content-Length: its size must be known here.");
}

Task<Sent> Connection::send(Response response) {
    ensure(!is_answered_, "a request is answered once");
    is_answered_ = true;
    const bool can_go_on = body_.is_done() || body_.is_worth_draining();
    WriteOptions options{
        .now = server_.context.clock.now(),
        .random = server_.context.random,
        .keeps_alive = keeps_alive_ && can_go_on && !response.must_close &&
                       !server_.is_draining.load(std::memory_order_relaxed),
        .body_grace = server_.options.body_grace,
        .body_rate_bytes = server_.options.body_rate_bytes,
    };
    Sent sent;
    try {
        co_await write_response(stream_, request, response, options, sent);
        keeps_alive_ = options.keeps_alive;
    } catch (const std::exception& error) {
        // The client's connection or the body's source broke: closing early is how HTTP/1.1 says so.
        sent.fault = error.what();
        sent.is_source_broken = dynamic_cast<const StreamError*>(&error) == nullptr;
        keeps_alive_ = false;
        is_broken_ = true;
        // Unless the end of the connection was to be the body's: then it must not look like one.
        if (options.ends_with_connection) stream_.abort_on_close();
    }
    co_return sent;
}

// Throws away what the handler did not read of a small body. False when it turned out not to be small, comes
// too slowly or is malformed: then the connection ends, in an orderly way, for the client may not have read
// the answer yet. Lingering for one that is gone takes no time.
Task<bool> Connection::drain_body() {
    std::uint64_t drained = 0;
    body_.start_draining(std::chrono::steady_clock::now() + limits::drain_timeout);
    try {
        while (!body_.is_done()) {
            drained += (co_await body_.next()).size();
            if (drained > limits::drain_bytes) co_return false;
        }
    } catch (const std::exception& error) {
        server_.context.log.debug("body not drained", {{"reason", std::string_view(error.what())}});
        co_return false;
    }
    co_return true;
}

// What came after the body belongs to the next request.
void Connection::keep_leftover() {
    const std::string_view rest = request.has_body ? body_.leftover()
                                                   : std::string_view(buffer_.get() + head_size_bytes_,
                                                                      buffered_bytes_ - head_size_bytes_);
    std::memmove(buffer_.get(), rest.data(), rest.size());
    buffered_bytes_ = rest.size();
    body_.release_buffer();
}

bool Connection::has_unread_input() const {
    if (refused || !body_.is_done()) return true;
    return request.has_body ? !body_.leftover().empty() : buffered_bytes_ > head_size_bytes_;
}

Task<> Connection::end_orderly() {
    const bool has_unread = has_unread_input();
    co_await say_goodbye();
    if (has_unread && !stream_.has_given_way()) co_await linger();  // then somebody waits for the place
}

Task<> Connection::say_goodbye() {
    stream_.set_deadline(std::chrono::steady_clock::now() + linger_timeout);
    co_await stream_.say_goodbye();
}

// Closing with unread input makes the kernel send a reset, which can destroy the answer on its way. So: say
// that we are done, and read on for a moment until the client is done too.
Task<> Connection::linger() {
    take_buffer();
    co_await stream_.linger({buffer_.get(), buffer_bytes_}, limits::body_piece_bytes * 64,
                            std::chrono::steady_clock::now() + linger_timeout);
    release_buffers();
}

// The loop keeps buffers of the default size only: who allows larger heads pays for them, not every loop.
void Connection::take_buffer() {
    if (buffer_) return;
    buffer_ = buffer_bytes_ == limits::head_bytes ? loop_.take_buffer()
                                                  : std::make_unique_for_overwrite<char[]>(buffer_bytes_);
}

void Connection::release_buffers() {
    if (buffer_ && buffer_bytes_ == limits::head_bytes) loop_.give_buffer(std::move(buffer_));
    buffer_.reset();
    if (head_) loop_.give_head(std::move(head_));
    body_.release_buffer();
}

Task<> run_connection(Admitted admitted, Loop& loop, Socket socket, Accepted accepted) {
    const Admitted place = std::move(admitted);  // given back here, once the connection is closed
    ServerState* const server = &place.server();
    try {
        Connection connection(*server, loop, std::move(socket), std::move(accepted));
        co_await connection.run();
    } catch (const StreamError& error) {
        // The ordinary end of many a connection: idle too long, closed by the client, or broken under an
        // answer.
        if (error.reason() == StreamError::Reason::tls) server->refused_handshakes.add();
        server->context.log.debug("connection ended", {{"reason", std::string_view(error.what())}});
    }
}

}  // namespace

void start_connection(Admitted admitted, Loop& loop, Accepted accepted) {
    ServerState& server = admitted.server();
    Socket socket(loop.executor());
    boost::system::error_code error;
    socket.assign({accepted.family, 0}, accepted.fd.value(), error);
    if (error) {  // no memory, or no more watches for this user
        server.refused_watches.add();
        server.context.log.warn("connection not watched", {{"error", std::string_view(error.message())}});
        return;
    }
    accepted.fd.release();
    Log& log = server.context.log;
    spawn(loop.executor(), run_connection(std::move(admitted), loop, std::move(socket), std::move(accepted)),
          [&log](std::string_view why) { log.error("connection failed", {{"error", why}}); });
}

}  // namespace lodestone::http
