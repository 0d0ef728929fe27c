// A connected byte stream: a non-blocking socket (TCP or Unix), with TLS on it or not. System calls are made
// directly and the loop is asked only when one would block. Every wait ends at the stream's deadline.
#pragma once

#include <openssl/types.h>
#include <sys/uio.h>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "base/task.hpp"
#include "http/wire/minimum_rate.hpp"
#include "http/wire/resting_list.hpp"
#include "http/wire/stream_error.hpp"

namespace lodestone::http {

class Loop;
using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, LoopExecutor>;

// Every operation throws StreamError when the peer went away or the deadline passed.
class Stream {
  public:
    Stream(Loop& loop, Socket socket);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    // When the current wait, and every later one, gives up; swept every limits::sweep_interval.
    void set_deadline(SteadyTime deadline) {
        deadline_ = deadline;
        is_expired_ = false;
    }

    // TLS on top of the socket; `host` is the name a client asks for (SNI) and verifies.
    Task<> accept_tls(SSL_CTX* context);
    Task<> connect_tls(SSL_CTX* context, const std::string& host);
    bool is_tls() const { return ssl_ != nullptr; }

    // Until something can be read, be it decrypted already; also returns when the stream is woken. False when
    // the deadline passed first.
    Task<bool> wait_for_bytes();
    // At least one byte, or 0 at the orderly end of the peer's data.
    Task<std::size_t> read_some(std::span<char> buffer);
    // What can be had or sent at once, without the cost of a coroutine; what cannot is for read_some() and
    // write_all(). Nothing under TLS.
    std::optional<std::size_t> read_now(std::span<char> buffer);
    std::size_t write_now(std::span<const std::string_view> pieces);
    enum class More : bool { no, yes };  // yes: more follows at once, do not push a short packet
    Task<> write_all(std::span<const std::string_view> pieces, More more = More::no);
    Task<> write_all(std::string_view bytes, More more = More::no);
    // Throws std::runtime_error when the file cannot give what is asked for.
    Task<> send_file(int fd, std::uint64_t offset, std::uint64_t size_bytes);
    // What the kernel took of our bytes so far, TLS overhead aside.
    std::uint64_t written_bytes() const { return written_bytes_; }
    // The peer must take our bytes at least this fast from now on, after the grace: each wait for it has its
    // deadline from that. A rate of 0 allows any pace.
    void start_write_rate(std::size_t minimum_rate_bytes, std::chrono::milliseconds grace);
    void stop_write_rate() { write_rate_.reset(); }

    // The orderly end of what we send: under TLS the peer learns that nothing was cut off. Not for a stream
    // that broke, nor for an answer that did.
    Task<> say_goodbye();
    // After the goodbye: shuts our side down, then reads and drops what the peer still sends until it is
    // done, until that is more than `limit_bytes`, or until `end`. Nothing can be read afterwards.
    Task<> linger(std::span<char> scratch, std::size_t limit_bytes, SteadyTime end);
    // When the stream is closed, the peer gets a reset instead of an orderly end: for what broke in the
    // middle where the end of the connection says that all is there.
    void abort_on_close();
    // Between requests: such a stream can be woken, so that its connection looks whether it should go on
    // waiting.
    void set_idle(bool is_idle) { is_idle_ = is_idle; }
    void wake();
    // Between rest() and end_rest() no request is at hand: when the server is full, such a stream may have to
    // give way, which ends its wait as if the deadline had passed.
    void rest(Resting::Kind kind);
    void end_rest();
    bool has_given_way() const { return has_given_way_; }
    // Ends every wait with StreamError(closed); from the stream's own loop.
    void cancel();
    bool is_cancelled() const { return is_cancelled_; }

    Loop& loop() { return loop_; }
    Socket& socket() { return socket_; }
    int fd() { return socket_.native_handle(); }

  private:
    friend class Loop;
    friend class RestingList;
    Task<bool> wait_in_time(boost::asio::socket_base::wait_type what);
    Task<> wait(boost::asio::socket_base::wait_type what);
    Task<> let_others_run();
    Task<> handshake();
    Task<bool> retry_tls(int result);  // after SSL_*: waits and says whether to try again; false: orderly end
    Task<> wait_writable();
    void begin_write_wait();
    void end_write_wait();
    Task<> write_plain(std::span<iovec> pieces, More more);
    Task<> write_pieces_tls(std::span<const std::string_view> pieces);
    Task<> write_tls(std::string_view bytes);
    void note_written(std::size_t size_bytes);
    bool is_turn_over() const { return turn_bytes_ >= limits::turn_bytes; }
    bool expire();
    bool give_way();

    Loop& loop_;
    Socket socket_;
    SSL* ssl_ = nullptr;
    SteadyTime deadline_ = SteadyTime::max();
    std::uint64_t written_bytes_ = 0;
    std::optional<MinimumRate> write_rate_;
    std::size_t turn_bytes_ = 0;  // moved since this stream last let others run
    bool is_waiting_ = false;
    bool is_expired_ = false;
    bool is_idle_ = false;
    bool is_cancelled_ = false;
    bool has_given_way_ = false;
    Resting resting_;
    Stream* previous_ = nullptr;  // in the loop's list
    Stream* next_ = nullptr;
};

}  // namespace lodestone::http
