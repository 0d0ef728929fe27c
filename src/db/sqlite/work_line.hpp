// Where units of work wait for a thread of the database's: first come, first served, and bounded.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "base/metrics.hpp"
#include "db/work.hpp"

namespace lodestone::db {

using WaitingWork = std::deque<std::unique_ptr<Work>>;

class WorkLine {
  public:
    WorkLine(std::size_t capacity, Gauge& waiting) : capacity_(capacity), waiting_(waiting) {}

    enum class Joined : std::uint8_t { yes, full, closed };
    // Takes `work` when the answer is yes, and leaves it alone otherwise.
    Joined join(std::unique_ptr<Work>& work);

    enum class Taken : std::uint8_t { some, nothing, closed };
    // Moves up to `at_most` units to the end of `into`; waits for the first, without `patience` for ever.
    Taken take(WaitingWork& into, std::size_t at_most, std::optional<std::chrono::milliseconds> patience);
    // The same, without waiting.
    void take_ready(WaitingWork& into, std::size_t at_most);

    // Nobody can join any more; answers with those who still wait.
    WaitingWork close();
    bool is_closed() const;
    std::size_t size() const;

  private:
    void move_out(WaitingWork& into, std::size_t at_most);

    const std::size_t capacity_;
    Gauge& waiting_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    WaitingWork line_;
    std::size_t sleepers_ = 0;  // nobody asleep, nobody to wake: that spares most calls a system call
    bool is_closed_ = false;
};

}  // namespace lodestone::db
