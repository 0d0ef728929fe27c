// The three ways in which an answer's body ends: by count, by the last chunk, by the connection.
#include "http/client/client_body.hpp"

#include <algorithm>

namespace lodestone::http {

using Framing = ResponseHead::Framing;

ClientBody::ClientBody(ConnectionPool::Lease lease, ClientBodyOptions options)
    : lease_(std::move(lease)), options_(std::move(options)), remaining_(options_.content_length) {
    const bool is_empty = options_.framing == Framing::length && remaining_ == 0;
    if (options_.framing == Framing::none || is_empty) finish();
}

// Dropped, but perhaps the rest is here already: then the connection is still good.
ClientBody::~ClientBody() {
    while (!is_done_ && !take_buffered().empty()) {
    }
}

std::optional<std::uint64_t> ClientBody::length() const {
    if (options_.framing == Framing::none) return 0;
    if (options_.framing == Framing::length) return options_.content_length;
    return std::nullopt;
}

Task<std::string_view> ClientBody::next() {
    if (failure_) throw Problem(*failure_);
    while (!is_done_) {
        const auto piece = take_buffered();
        if (!fault_.empty()) fail(problems::bad_upstream, "sent a malformed body", std::string(fault_));
        read_bytes_ += piece.size();
        if (read_bytes_ > options_.limit_bytes)
            fail(problems::bad_upstream, "answered with more bytes than are taken here");
        if (!piece.empty()) co_return piece;
        if (!is_done_) co_await read();
    }
    co_return std::string_view{};
}

std::string_view ClientBody::take_buffered() {
    if (options_.framing == Framing::chunked) return take_chunk();
    if (options_.framing == Framing::length && remaining_ == 0) {
        finish();
        return {};
    }
    ClientConnection& connection = *lease_.connection();
    auto piece = connection.buffered();
    if (options_.framing == Framing::length) {
        piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), remaining_)));
        remaining_ -= piece.size();
    }
    connection.consume(piece.size());
    return piece;
}

std::string_view ClientBody::take_chunk() {
    ClientConnection& connection = *lease_.connection();
    while (fault_.empty()) {
        const auto step = decoder_.step(connection.buffered());
        connection.consume(step.consumed);
        fault_ = step.fault;
        if (step.is_done) finish();
        if (!step.data.empty() || step.consumed == 0 || step.is_done) return step.data;
    }
    return {};
}

Task<> ClientBody::read() {
    ClientConnection& connection = *lease_.connection();
    const auto start = std::chrono::steady_clock::now();
    options_.rate.begin_wait(start, read_bytes_);
    connection.set_deadline(std::min(options_.deadline, start + options_.stall_timeout));
    const auto fault = co_await connection.read();
    if (fault) fail(*fault);
    if (connection.is_ended()) {
        if (options_.framing != Framing::until_close)
            fail(problems::bad_upstream, "ended its answer too early");
        finish();
    }
    options_.rate.end_wait(std::chrono::steady_clock::now());
    if (options_.rate.is_exceeded(read_bytes_))
        fail(problems::upstream_timeout, "sent its answer too slowly");
}

void ClientBody::finish() {
    is_done_ = true;
    if (options_.keeps_alive) lease_.release();
    lease_ = {};
}

void ClientBody::fail(const StreamError& fault) {
    if (fault.reason() == StreamError::Reason::timed_out)
        fail(problems::upstream_timeout, "stopped sending its answer");
    fail(problems::bad_upstream, "broke off its answer", fault.what());
}

void ClientBody::fail(const ProblemKind& kind, std::string_view what, std::string internal) {
    is_done_ = true;
    lease_ = {};
    if (options_.failures != nullptr) options_.failures->add();
    failure_.emplace(
        Problem(kind, options_.host + " " + std::string(what) + ".").with_internal(std::move(internal)));
    throw Problem(*failure_);
}

}  // namespace lodestone::http
