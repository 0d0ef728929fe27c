// One timer of the loop on which it is awaited.
#include "http/wire/sleep.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/wire/event.hpp"

namespace lodestone::http {

Task<> sleep_until(SteadyTime time) {
    const LoopExecutor executor = co_await boost::asio::this_coro::executor;
    Timer timer(executor, time);
    boost::system::error_code cancelled;
    co_await timer.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable_t<LoopExecutor>{}, cancelled));
}

}  // namespace lodestone::http
