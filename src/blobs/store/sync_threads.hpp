// Threads that wait for the disk: what takes milliseconds and no processor. Many at once, since the disk
// confirms what several of them gave it together.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "base/blob_limits.hpp"
#include "base/task.hpp"
#include "base/worker_threads.hpp"

namespace lodestone::blobs {

class SyncThreads {
  public:
    explicit SyncThreads(std::size_t count = limits::sync_threads) : count_(count) {}
    ~SyncThreads() { stop(); }
    SyncThreads(const SyncThreads&) = delete;
    SyncThreads& operator=(const SyncThreads&) = delete;

    // Runs it on one of the threads while the coroutine waits, and answers, or throws, what it did. Throws
    // Problem(unavailable) once they are stopped. They start with the first job. Of a line, jobs run one
    // after another, and other lines between them: whoever brings many takes one thread, and no more.
    template <class Function>
    Task<std::invoke_result_t<Function&>> run(Function function, std::string line = {});

    // For what nobody waits for; false once they are stopped. A job must not throw.
    bool submit(std::function<void()> job, const std::string& line = {});
    // For what hands its pieces to threads by itself (PieceLine). Throws Problem(unavailable) once they are
    // stopped.
    WorkerThreads& threads();
    // Does what was submitted, then ends the threads.
    void stop();

  private:
    [[noreturn]] static void refuse_stopped();

    WorkerThreads& need_threads();  // with mutex_ held
    void run_first_of(const std::string& line);

    const std::size_t count_;
    std::mutex mutex_;
    bool is_stopped_ = false;
    // What waits, behind the one that runs or is submitted.
    std::map<std::string, std::deque<std::function<void()>>> lines_;
    std::unique_ptr<WorkerThreads> threads_;
};

template <class Function>
Task<std::invoke_result_t<Function&>> SyncThreads::run(Function function, std::string line) {
    using Result = std::invoke_result_t<Function&>;
    using Token = boost::asio::use_awaitable_t<LoopExecutor>;
    struct State {
        std::optional<Function> function;
        std::exception_ptr failure{};
        std::conditional_t<std::is_void_v<Result>, bool, std::optional<Result>> result{};
        bool is_refused = false;
        explicit State(Function given) : function(std::move(given)) {}
        void run() {
            try {
                if constexpr (std::is_void_v<Result>)
                    (*function)();
                else
                    result.emplace((*function)());
            } catch (...) {
                failure = std::current_exception();
            }
            function.reset();  // what it holds is free before the coroutine goes on
        }
    };
    const auto state = std::make_shared<State>(std::move(function));
    auto start = [this, state, &line](auto handler) {
        const auto executor = boost::asio::get_associated_executor(handler);
        const auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        const auto resume = [executor, kept] {
            boost::asio::post(executor, [kept] { std::move (*kept)(); });
        };
        auto job = [state, resume] {
            state->run();
            resume();
        };
        const bool is_taken = submit(std::move(job), line);
        if (is_taken) return;
        state->is_refused = true;
        resume();
    };
    co_await boost::asio::async_initiate<const Token, void()>(std::move(start), Token{});
    if (state->is_refused) refuse_stopped();
    if (state->failure) std::rethrow_exception(state->failure);
    if constexpr (!std::is_void_v<Result>) co_return *std::move(state->result);
}

}  // namespace lodestone::blobs
