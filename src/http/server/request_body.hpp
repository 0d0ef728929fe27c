// The body of the request at hand, read from the connection as the handler asks for it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/limits.hpp"
#include "http/message/chunked.hpp"
#include "http/message/request_head.hpp"
#include "http/server/body_budget.hpp"
#include "http/server/request.hpp"
#include "http/server/server.hpp"
#include "http/wire/body.hpp"
#include "http/wire/minimum_rate.hpp"
#include "http/wire/stream.hpp"

namespace lodestone::http {

class RequestBody final : public BodySource {
  public:
    RequestBody(Stream& stream, const ServerOptions& options, BodyBudget& budget)
        : stream_(stream), options_(options), budget_(budget) {}

    // For the next request; `buffered` is what came with the head and may hold more than the body. The peer
    // is asked who it is when somebody collects the body, and has to stay until then.
    void start(const RequestHead& head, const Peer& peer, std::string_view buffered);

    void set_limit(std::uint64_t limit_bytes) { limit_bytes_ = limit_bytes; }

    // Throws Problem (too large, malformed) or StreamError.
    Task<std::string_view> next() override;
    // In the room unless it comes in chunks, or came along with the head.
    Task<std::string_view> next_into(std::span<char> room) override;
    // Nobody wants what is still to come: it is read in small pieces, and not for longer than until then; how
    // much of it is for the caller to say.
    void start_draining(SteadyTime end);
    void hold(std::uint64_t held_bytes) override;
    std::optional<std::uint64_t> length() const override;

    bool is_done() const { return is_done_; }
    // What is left is unknown or too much to throw away for the sake of the connection.
    bool is_worth_draining() const;
    // Once done: what came after the body, the beginning of the next request.
    std::string_view leftover() const { return buffered_; }
    std::uint64_t received_bytes() const { return received_bytes_; }
    // Broken framing: nothing that follows can be trusted.
    bool is_broken() const { return is_broken_; }
    void release_buffer();

  private:
    Task<std::string_view> read_piece();
    Task<std::size_t> read_some(std::span<char> room);
    void check_limit();
    std::string_view take_decoded(std::string_view input);

    Stream& stream_;
    const ServerOptions& options_;
    BodyBudget& budget_;
    const Peer* peer_ = nullptr;
    RequestHead::Framing framing_ = RequestHead::Framing::none;
    std::uint64_t length_ = 0;
    std::uint64_t limit_bytes_ = 0;
    std::uint64_t received_bytes_ = 0;  // decoded
    std::string_view buffered_;         // received, not yet handed out
    std::unique_ptr<char[]> buffer_;
    std::size_t buffer_bytes_ = 0;
    ChunkDecoder decoder_;
    MinimumRate rate_;
    SteadyTime drain_end_ = SteadyTime::max();
    SteadyTime collect_end_ = SteadyTime::max();
    Address holder_;
    std::uint64_t held_bytes_ = 0;
    std::size_t largest_piece_bytes_ = limits::body_piece_bytes;
    bool is_done_ = true;
    bool is_broken_ = false;
    bool awaits_continue_ = false;
};

}  // namespace lodestone::http
