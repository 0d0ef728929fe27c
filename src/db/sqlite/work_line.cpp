// A mutex, a condition, a queue.
#include "db/sqlite/work_line.hpp"

#include <algorithm>
#include <utility>

namespace lodestone::db {

WorkLine::Joined WorkLine::join(std::unique_ptr<Work>& work) {
    bool has_sleepers = false;
    {
        const std::lock_guard lock(mutex_);
        if (is_closed_) return Joined::closed;
        if (line_.size() >= capacity_) return Joined::full;
        line_.push_back(std::move(work));
        waiting_.add(1);
        has_sleepers = sleepers_ > 0;
    }
    if (has_sleepers) arrived_.notify_one();
    return Joined::yes;
}

WorkLine::Taken WorkLine::take(WaitingWork& into, std::size_t at_most,
                               std::optional<std::chrono::milliseconds> patience) {
    std::unique_lock lock(mutex_);
    const auto is_over = [this] { return is_closed_ || !line_.empty(); };
    ++sleepers_;
    if (patience)
        arrived_.wait_for(lock, *patience, is_over);
    else
        arrived_.wait(lock, is_over);
    --sleepers_;
    if (is_closed_) return Taken::closed;
    if (line_.empty()) return Taken::nothing;
    move_out(into, at_most);
    return Taken::some;
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
    arrived_.notify_all();
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
