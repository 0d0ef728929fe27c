// Where units of work wait for a thread of the database's: first come, first served, and bounded. Of the idle
// threads the one that ran last goes first, and one that is about to be idle before any that sleeps: a unit
// that follows another one finds a warm thread, and small units do not wake a thread each.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/metrics.hpp"
#include "db/work.hpp"

namespace lodestone::db {

using WaitingWork = std::deque<std::unique_ptr<Work>>;

class WorkLine {
  public:
    WorkLine(std::size_t capacity, Gauge& waiting) : capacity_(capacity), waiting_(waiting) {}

    // A thread that takes from the line, where it sleeps when there is nothing.
    class Seat {
        friend class WorkLine;
        std::condition_variable called;
        bool is_called = false;
        bool is_returning = false;
    };

    enum class Joined : std::uint8_t { yes, full, closed };
    // Takes `work` when the answer is yes, and leaves it alone otherwise.
    Joined join(std::unique_ptr<Work>& work);

    enum class Taken : std::uint8_t { some, nothing, closed };
    // Moves up to `at_most` units to the end of `into`; waits for the first, without `patience` for ever.
    Taken take(Seat& seat, WaitingWork& into, std::size_t at_most,
               std::optional<std::chrono::milliseconds> patience);
    // Before a thread finishes a unit, and will do nothing else until it takes again: what comes meanwhile
    // waits for it.
    void announce_return(Seat& seat);
    // The same, without waiting.
    void take_ready(WaitingWork& into, std::size_t at_most);

    // Nobody can join any more; answers with those who still wait.
    WaitingWork close();
    bool is_closed() const;
    std::size_t size() const;

  private:
    using Lock = std::unique_lock<std::mutex>;
    bool sleep(Seat& seat, Lock& lock, std::optional<SteadyTime> until);
    Seat* call_sleeper();
    void move_out(WaitingWork& into, std::size_t at_most);

    const std::size_t capacity_;
    Gauge& waiting_;
    mutable std::mutex mutex_;
    WaitingWork line_;
    std::vector<Seat*> sleepers_;  // the last is the next to be called
    // One at a time: whoever was called calls the next one when there is more than it takes.
    bool is_calling_ = false;
    std::atomic<std::size_t> returning_{0};  // grows without the lock, shrinks under it
    bool is_closed_ = false;
};

}  // namespace lodestone::db
