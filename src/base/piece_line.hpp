// Bytes on their way from a loop to a worker thread, which does with them what would hold the loop up:
// hashing, writing. The loop fills a few pieces ahead and waits when they are all under way, so that memory
// stays the same however slow the disk is.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "base/task.hpp"

namespace lodestone {

class WorkerThreads;

// What is done with the bytes: in order, on one worker thread at a time. What it throws, the loop's side
// throws.
class PieceTaker {
  public:
    virtual ~PieceTaker() = default;
    virtual void take(std::string_view piece) = 0;
};

// Belongs to one coroutine. Ending it early drops what was not taken yet; the taker lives until no thread is
// at work with it.
class PieceLine {
  public:
    PieceLine(WorkerThreads& workers, std::shared_ptr<PieceTaker> taker);
    ~PieceLine();
    PieceLine(const PieceLine&) = delete;
    PieceLine& operator=(const PieceLine&) = delete;

    // Where the next bytes go, at least one; waits until there is room.
    Task<std::span<char>> room();
    // So many bytes stand in the room now. They are handed on once a piece is full.
    void fill(std::size_t size_bytes);
    // Bytes that stand elsewhere: copied.
    Task<> write(std::string_view bytes);
    // Hands on what is left, and waits until everything was taken.
    Task<> finish();

  private:
    struct State;
    Task<> wait_until_under_way(std::size_t at_most);
    void hand_on();

    WorkerThreads& workers_;
    std::shared_ptr<State> state_;
    std::unique_ptr<char[]> piece_;  // being filled
    std::size_t filled_bytes_ = 0;
};

}  // namespace lodestone
