// Bytes → the head of a response (RFC 9112 §2–6), strictly: an answer whose end two readers might see at
// different places is refused, because on a connection that is used again the rest of it would become the
// next answer.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/message/headers.hpp"
#include "http/message/method.hpp"

namespace lodestone::http {

struct ResponseHead {
    int status = 0;
    std::string_view reason;
    std::uint8_t minor_version = 1;
    ReceivedHeaders headers;

    enum class Framing : std::uint8_t { none, length, chunked, until_close } framing = Framing::none;
    std::uint64_t content_length = 0;  // with Framing::length
    bool keeps_alive = true;           // the connection may serve another request after this answer

    // 1xx: another head follows.
    bool is_interim() const { return status < 200; }
};

struct ResponseHeadResult {
    enum class State : std::uint8_t { need_more, complete, refused } state;
    std::size_t size_bytes = 0;    // complete: how much of the bytes was the head
    std::string_view detail = {};  // refused: why, to follow "the answer …" (a literal)
};

// `bytes` begins at the status line of an answer to a request of that method. `scanned_bytes` is where the
// last call stopped looking for the end (start with 0). `head` is written when complete; its views point into
// `bytes`. 101 is refused: we never ask to switch protocols.
ResponseHeadResult parse_response_head(std::string_view bytes, std::size_t& scanned_bytes, Method method,
                                       ResponseHead& head);

}  // namespace lodestone::http
