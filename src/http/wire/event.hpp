// Something that happens once and that coroutines of one loop wait for, each until a deadline of its own.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"

namespace lodestone::http {

using Timer =
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;

class Event {
  public:
    explicit Event(LoopExecutor executor) : executor_(executor) {}
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    // Whether it has happened when the wait is over; the event must outlive the wait.
    Task<bool> wait(SteadyTime deadline);
    void notify();
    bool has_happened() const { return has_happened_; }

  private:
    class Waiting;

    LoopExecutor executor_;
    std::vector<Timer*> waiting_;
    bool has_happened_ = false;
};

}  // namespace lodestone::http
