// From a loop to the engine and back, for any work.
#include "db/work_await.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace lodestone::db {

// The coroutine that waits, as Asio hands it out.
class LoopWork::Waiter {
  public:
    virtual ~Waiter() = default;
    virtual void resume(std::exception_ptr failure) = 0;

    template <class Handler>
    static std::unique_ptr<Waiter> of(Handler handler, LoopExecutor executor);
};

template <class Handler>
std::unique_ptr<LoopWork::Waiter> LoopWork::Waiter::of(Handler handler, LoopExecutor executor) {
    struct Typed final : Waiter {
        Typed(Handler handler, LoopExecutor executor)
            : handler(std::move(handler)), executor(std::move(executor)) {}
        void resume(std::exception_ptr failure) override {
            auto on_loop = [handler = std::move(handler), failure = std::move(failure)]() mutable {
                handler(std::move(failure));
            };
            boost::asio::post(executor, std::move(on_loop));
        }
        Handler handler;
        LoopExecutor executor;
    };
    return std::make_unique<Typed>(std::move(handler), std::move(executor));
}

LoopWork::LoopWork(WorkKind kind, Unit&& unit) : Work(kind, std::move(unit)) {}
LoopWork::~LoopWork() = default;

void LoopWork::resume(std::exception_ptr failure) noexcept {
    waiter_->resume(for_client(std::move(failure)));
}

Task<> submit_and_wait(Engine& engine, std::unique_ptr<LoopWork> work) {
    auto start = [&engine](auto handler, std::unique_ptr<LoopWork> work) {
        const LoopExecutor executor = boost::asio::get_associated_executor(handler);
        work->waiter_ = LoopWork::Waiter::of(std::move(handler), executor);
        if (executor.running_in_this_thread()) work->loop = executor;
        engine.submit(std::move(work));
    };
    using Token = boost::asio::use_awaitable_t<LoopExecutor>;
    return boost::asio::async_initiate<const Token, void(std::exception_ptr)>(std::move(start), Token{},
                                                                              std::move(work));
}

void BlockingWork::resume(std::exception_ptr failure) noexcept {
    if (failure)
        promise_.set_exception(for_client(std::move(failure)));
    else
        promise_.set_value();
}

void submit_and_block(Engine& engine, std::unique_ptr<BlockingWork> work) {
    std::future<void> future = work->future();
    engine.submit(std::move(work));
    future.get();
}

}  // namespace lodestone::db
