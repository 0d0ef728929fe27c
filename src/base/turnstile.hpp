// How often somebody may come: so many at once, then so many per second, for each name apart and in bounded
// memory. From any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace lodestone {

struct Pace {
    std::chrono::nanoseconds interval{0};  // between two, in the long run; 0: no limit
    std::int64_t burst = 1;                // how many may come at once
    bool operator==(const Pace&) const = default;
};

class Turnstile {
  public:
    // Nothing when this one may pass, else how long to wait. Who is turned away is not counted.
    std::optional<std::chrono::seconds> pass(std::string_view name, const Pace& pace, SteadyTime now);

  private:
    struct Shard {
        std::mutex mutex;
        // When each will have made up for what it has used; earlier than now: it has used nothing.
        std::unordered_map<std::string, SteadyTime> even_at;
        SteadyTime may_forget_at{};
    };
    bool has_room(Shard& shard, SteadyTime now) const;

    std::array<Shard, 16> shards_;
};

}  // namespace lodestone
