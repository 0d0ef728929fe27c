// For a handler that has to compute for milliseconds: on a worker thread, while its loop goes on with others.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/task.hpp"
#include "base/worker_threads.hpp"

namespace lodestone::http {

// Of the loops that the calling thread is one of; null on any other thread.
WorkerThreads* current_workers();

// Answers, or throws, what it did; on a thread without workers it is run at once. It owns what it uses: when
// the server stops, it may still run while the coroutine is gone.
template <class Function>
Task<std::invoke_result_t<Function&>> run_beside(Function function) {
    using Token = boost::asio::use_awaitable_t<LoopExecutor>;
    WorkerThreads* const workers = current_workers();
    if (workers == nullptr) co_return function();
    const auto work =
        std::make_shared<std::packaged_task<std::invoke_result_t<Function&>()>>(std::move(function));
    auto start = [workers, work](auto handler) {
        const auto executor = boost::asio::get_associated_executor(handler);
        const auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        workers->submit([work, executor, kept] {
            (*work)();
            boost::asio::post(executor, [kept] { std::move (*kept)(); });
        });
    };
    co_await boost::asio::async_initiate<const Token, void()>(std::move(start), Token{});
    co_return work->get_future().get();
}

}  // namespace lodestone::http
