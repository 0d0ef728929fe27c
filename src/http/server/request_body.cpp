// Reading a request's body: first what came along with the head, then the socket, into one buffer that lives
// as long as the body. A client that is slower than the minimum rate is told so and let go.
#include "http/server/request_body.hpp"

#include <algorithm>
#include <limits>

#include "base/limits.hpp"
#include "base/problem.hpp"

namespace lodestone::http {

namespace {

constexpr std::size_t page_bytes = 4 * limits::kib;

}  // namespace

void RequestBody::start(const RequestHead& head, const Peer& peer, std::string_view buffered) {
    peer_ = &peer;
    framing_ = head.framing;
    length_ = head.content_length;
    limit_bytes_ = limits::body_bytes;
    received_bytes_ = 0;
    buffered_ = buffered;
    decoder_ = ChunkDecoder();
    rate_ = MinimumRate(options_.body_rate_bytes, options_.body_grace);
    is_done_ = framing_ == RequestHead::Framing::none;
    is_broken_ = false;
    awaits_continue_ = head.expects_continue && buffered.empty();
    drain_end_ = collect_end_ = SteadyTime::max();
    largest_piece_bytes_ = limits::body_piece_bytes;
}

std::optional<std::uint64_t> RequestBody::length() const {
    if (framing_ == RequestHead::Framing::chunked) return std::nullopt;
    return framing_ == RequestHead::Framing::none ? 0 : length_;
}

bool RequestBody::is_worth_draining() const {
    if (is_broken_ || awaits_continue_) return false;
    if (framing_ == RequestHead::Framing::chunked) return true;
    return length_ - received_bytes_ <= limits::drain_bytes;
}

void RequestBody::release_buffer() {
    buffer_.reset();
    buffer_bytes_ = 0;
}

void RequestBody::start_draining(SteadyTime end) {
    drain_end_ = end;
    largest_piece_bytes_ = limits::drain_piece_bytes;
    limit_bytes_ = std::numeric_limits<std::uint64_t>::max();
}

void RequestBody::hold(std::uint64_t held_bytes) {
    if (held_bytes_ == 0) holder_ = BodyBudget::client_of(peer_->address);
    budget_.change(holder_, held_bytes_, held_bytes);
    held_bytes_ = held_bytes;
    if (collect_end_ == SteadyTime::max())
        collect_end_ = std::chrono::steady_clock::now() + options_.buffered_body_timeout;
}

Task<std::size_t> RequestBody::read_some(std::span<char> room) {
    const SteadyTime rate_end = rate_.begin_wait(std::chrono::steady_clock::now(), received_bytes_);
    stream_.set_deadline(std::min({rate_end, drain_end_, collect_end_}));
    const std::size_t got = co_await stream_.read_some(room);
    rate_.end_wait(std::chrono::steady_clock::now());
    if (got == 0) throw StreamError(StreamError::Reason::closed, "the body ended early");
    co_return got;
}

Task<std::string_view> RequestBody::read_piece() {
    if (buffer_bytes_ > largest_piece_bytes_) release_buffer();
    if (buffer_bytes_ == 0) {
        // What follows a chunked body may come with it; it must fit where the next head will be read.
        const std::uint64_t wanted =
            framing_ == RequestHead::Framing::length ? length_ - received_bytes_ : limits::head_bytes;
        buffer_bytes_ = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, largest_piece_bytes_));
        buffer_ = std::make_unique_for_overwrite<char[]>(buffer_bytes_);
    }
    // Pieces end where a page of the file ends that they may go into: writing parts of pages costs a third
    // more.
    std::size_t room = buffer_bytes_;
    if (room > page_bytes) room -= received_bytes_ % page_bytes;
    // Bytes of the next request must not land here: they would be lost with this buffer.
    if (framing_ == RequestHead::Framing::length)
        room = static_cast<std::size_t>(std::min<std::uint64_t>(room, length_ - received_bytes_));
    const std::size_t got = co_await read_some({buffer_.get(), room});
    co_return std::string_view(buffer_.get(), got);
}

std::string_view RequestBody::take_decoded(std::string_view input) {
    if (framing_ == RequestHead::Framing::length) {
        const auto size =
            static_cast<std::size_t>(std::min<std::uint64_t>(input.size(), length_ - received_bytes_));
        received_bytes_ += size;
        is_done_ = received_bytes_ == length_;
        buffered_ = input.substr(size);
        return input.substr(0, size);
    }
    const ChunkDecoder::Step step = decoder_.step(input);
    buffered_ = input.substr(step.consumed);
    if (!step.fault.empty()) {
        is_broken_ = true;
        throw Problem(problems::malformed_request, std::string(step.fault));
    }
    received_bytes_ += step.data.size();
    is_done_ = step.is_done;
    return step.data;
}

Task<std::string_view> RequestBody::next() {
    while (!is_done_) {
        if (buffered_.empty()) {
            if (awaits_continue_) {
                awaits_continue_ = false;
                stream_.set_deadline(std::chrono::steady_clock::now() + options_.body_grace);
                co_await stream_.write_all("HTTP/1.1 100 Continue\r\n\r\n");
            }
            buffered_ = co_await read_piece();
        }
        const std::string_view data = take_decoded(buffered_);
        check_limit();
        if (!data.empty()) co_return data;
    }
    co_return std::string_view();
}

Task<std::string_view> RequestBody::next_into(std::span<char> room) {
    const bool is_direct =
        framing_ == RequestHead::Framing::length && !is_done_ && buffered_.empty() && !awaits_continue_;
    if (!is_direct) co_return co_await next();
    // Bytes of the next request must not land here.
    const std::uint64_t size_bytes = std::min<std::uint64_t>(room.size(), length_ - received_bytes_);
    const std::size_t got = co_await read_some(room.first(static_cast<std::size_t>(size_bytes)));
    const std::string_view data = take_decoded({room.data(), got});
    check_limit();
    co_return data;
}

void RequestBody::check_limit() {
    if (received_bytes_ <= limit_bytes_) return;
    is_broken_ = true;  // whatever follows is not worth reading
    throw Problem(problems::body_too_large, "The body is larger than the " + std::to_string(limit_bytes_) +
                                                " bytes that may be sent here.");
}

}  // namespace lodestone::http
