// Where bodies go: into memory where they are small by their route's limit, or piece by piece to a worker
// thread.
#include "http/wire/body.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.hpp"
#include "base/piece_line.hpp"
#include "base/problem.hpp"

namespace lodestone::http {

namespace {

Problem make_too_large(std::uint64_t limit_bytes) {
    return Problem(problems::body_too_large,
                   fmt::format("The body is larger than the {} bytes that are taken here.", limit_bytes));
}

// Whatever ends the waiting, nothing is held afterwards.
class Holding {
  public:
    explicit Holding(BodySource& source) : source_(source) {}
    ~Holding() {
        if (holds_) source_.hold(0);
    }
    Holding(const Holding&) = delete;
    Holding& operator=(const Holding&) = delete;
    void hold(std::uint64_t held_bytes) {
        source_.hold(held_bytes);
        holds_ = true;
    }

  private:
    BodySource& source_;
    bool holds_ = false;
};

}  // namespace

Task<std::string> read_all(BodySource& source, std::uint64_t limit_bytes) {
    const auto length = source.length();
    if (length && *length > limit_bytes) throw make_too_large(limit_bytes);
    std::string body;
    Holding holding(source);
    // A promised length is not yet a sent one: memory is taken ahead only for small bodies.
    if (length) body.reserve(static_cast<std::size_t>(std::min(*length, limits::body_bytes)));
    for (auto piece = co_await source.next(); !piece.empty(); piece = co_await source.next()) {
        if (piece.size() > limit_bytes - body.size()) throw make_too_large(limit_bytes);
        body.append(piece);
        if (!length || body.size() < *length) holding.hold(body.size());  // mostly it came all at once
    }
    co_return body;
}

Task<> hand_over(BodySource& source, WorkerThreads& workers, std::shared_ptr<PieceTaker> taker) {
    PieceLine line(workers, std::move(taker));
    for (;;) {
        const std::span<char> room = co_await line.room();
        const std::string_view piece = co_await source.next_into(room);
        if (piece.empty()) break;
        if (piece.data() == room.data())
            line.fill(piece.size());
        else
            co_await line.write(piece);
    }
    co_await line.finish();
}

}  // namespace lodestone::http
