// Each waiter sleeps on a timer that ends at its deadline; the event's coming cuts the timers short.
#include "http/wire/event.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lodestone::http {

// Takes the timer off the list however the wait ends, also when the coroutine is destroyed while it waits.
class Event::Waiting {
  public:
    Waiting(Event& event, Timer& timer) : event_(event), timer_(timer) { event_.waiting_.push_back(&timer_); }
    ~Waiting() { std::erase(event_.waiting_, &timer_); }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

  private:
    Event& event_;
    Timer& timer_;
};

Task<bool> Event::wait(SteadyTime deadline) {
    if (has_happened_ || deadline <= std::chrono::steady_clock::now()) co_return has_happened_;
    Timer timer(executor_, deadline);
    const Waiting waiting(*this, timer);
    boost::system::error_code cancelled;
    co_await timer.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable_t<LoopExecutor>{}, cancelled));
    co_return has_happened_;
}

void Event::notify() {
    has_happened_ = true;
    for (Timer* timer : waiting_) timer->cancel();
}

}  // namespace lodestone::http
