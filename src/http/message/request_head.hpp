// Bytes → the head of a request (RFC 9112 §2–6), strictly: whatever two implementations might read
// differently is refused here, because disagreement about where a request ends is what request smuggling
// lives on.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/problem.hpp"
#include "http/message/headers.hpp"
#include "http/message/method.hpp"

namespace lodestone::http {

struct RequestHead {
    Method method = Method::get;
    std::string_view target;
    std::string_view path;   // starts with '/', or "*" for OPTIONS *
    std::string_view query;  // without '?'
    std::string_view host;   // of the Host header or the absolute form; they must agree
    std::uint8_t minor_version = 1;
    ReceivedHeaders headers;

    enum class Framing : std::uint8_t { none, length, chunked } framing = Framing::none;
    std::uint64_t content_length = 0;
    bool expects_continue = false;
    bool keeps_alive = true;

    // As new, without touching the room for headers: this runs for every request.
    void reset() {
        method = Method::get;
        target = path = query = host = {};
        minor_version = 1;
        headers.clear();
        framing = Framing::none;
        content_length = 0;
        expects_continue = false;
        keeps_alive = true;
    }
};

struct HeadLimits {
    std::size_t head_bytes = limits::head_bytes;
    std::size_t target_bytes = limits::target_bytes;
};

struct HeadResult {
    enum class State : std::uint8_t { need_more, complete, refused } state;
    std::size_t size_bytes = 0;            // complete: how much of the bytes was the head
    const ProblemKind* problem = nullptr;  // refused: which kind …
    std::string_view detail = {};          // … and one sentence (a literal)
};

// `bytes` begins at the request line. `scanned_bytes` is where the last call stopped looking for the end
// (start with 0). `head` is written when complete; views point into `bytes`. When refused, method and target
// are set as far as they were understood.
HeadResult parse_request_head(std::string_view bytes, std::size_t& scanned_bytes, const HeadLimits& limits,
                              RequestHead& head);

}  // namespace lodestone::http
