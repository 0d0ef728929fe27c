// How many requests one client may make: a token bucket per IPv4 address or IPv6 /64, in bounded memory.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"

namespace lodestone::app {

class RateLimiter {
  public:
    // 0 requests per second: no limit. A burst of 0 means one second's worth.
    RateLimiter(std::uint64_t requests_per_second, std::uint64_t burst);
    void change(std::uint64_t requests_per_second, std::uint64_t burst);  // from any thread

    // Nothing when the request may go on, else how long to wait. `client` as Peer::address holds it.
    std::optional<std::chrono::seconds> take(std::string_view client, SteadyTime now);

  private:
    struct Bucket {
        double tokens;
        SteadyTime filled;
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<std::string, Bucket> buckets;
        SteadyTime may_forget_at{};
    };
    bool has_room(Shard& shard, SteadyTime now) const;
    double refilled(const Bucket& bucket, SteadyTime now) const;

    std::atomic<double> rate_;
    std::atomic<double> burst_;
    std::array<Shard, 16> shards_;
};

}  // namespace lodestone::app
