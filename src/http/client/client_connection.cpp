// Connecting, reading and writing towards an upstream, with the stream's exceptions turned into values in one
// place.
#include "http/client/client_connection.hpp"

#include <netinet/tcp.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>

#include "base/limits.hpp"
#include "http/wire/event.hpp"

namespace lodestone::http {
namespace {

using Reason = StreamError::Reason;

Task<StreamFault> catch_fault(Task<> operation) {
    try {
        co_await std::move(operation);
    } catch (const StreamError& error) {
        co_return error;
    }
    co_return std::nullopt;
}

boost::asio::generic::stream_protocol::endpoint to_endpoint(const Origin& origin, const Address& address) {
    namespace ip = boost::asio::ip;
    if (!origin.unix_path.empty()) return boost::asio::local::stream_protocol::endpoint(origin.unix_path);
    const std::uint16_t port = origin.port;
    if (!address.is_v4()) return ip::tcp::endpoint(ip::address_v6(address.bytes), port);
    ip::address_v4::bytes_type v4;
    std::copy(address.bytes.end() - 4, address.bytes.end(), v4.begin());
    return ip::tcp::endpoint(ip::address_v4(v4), port);
}

// Shared with the loop's own connect, which may end after we have given up on it.
struct Attempt {
    explicit Attempt(LoopExecutor executor) : socket(executor), done(executor) {}
    Socket socket;
    Event done;
    boost::system::error_code error;
};

Task<StreamFault> connect(std::shared_ptr<Attempt> attempt, const Origin& origin, Address address,
                          SteadyTime deadline) {
    attempt->socket.async_connect(to_endpoint(origin, address), [attempt](boost::system::error_code error) {
        attempt->error = error;
        attempt->done.notify();
    });
    const bool is_done = co_await attempt->done.wait(deadline);
    if (!is_done) {
        boost::system::error_code ignored;
        attempt->socket.close(ignored);
        co_return StreamError(Reason::timed_out, "connecting took too long");
    }
    if (attempt->error) co_return StreamError(Reason::closed, "connect: " + attempt->error.message());
    // Heads and small bodies leave in one write each: waiting to gather more only adds delay.
    const int on = 1;
    ::setsockopt(attempt->socket.native_handle(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    co_return std::nullopt;
}

}  // namespace

ClientConnection::ClientConnection(Loop& loop, Socket socket, Address address)
    : stream_(loop, std::move(socket)), address_(address) {}

Task<ClientConnection::Opened> ClientConnection::open(Loop& loop, Origin origin, Address address,
                                                      SteadyTime deadline) {
    auto attempt = std::make_shared<Attempt>(loop.executor());
    Opened opened;
    opened.fault = co_await connect(attempt, origin, address, deadline);
    if (opened.fault) co_return opened;
    auto connection = std::make_unique<ClientConnection>(loop, std::move(attempt->socket), address);
    if (origin.tls) {
        connection->set_deadline(deadline);
        opened.fault = co_await catch_fault(connection->stream_.connect_tls(origin.tls.get(), origin.host));
        if (opened.fault) co_return opened;
    }
    opened.connection = std::move(connection);
    co_return opened;
}

Task<StreamFault> ClientConnection::write(std::span<const std::string_view> pieces) {
    co_return co_await catch_fault(stream_.write_all(pieces));
}

Task<StreamFault> ClientConnection::read() {
    co_return co_await catch_fault(read_into_buffer());
}

Task<> ClientConnection::read_into_buffer() {
    if (!buffer_) buffer_ = stream_.loop().take_buffer();
    if (begin_ != 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const std::span<char> room(buffer_.get() + end_, limits::head_bytes - end_);
    const std::size_t size_bytes = co_await stream_.read_some(room);
    filled_its_room_ = size_bytes == room.size();
    is_ended_ = size_bytes == 0;
    end_ += size_bytes;
}

bool ClientConnection::is_reusable() {
    // A read that filled its room may have left the rest of a TLS record where no poll() sees it.
    if (stream_.is_cancelled() || is_ended_ || begin_ != end_ || filled_its_room_) return false;
    // Silent is what an idle connection has to be: readable means closed, reset, or an answer to nothing.
    pollfd poll_fd{stream_.fd(), POLLIN | POLLRDHUP, 0};
    return ::poll(&poll_fd, 1, 0) == 0;
}

void ClientConnection::rest() {
    stream_.set_deadline(SteadyTime::max());
    begin_ = end_ = 0;
    if (buffer_) stream_.loop().give_buffer(std::move(buffer_));
}

}  // namespace lodestone::http
