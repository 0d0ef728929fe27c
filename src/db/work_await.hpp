// How a coroutine, or a thread, waits for a unit of work: the function goes to the engine, its result comes
// back to the loop that the coroutine runs on.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/task.hpp"
#include "db/engine.hpp"

namespace lodestone::db {

// Called as const: a unit may run twice, so what it was given must still be there the second time.
template <class Function>
using ResultOf = std::invoke_result_t<const Function&, Tx&>;

// Where a result waits until the transaction is durable; void as well as values.
template <class Result>
struct Kept {
    std::optional<Result> value;
    template <class Function>
    void fill(const Function& function, Tx& tx) {
        value.emplace(function(tx));
    }
    Result take() { return *std::move(value); }
};
template <>
struct Kept<void> {
    template <class Function>
    void fill(const Function& function, Tx& tx) {
        function(tx);
    }
    void take() {}
};

// `Waiter` is called once, with the failure (or null) and what the function answered.
template <class Function, class Waiter>
class FunctionWork final : public Work {
  public:
    FunctionWork(WorkKind kind, Unit unit, Function function, Waiter waiter)
        : Work(kind, std::move(unit)), function_(std::move(function)), waiter_(std::move(waiter)) {}
    void run(Tx& tx) override { kept_.fill(function_, tx); }
    void finish(std::exception_ptr failure) noexcept override {
        if constexpr (requires { function_.finished(); }) function_.finished();
        waiter_(std::move(failure), std::move(kept_));
    }
    Habit& habit() override { return habit_; }

  private:
    static inline Habit habit_;
    const Function function_;
    Waiter waiter_;
    Kept<ResultOf<Function>> kept_;
};

// Here and below not by make_unique(): a pointer to the class of each place, only to become one to its base,
// is a quarter of what a compiler has to do for that place.
template <class Function, class Waiter>
std::unique_ptr<Work> make_work(WorkKind kind, Unit unit, Function function, Waiter waiter) {
    return std::unique_ptr<Work>(
        new FunctionWork<Function, Waiter>(kind, std::move(unit), std::move(function), std::move(waiter)));
}

// The failure in words for the client. What is none of the engine's (a Problem that the function threw) stays
// as it is.
std::exception_ptr for_client(std::exception_ptr failure);

// Work that a coroutine waits for. What any of it needs is compiled once (work_await.cpp): there is a
// function for every place that asks the database, and each would bring all of Asio's machinery with it.
class LoopWork : public Work {
  public:
    LoopWork(WorkKind kind, Unit&& unit);
    ~LoopWork() override;

  protected:
    void resume(std::exception_ptr failure) noexcept;

  private:
    friend Task<> submit_and_wait(Engine& engine, std::unique_ptr<LoopWork> work);
    class Waiter;
    std::unique_ptr<Waiter> waiter_;
};

// Returns when the work is finished, on the loop that asked. Throws what it failed of, in words for the
// client.
Task<> submit_and_wait(Engine& engine, std::unique_ptr<LoopWork> work);

// The result is kept in the coroutine that waits, like everything else that a function refers to.
template <class Result>
class ResultWork : public LoopWork {
  public:
    using LoopWork::LoopWork;
    Kept<Result>* kept = nullptr;
};

template <class Function>
class LoopFunctionWork final : public ResultWork<ResultOf<Function>> {
  public:
    LoopFunctionWork(WorkKind kind, Unit&& unit, Function function)
        : ResultWork<ResultOf<Function>>(kind, std::move(unit)), function_(std::move(function)) {}
    void run(Tx& tx) override { this->kept->fill(function_, tx); }
    void finish(std::exception_ptr failure) noexcept override {
        if constexpr (requires { function_.finished(); }) function_.finished();
        this->resume(std::move(failure));
    }
    Habit& habit() override { return habit_; }

  private:
    static inline Habit habit_;
    const Function function_;
};

// One coroutine for all that answer alike.
template <class Result>
Task<Result> await_result(Engine& engine, std::unique_ptr<ResultWork<Result>> work) {
    Kept<Result> kept;
    work->kept = &kept;
    co_await submit_and_wait(engine, std::move(work));
    co_return kept.take();
}

template <class Function>
Task<ResultOf<Function>> await_work(Engine& engine, WorkKind kind, Unit&& unit, Function function) {
    return await_result<ResultOf<Function>>(
        engine, std::unique_ptr<ResultWork<ResultOf<Function>>>(
                    new LoopFunctionWork<Function>(kind, std::move(unit), std::move(function))));
}

// Work that a thread waits for.
class BlockingWork : public Work {
  public:
    using Work::Work;
    std::future<void> future() { return promise_.get_future(); }

  protected:
    void resume(std::exception_ptr failure) noexcept;

  private:
    std::promise<void> promise_;
};

// Returns when the work is finished; throws like submit_and_wait().
void submit_and_block(Engine& engine, std::unique_ptr<BlockingWork> work);

template <class Function>
class BlockingFunctionWork final : public BlockingWork {
  public:
    BlockingFunctionWork(WorkKind kind, Unit&& unit, const Function& function, Kept<ResultOf<Function>>& kept)
        : BlockingWork(kind, std::move(unit)), function_(function), kept_(kept) {}
    void run(Tx& tx) override { kept_.fill(function_, tx); }
    void finish(std::exception_ptr failure) noexcept override {
        if constexpr (requires { function_.finished(); }) function_.finished();
        resume(std::move(failure));
    }
    Habit& habit() override { return habit_; }

  private:
    static inline Habit habit_;
    const Function& function_;  // this and the other are the waiting thread's
    Kept<ResultOf<Function>>& kept_;
};

template <class Function>
ResultOf<Function> block_on_work(Engine& engine, WorkKind kind, Unit unit, const Function& function) {
    Kept<ResultOf<Function>> kept;
    submit_and_block(engine, std::unique_ptr<BlockingWork>(
                                 new BlockingFunctionWork<Function>(kind, std::move(unit), function, kept)));
    return kept.take();
}

}  // namespace lodestone::db
