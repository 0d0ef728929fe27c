// How long a peer may keep us waiting: a grace, and then as long as a minimum rate allows for what it has
// moved. Only waiting counts. Time that a handler, a disk or another peer takes is not this one's fault.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.hpp"

namespace lodestone::http {

class MinimumRate {
  public:
    MinimumRate() = default;  // allows any pace
    // A rate of 0 allows any pace too. `moved_bytes` is what was counted before this began.
    MinimumRate(std::size_t rate_bytes, std::chrono::milliseconds grace, std::uint64_t moved_bytes = 0)
        : rate_bytes_(rate_bytes), grace_(grace), start_bytes_(moved_bytes) {}

    // When the wait that begins now has to be over. What moved quickly is no credit for standing still
    // afterwards: never more than one grace ahead.
    SteadyTime begin_wait(SteadyTime now, std::uint64_t moved_bytes);
    // After a wait that came to something.
    void end_wait(SteadyTime now);
    // Whether the peer has made us wait for longer than it had earned.
    bool is_exceeded(std::uint64_t moved_bytes) const;

  private:
    SteadyTime::duration left(std::uint64_t moved_bytes) const;

    std::size_t rate_bytes_ = 0;
    std::chrono::milliseconds grace_{0};
    std::uint64_t start_bytes_ = 0;
    SteadyTime::duration waited_{0};
    SteadyTime began_{};
};

}  // namespace lodestone::http
