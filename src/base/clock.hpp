// Time comes from here and from nowhere else, so that tests are exact.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace lodestone {

// Wall time: microseconds UTC, as both databases store it.
using Time = std::chrono::sys_time<std::chrono::microseconds>;
// For deadlines and durations; never goes backwards.
using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Time now() const = 0;
    virtual SteadyTime steady_now() const = 0;
};

class SystemClock final : public Clock {
  public:
    Time now() const override {
        return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    }
    SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
};

// A clock that stands still until a test moves it.
class FakeClock final : public Clock {
  public:
    explicit FakeClock(Time start = Time{std::chrono::seconds{1'800'000'000}})
        : micros_(start.time_since_epoch().count()) {}
    Time now() const override { return Time{std::chrono::microseconds{micros_.load()}}; }
    SteadyTime steady_now() const override { return SteadyTime{std::chrono::microseconds{micros_.load()}}; }
    void advance(std::chrono::microseconds by) { micros_ += by.count(); }

  private:
    std::atomic<std::int64_t> micros_;
};

}  // namespace lodestone
