// One connection to an upstream: a stream with the buffer that its answers are read into. Failures of the
// stream come back as values here, because the client decides on them (retry, report) instead of unwinding.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/message/network.hpp"
#include "http/wire/loop.hpp"
#include "http/wire/stream.hpp"

namespace lodestone::http {

using StreamFault = std::optional<StreamError>;

// To whom, by what name, and with which trust: what two requests must share to share a connection.
struct Origin {
    std::string host;
    std::uint16_t port = 0;
    std::shared_ptr<SSL_CTX> tls;  // null: plain
    std::string unix_path = {};    // where to connect instead of the host's address
    friend bool operator==(const Origin&, const Origin&) = default;
};

class ClientConnection {
  public:
    // Connects to that address (or the origin's Unix socket) and no other, TLS included.
    struct Opened {
        std::unique_ptr<ClientConnection> connection;
        StreamFault fault;
    };
    static Task<Opened> open(Loop& loop, Origin origin, Address address, SteadyTime deadline);
    ClientConnection(Loop& loop, Socket socket, Address address);

    const Address& address() const { return address_; }
    void set_deadline(SteadyTime deadline) { stream_.set_deadline(deadline); }
    Task<StreamFault> write(std::span<const std::string_view> pieces);

    // What has arrived and was not consumed; views stay valid until the next read().
    std::string_view buffered() const { return {buffer_.get() + begin_, end_ - begin_}; }
    void consume(std::size_t size_bytes) { begin_ += size_bytes; }
    // Appends to what is buffered; at most limits::head_bytes are held. At the peer's orderly end nothing is
    // appended and is_ended() holds.
    Task<StreamFault> read();
    bool is_ended() const { return is_ended_; }

    // Whether nothing of the last answer is left over, the peer has neither closed nor sent unasked, and
    // nobody has cancelled the stream: only then may another request follow.
    bool is_reusable();
    // An idle connection needs no buffer.
    void rest();

  private:
    Task<> read_into_buffer();

    Stream stream_;
    Address address_;
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    bool is_ended_ = false;
    bool filled_its_room_ = false;
};

}  // namespace lodestone::http
