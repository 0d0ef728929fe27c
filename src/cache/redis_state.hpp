// What the threads that talk to Redis count, and what they say of how it goes: for /ready, /health, /metrics.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "base/metrics.hpp"

namespace lodestone::cache {

struct RedisState {
    explicit RedisState(Metrics& metrics)
        : told(metrics.counter("lodestone_redis_told_total", "Changes that Redis took for other nodes.")),
          heard(metrics.counter("lodestone_redis_heard_total", "Changes of other nodes, heard by Redis.")),
          faults(metrics.counter("lodestone_redis_faults_total",
                                 "Connections to Redis that were lost, or not to be had.")),
          waiting(metrics.gauge("lodestone_redis_waiting", "Changes that are to be told by Redis.")) {}

    Counter& told;
    Counter& heard;
    Counter& faults;
    Gauge& waiting;
    std::atomic<int> wanted_watches{0};
    std::atomic<int> live_watches{0};
    std::atomic<bool> can_tell{true};  // until it was tried and failed
};

// The last fault of one thread: said once, however often it comes back.
class SaidOnce {
  public:
    bool is_new(const std::string& fault) { return std::exchange(last_, fault) != fault; }
    void forget() { last_.clear(); }

  private:
    std::string last_;
};

}  // namespace lodestone::cache
