// System calls on a non-blocking socket, with OpenSSL directly on the descriptor where there is TLS: cheaper
// than a TLS stream layered over the loop, and sendfile(2) and MSG_MORE stay within reach.
#include "http/wire/stream.hpp"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "base/ensure.hpp"
#include "http/wire/loop.hpp"

namespace lodestone::http {

namespace {

constexpr std::size_t gathered_pieces = 8;
constexpr std::size_t tls_record_bytes = 16 * limits::kib;
// Less than a socket takes at once, so that whoever reads can go on before it is full: 4 MiB costs a tenth
// more.
constexpr std::size_t sendfile_piece_bytes = limits::mib;

// While it lives, the kernel makes whole packets of what is sent: of a large file half as much again in the
// same time. A socket of another family refuses, and needs it not.
class Corked {
  public:
    Corked(int socket, std::uint64_t size_bytes)
        : socket_(socket), is_worth_it_(size_bytes > sendfile_piece_bytes / 4) {
        if (is_worth_it_) set(1);
    }
    ~Corked() {
        if (is_worth_it_) set(0);
    }
    Corked(const Corked&) = delete;
    Corked& operator=(const Corked&) = delete;

  private:
    void set(int value) const { ::setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &value, sizeof value); }

    int socket_;
    bool is_worth_it_;
};

// Gathers as many pieces as fit.
std::size_t gather(std::span<const std::string_view> pieces, std::span<iovec, gathered_pieces> vectors) {
    const std::size_t count = std::min(pieces.size(), vectors.size());
    for (std::size_t i = 0; i < count; ++i)
        vectors[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
    return count;
}

bool would_block() {
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

[[noreturn]] void throw_errno(const char* what) {
    throw StreamError(StreamError::Reason::closed, std::string(what) + ": " + std::strerror(errno));
}

// The file is shorter than promised: the length is out already, so only closing tells the truth. Not a
// StreamError, for the peer did nothing wrong.
[[noreturn]] void throw_file_ended() {
    throw std::runtime_error("the file ended early");
}

}  // namespace

Stream::Stream(Loop& loop, Socket socket) : loop_(loop), socket_(std::move(socket)) {
    boost::system::error_code ignored;
    // Non-blocking for our own calls; the loop's own waits do not mind.
    socket_.native_non_blocking(true, ignored);
    loop_.link(*this);
}

Stream::~Stream() {
    end_rest();
    loop_.unlink(*this);
    if (ssl_ != nullptr) SSL_free(ssl_);
}

// A deadline limits waits: time that passes while nobody waits here, in a handler or on an upstream, is not
// the peer's.
bool Stream::expire() {
    if (!is_waiting_) return false;
    is_expired_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
    return true;
}

void Stream::rest(Resting::Kind kind) {
    end_rest();
    loop_.resting().add(*this, kind, std::chrono::steady_clock::now());
}

void Stream::end_rest() {
    loop_.resting().remove(*this);
}

bool Stream::give_way() {
    has_given_way_ = expire();
    return has_given_way_;
}

void Stream::cancel() {
    is_cancelled_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void Stream::wake() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

// False when the deadline passed. A wait that wake() has ended counts as one that came to something: the
// caller looks around.
Task<bool> Stream::wait_in_time(boost::asio::socket_base::wait_type what) {
    turn_bytes_ = 0;
    boost::system::error_code error;
    if (!is_cancelled_) {
        is_waiting_ = true;
        co_await socket_.async_wait(
            what, boost::asio::redirect_error(boost::asio::use_awaitable_t<LoopExecutor>{}, error));
        is_waiting_ = false;
    }
    if (is_cancelled_) throw StreamError(StreamError::Reason::closed, "cancelled");
    // The expiry belongs to the deadline that has passed: whoever sets a later one may go on, to say goodbye.
    if (std::exchange(is_expired_, false)) co_return false;
    if (error && error != boost::asio::error::operation_aborted)
        throw StreamError(StreamError::Reason::closed, error.message());
    co_return true;
}

Task<> Stream::wait(boost::asio::socket_base::wait_type what) {
    if (!co_await wait_in_time(what))
        throw StreamError(StreamError::Reason::timed_out, "the deadline passed");
}

// A peer that always has data for us, or room for ours, would never make us wait, and starve every other
// connection of the loop: to the back of the queue.
Task<> Stream::let_others_run() {
    turn_bytes_ = 0;
    co_await boost::asio::post(socket_.get_executor(), boost::asio::use_awaitable_t<LoopExecutor>{});
    if (is_cancelled_) throw StreamError(StreamError::Reason::closed, "cancelled");
}

Task<bool> Stream::wait_for_bytes() {
    if (ssl_ != nullptr && SSL_pending(ssl_) > 0) co_return true;
    co_return co_await wait_in_time(Socket::wait_read);
}

std::optional<std::size_t> Stream::read_now(std::span<char> buffer) {
    if (ssl_ != nullptr || is_turn_over()) return std::nullopt;
    const ssize_t got = ::recv(fd(), buffer.data(), buffer.size(), 0);
    if (got < 0 && !would_block() && errno != EINTR) throw_errno("read");
    if (got < 0) return std::nullopt;
    turn_bytes_ += static_cast<std::size_t>(got);
    return static_cast<std::size_t>(got);
}

Task<std::size_t> Stream::read_some(std::span<char> buffer) {
    if (is_turn_over()) co_await let_others_run();
    for (;;) {
        if (ssl_ != nullptr) {
            ERR_clear_error();
            const int got = SSL_read(ssl_, buffer.data(),
                                     static_cast<int>(std::min<std::size_t>(buffer.size(), 1 << 30)));
            if (got > 0) {
                turn_bytes_ += static_cast<std::size_t>(got);
                co_return static_cast<std::size_t>(got);
            }
            if (!co_await retry_tls(got)) co_return 0;
            continue;
        }
        if (const auto got = read_now(buffer)) co_return *got;
        co_await wait(Socket::wait_read);
    }
}

void Stream::start_write_rate(std::size_t minimum_rate_bytes, std::chrono::milliseconds grace) {
    set_deadline(SteadyTime::max());
    write_rate_.emplace(minimum_rate_bytes, grace, written_bytes_);
}

void Stream::note_written(std::size_t size_bytes) {
    written_bytes_ += size_bytes;
    turn_bytes_ += size_bytes;
}

// Only who must wait asks for the time: most answers go out at once.
void Stream::begin_write_wait() {
    if (write_rate_) set_deadline(write_rate_->begin_wait(std::chrono::steady_clock::now(), written_bytes_));
}

void Stream::end_write_wait() {
    if (write_rate_) write_rate_->end_wait(std::chrono::steady_clock::now());
}

Task<> Stream::wait_writable() {
    begin_write_wait();
    co_await wait(Socket::wait_write);
    end_write_wait();
}

std::size_t Stream::write_now(std::span<const std::string_view> pieces) {
    if (ssl_ != nullptr || is_turn_over()) return 0;
    std::array<iovec, gathered_pieces> vectors;
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = gather(pieces, vectors);
    const ssize_t sent = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
    if (sent < 0 && !would_block() && errno != EINTR) throw_errno("write");
    if (sent < 0) return 0;
    note_written(static_cast<std::size_t>(sent));
    return static_cast<std::size_t>(sent);
}

Task<> Stream::write_all(std::string_view bytes, More more) {
    const std::array<std::string_view, 1> pieces{bytes};
    co_await write_all(pieces, more);
}

Task<> Stream::write_all(std::span<const std::string_view> pieces, More more) {
    if (ssl_ != nullptr) {
        co_await write_pieces_tls(pieces);
        co_return;
    }
    while (!pieces.empty()) {
        std::array<iovec, gathered_pieces> vectors;
        const std::size_t count = gather(pieces, vectors);
        pieces = pieces.subspan(count);
        co_await write_plain({vectors.data(), count}, pieces.empty() ? more : More::yes);
    }
}

Task<> Stream::write_plain(std::span<iovec> pieces, More more) {
    for (;;) {
        while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
        if (pieces.empty()) co_return;
        if (is_turn_over()) co_await let_others_run();
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = pieces.size();
        const ssize_t sent = ::sendmsg(fd(), &message, MSG_NOSIGNAL | (more == More::yes ? MSG_MORE : 0));
        if (sent < 0) {
            if (errno == EINTR) continue;
            if (!would_block()) throw_errno("write");
            co_await wait_writable();
            continue;
        }
        note_written(static_cast<std::size_t>(sent));
        auto left = static_cast<std::size_t>(sent);
        for (iovec& piece : pieces) {
            const std::size_t taken = std::min(left, piece.iov_len);
            piece.iov_base = static_cast<char*>(piece.iov_base) + taken;
            piece.iov_len -= taken;
            left -= taken;
        }
    }
}

// A head and its small body go as one record, which is one packet.
Task<> Stream::write_pieces_tls(std::span<const std::string_view> pieces) {
    std::string joined;
    while (!pieces.empty() && joined.size() + pieces.front().size() <= tls_record_bytes) {
        joined += pieces.front();
        pieces = pieces.subspan(1);
    }
    co_await write_tls(joined);
    for (const std::string_view piece : pieces) co_await write_tls(piece);
}

Task<> Stream::write_tls(std::string_view bytes) {
    while (!bytes.empty()) {
        if (is_turn_over()) co_await let_others_run();
        ERR_clear_error();
        const int sent =
            SSL_write(ssl_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), 1 << 30)));
        if (sent > 0) {
            note_written(static_cast<std::size_t>(sent));
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            continue;
        }
        begin_write_wait();
        if (!co_await retry_tls(sent)) throw StreamError(StreamError::Reason::closed, "the peer ended TLS");
        end_write_wait();
    }
}

Task<> Stream::send_file(int file, std::uint64_t offset, std::uint64_t size_bytes) {
    if (ssl_ != nullptr) {
        const auto buffer = std::make_unique_for_overwrite<char[]>(limits::body_piece_bytes);
        while (size_bytes > 0) {
            const ssize_t got =
                ::pread(file, buffer.get(), std::min<std::uint64_t>(size_bytes, limits::body_piece_bytes),
                        static_cast<off_t>(offset));
            if (got < 0) throw std::system_error(errno, std::generic_category(), "reading the file");
            if (got == 0) throw_file_ended();
            co_await write_tls({buffer.get(), static_cast<std::size_t>(got)});
            offset += static_cast<std::uint64_t>(got);
            size_bytes -= static_cast<std::uint64_t>(got);
        }
        co_return;
    }
    const Corked corked(fd(), size_bytes);
    auto position = static_cast<off_t>(offset);
    while (size_bytes > 0) {
        if (is_turn_over()) co_await let_others_run();
        const ssize_t sent =
            ::sendfile(fd(), file, &position, std::min<std::uint64_t>(size_bytes, sendfile_piece_bytes));
        if (sent > 0) {
            note_written(static_cast<std::size_t>(sent));
            size_bytes -= static_cast<std::uint64_t>(sent);
        } else if (sent == 0) {
            throw_file_ended();
        } else if (errno != EINTR) {
            if (!would_block()) throw_errno("sendfile");
            co_await wait_writable();
        }
    }
}

Task<bool> Stream::retry_tls(int result) {
    const int reason = SSL_get_error(ssl_, result);
    if (reason == SSL_ERROR_WANT_READ) {
        co_await wait(Socket::wait_read);
        co_return true;
    }
    if (reason == SSL_ERROR_WANT_WRITE) {
        co_await wait(Socket::wait_write);
        co_return true;
    }
    if (reason == SSL_ERROR_ZERO_RETURN) co_return false;
    std::array<char, 256> text{};
    const unsigned long code = ERR_get_error();
    ERR_error_string_n(code, text.data(), text.size());
    ERR_clear_error();
    throw StreamError(StreamError::Reason::tls,
                      code == 0 ? "the peer closed without ending TLS" : text.data());
}

Task<> Stream::handshake() {
    for (;;) {
        ERR_clear_error();
        const int result = SSL_do_handshake(ssl_);
        if (result == 1) co_return;
        if (!co_await retry_tls(result))
            throw StreamError(StreamError::Reason::tls, "the peer ended the handshake");
    }
}

Task<> Stream::accept_tls(SSL_CTX* context) {
    ssl_ = SSL_new(context);
    ensure(ssl_ != nullptr, "SSL_new failed");
    SSL_set_fd(ssl_, fd());
    SSL_set_accept_state(ssl_);
    co_await handshake();
}

Task<> Stream::connect_tls(SSL_CTX* context, const std::string& host) {
    ssl_ = SSL_new(context);
    ensure(ssl_ != nullptr, "SSL_new failed");
    SSL_set_fd(ssl_, fd());
    SSL_set_connect_state(ssl_);
    // A name is asked for (SNI) and verified; an address is only verified.
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl_);
    if (X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) != 1) {
        SSL_set_tlsext_host_name(ssl_, host.c_str());
        X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        ensure(SSL_set1_host(ssl_, host.c_str()) == 1, "SSL_set1_host failed");
    }
    ERR_clear_error();
    co_await handshake();
}

// One call sends our part; the peer's is not waited for, because we close next.
Task<> Stream::say_goodbye() {
    if (ssl_ == nullptr || !SSL_is_init_finished(ssl_)) co_return;
    for (;;) {
        ERR_clear_error();
        const int result = SSL_shutdown(ssl_);
        if (result >= 0 || SSL_get_error(ssl_, result) != SSL_ERROR_WANT_WRITE) break;
        co_await wait(Socket::wait_write);
    }
    ERR_clear_error();
}

// Throws away what the kernel has not sent yet, too: none of it is worth having. A Unix socket knows no reset
// and ends as ever.
void Stream::abort_on_close() {
    const ::linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

// On the bare socket, because nobody wants what comes: under TLS it need not be decrypted to be dropped.
Task<> Stream::linger(std::span<char> scratch, std::size_t limit_bytes, SteadyTime end) {
    ::shutdown(fd(), SHUT_WR);
    set_deadline(end);
    std::size_t dropped = 0;
    while (dropped < limit_bytes && std::chrono::steady_clock::now() < end) {
        if (is_turn_over()) co_await let_others_run();
        const ssize_t got = ::recv(fd(), scratch.data(), scratch.size(), 0);
        if (got == 0) co_return;
        if (got > 0) {
            dropped += static_cast<std::size_t>(got);
            turn_bytes_ += static_cast<std::size_t>(got);
        } else if (errno == EINTR) {
            continue;
        } else if (!would_block() || !co_await wait_in_time(Socket::wait_read)) {
            co_return;
        }
    }
}

}  // namespace lodestone::http
