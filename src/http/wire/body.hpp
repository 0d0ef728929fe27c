// A message's body as a stream: read piece by piece, never held whole unless a handler asks for that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/task.hpp"

namespace lodestone {
class PieceTaker;
class WorkerThreads;
}  // namespace lodestone

namespace lodestone::http {

// Where bytes come from: a request's body, an upstream's answer, something generated.
class BodySource {
  public:
    virtual ~BodySource() = default;
    // The next piece, valid until the next call; empty at the end. Throws when the rest cannot be had.
    virtual Task<std::string_view> next() = 0;
    // Like next(), but what can be put where the caller wants it without a copy begins there; other pieces
    // stand elsewhere, and may be larger than the room.
    virtual Task<std::string_view> next_into(std::span<char> /*room*/) { return next(); }
    // The caller keeps so many bytes of it in memory while it waits for the rest, until it says 0. From the
    // first time on the rest has to come soon. Throws Problem when that is too much for now.
    virtual void hold(std::uint64_t /*held_bytes*/) {}
    // Known beforehand or not.
    virtual std::optional<std::uint64_t> length() const = 0;
};

// All of it, refused with Problem(body_too_large) past the limit.
Task<std::string> read_all(BodySource& source, std::uint64_t limit_bytes);

// All of it to the taker, on a worker thread while the next bytes are received; returns once everything was
// taken. Throws what the source or the taker throws.
Task<> hand_over(BodySource& source, WorkerThreads& workers, std::shared_ptr<PieceTaker> taker);

}  // namespace lodestone::http
