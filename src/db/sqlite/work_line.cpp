// A mutex, a queue, and a condition for each thread, so that it can be chosen which one wakes.
#include "db/sqlite/work_line.hpp"

#include <algorithm>
#include <utility>

namespace lodestone::db {

WorkLine::Joined WorkLine::join(std::unique_ptr<Work>& work) {
    Seat* called = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_) return Joined::closed;
        if (line_.size() >= capacity_) return Joined::full;
        line_.push_back(std::move(work));
        waiting_.add(1);
        called = call_sleeper();
    }
    if (called != nullptr) called->called.notify_one();
    return Joined::yes;
}

void WorkLine::announce_return(Seat& seat) {
    seat.is_returning = true;
    returning_.fetch_add(1, std::memory_order_relaxed);
}

WorkLine::Taken WorkLine::take(Seat& seat, WaitingWork& into, std::size_t at_most,
                               std::optional<std::chrono::milliseconds> patience) {
    std::optional<SteadyTime> until;
    if (patience) until = std::chrono::steady_clock::now() + *patience;
    Lock lock(mutex_);
    if (std::exchange(seat.is_returning, false)) returning_.fetch_sub(1, std::memory_order_relaxed);
    bool has_time = true;
    while (has_time && !is_closed_ && line_.empty()) has_time = sleep(seat, lock, until);
    if (is_closed_) return Taken::closed;
    if (line_.empty()) return Taken::nothing;
    move_out(into, at_most);
    Seat* called = call_sleeper();
    lock.unlock();
    if (called != nullptr) called->called.notify_one();
    return Taken::some;
}

// False when the time is over and nobody has called.
bool WorkLine::sleep(Seat& seat, Lock& lock, std::optional<SteadyTime> until) {
    seat.is_called = false;
    sleepers_.push_back(&seat);
    const auto is_awake = [this, &seat] { return is_closed_ || seat.is_called; };
    if (until)
        seat.called.wait_until(lock, *until, is_awake);
    else
        seat.called.wait(lock, is_awake);
    if (seat.is_called)
        is_calling_ = false;
    else
        std::erase(sleepers_, &seat);
    return is_awake();
}

// Nobody, when those who come back by themselves are enough. Answers whom to notify, without the lock.
WorkLine::Seat* WorkLine::call_sleeper() {
    if (is_calling_ || sleepers_.empty()) return nullptr;
    if (line_.size() <= returning_.load(std::memory_order_relaxed)) return nullptr;
    Seat* called = sleepers_.back();
    sleepers_.pop_back();
    called->is_called = true;
    is_calling_ = true;
    return called;
}

void WorkLine::take_ready(WaitingWork& into, std::size_t at_most) {
    const std::lock_guard lock(mutex_);
    move_out(into, at_most);
}

void WorkLine::move_out(WaitingWork& into, std::size_t at_most) {
    const std::size_t count = std::min(at_most, line_.size());
    waiting_.add(-static_cast<std::int64_t>(count));
    if (count == line_.size() && into.empty()) {
        std::swap(into, line_);
        return;
    }
    for (std::size_t i = 0; i < count; ++i) {
        into.push_back(std::move(line_.front()));
        line_.pop_front();
    }
}

WaitingWork WorkLine::close() {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
    for (Seat* seat : sleepers_) seat->called.notify_one();
    waiting_.add(-static_cast<std::int64_t>(line_.size()));
    return std::exchange(line_, {});
}

bool WorkLine::is_closed() const {
    const std::lock_guard lock(mutex_);
    return is_closed_;
}

std::size_t WorkLine::size() const {
    const std::lock_guard lock(mutex_);
    return line_.size();
}

}  // namespace lodestone::db
