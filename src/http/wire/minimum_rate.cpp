// The arithmetic of the minimum rate.
#include "http/wire/minimum_rate.hpp"

#include <algorithm>

namespace lodestone::http {

// At most one grace: in seconds first, because what a low rate earns for a large body fits no clock.
SteadyTime::duration MinimumRate::left(std::uint64_t moved_bytes) const {
    using Seconds = std::chrono::duration<double>;
    const Seconds earned{static_cast<double>(moved_bytes - start_bytes_) / static_cast<double>(rate_bytes_)};
    const Seconds left = grace_ + earned - Seconds(waited_);
    return std::chrono::duration_cast<SteadyTime::duration>(std::min<Seconds>(left, grace_));
}

SteadyTime MinimumRate::begin_wait(SteadyTime now, std::uint64_t moved_bytes) {
    if (rate_bytes_ == 0) return SteadyTime::max();
    began_ = now;
    return now + left(moved_bytes);
}

void MinimumRate::end_wait(SteadyTime now) {
    waited_ += now - began_;
}

bool MinimumRate::is_exceeded(std::uint64_t moved_bytes) const {
    return rate_bytes_ != 0 && left(moved_bytes) < SteadyTime::duration::zero();
}

}  // namespace lodestone::http
