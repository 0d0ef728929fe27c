// An event loop on a thread of its own, for tests below src/http of what coroutines await.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "base/task.hpp"

namespace lodestone::test {

// Begins the coroutine; the future has its answer, or throws what it threw.
template <class Result>
std::future<Result> start_on(LoopExecutor executor, Task<Result> task) {
    auto promise = std::make_shared<std::promise<Result>>();
    auto future = promise->get_future();
    if constexpr (std::is_void_v<Result>) {
        boost::asio::co_spawn(executor, std::move(task), [promise](std::exception_ptr failure) {
            if (failure)
                promise->set_exception(std::move(failure));
            else
                promise->set_value();
        });
    } else {
        boost::asio::co_spawn(executor, std::move(task),
                              [promise](std::exception_ptr failure, Result result) {
                                  if (failure)
                                      promise->set_exception(std::move(failure));
                                  else
                                      promise->set_value(std::move(result));
                              });
    }
    return future;
}

class LoopThread {
  public:
    LoopThread() : thread_([this] { context_.run(); }) {}
    ~LoopThread() {
        context_.stop();
        thread_.join();
    }
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;

    std::thread::id id() const { return thread_.get_id(); }
    template <class Result>
    std::future<Result> start(Task<Result> task) {
        return start_on(context_.get_executor(), std::move(task));
    }
    template <class Result>
    Result run(Task<Result> task) {
        return start(std::move(task)).get();
    }

  private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<LoopExecutor> guard_{context_.get_executor()};
    std::thread thread_;
};

}  // namespace lodestone::test
