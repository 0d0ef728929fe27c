// How many requests one client may make: each IPv4 address or IPv6 /64 apart.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/turnstile.hpp"

namespace lodestone::app {

class RateLimiter {
  public:
    // 0 requests per second: no limit. A burst of 0 means one second's worth.
    RateLimiter(std::uint64_t requests_per_second, std::uint64_t burst);
    void change(std::uint64_t requests_per_second, std::uint64_t burst);  // from any thread

    // Nothing when the request may go on, else how long to wait. `client` as Peer::address holds it.
    std::optional<std::chrono::seconds> take(std::string_view client, SteadyTime now);

  private:
    std::atomic<std::uint64_t> rate_;
    std::atomic<std::uint64_t> burst_;
    Turnstile turnstile_;
};

}  // namespace lodestone::app
