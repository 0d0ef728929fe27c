// The door to the database. Handlers await; SQL blocks:
//
//     auto tenant = co_await database.read(unit, [&](Tx& tx) { return identity::find_tenant(tx, id); });
//
// The function runs as one transaction while the coroutine waits: on a thread of the database's, or, if it is
// a single statement that reads, on the loop (docs/adr/0010-reads-on-the-loop.md). So it may use what the
// coroutine owns, and must not touch what belongs to the loop, nor wait for anything. It may be run again
// from the start, and then asks the same: it changes nothing outside but its result.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "base/problem.hpp"
#include "base/task.hpp"
#include "db/engine.hpp"
#include "db/work_await.hpp"

namespace lodestone::db {

class Database {
  public:
    explicit Database(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}

    // Everything in one transaction: all of it is durable when this returns, or none happened. What it read
    // and then changes, nobody else has changed meanwhile (docs/adr/0007-data-layer.md).
    template <class Function>
    Task<ResultOf<Function>> write(Unit unit, Function function) {
        check(unit);
        return await_work(*engine_, WorkKind::write, std::move(unit), Recorded(*this, std::move(function)));
    }
    // One snapshot; writing in it fails.
    template <class Function>
    Task<ResultOf<Function>> read(Unit unit, Function function) {
        check(unit);
        return await_work(*engine_, WorkKind::read, std::move(unit), std::move(function));
    }
    // A single statement, the quickest way to one row; a second statement in it is a bug.
    template <class Function>
    Task<ResultOf<Function>> look_up(Unit unit, Function function) {
        check(unit);
        return await_work(*engine_, WorkKind::look_up, std::move(unit), std::move(function));
    }

    // The same for threads that may block: commands, jobs, tests.
    template <class Function>
    ResultOf<Function> write_now(Unit unit, Function function) {
        check(unit);
        return block_on_work(*engine_, WorkKind::write, std::move(unit),
                             Recorded(*this, std::move(function)));
    }
    template <class Function>
    ResultOf<Function> read_now(Unit unit, Function function) {
        check(unit);
        return block_on_work(*engine_, WorkKind::read, std::move(unit), std::move(function));
    }

    // Like read(), for several who wait for the same: `waiter` is called once, with the failure (or null) and
    // what was read, on a thread of the database's, which it must not hold up.
    template <class Function, class Waiter>
    void read_for(Waiter waiter, Unit unit, Function function) {
        if (is_held_.load(std::memory_order_relaxed))
            return waiter(std::make_exception_ptr(not_ready()), Kept<ResultOf<Function>>());
        engine_->submit(make_work(WorkKind::read, std::move(unit), std::move(function), std::move(waiter)));
    }

    // A write that nobody waits for: `waiter` hears how it ended, as above.
    template <class Function, class Waiter>
    void write_for(Waiter waiter, Unit unit, Function function) {
        if (is_held_.load(std::memory_order_relaxed)) return waiter(std::make_exception_ptr(not_ready()));
        auto tell = [waiter = std::move(waiter)](std::exception_ptr failure, auto&&) {
            waiter(std::move(failure));
        };
        engine_->submit(make_work(WorkKind::write, std::move(unit), Recorded(*this, std::move(function)),
                                  std::move(tell)));
    }

    // Called at the end of every write that recorded changes, inside its transaction. Set before any work.
    using RecordKeeper = std::function<void(Tx&, std::vector<Change>)>;
    void keep_records(RecordKeeper keeper) { keeper_ = std::move(keeper); }

    // Called after every write that recorded changes, before whoever asked for it hears of it: for what is
    // kept in memory and has just grown old. Also after one that failed, since its COMMIT may have happened.
    // On a thread of the database's; set before any work.
    using WriteListener = std::function<void(const std::vector<Change>&)>;
    void tell_of_writes(WriteListener listener) { listener_ = std::move(listener); }

    // A second way, beside the engine's own, by which others are told what Tx::notify() was given. Set before
    // any work, and outlives it.
    void tell_by(ChangeRelay& relay) { relay_ = &relay; }
    // Tells what others changed, as the engine does (Engine::watch_changes), and as the relay does where
    // there is one: live while one of the two is.
    std::unique_ptr<ChangeWatch> watch_changes(const std::string& channel, const ChangeCallback& callback);

    Engine& engine() { return *engine_; }
    const Engine& engine() const { return *engine_; }

    // While held, as when the schema is not known to fit, everything is refused with Problem(unavailable).
    void hold() { is_held_.store(true); }
    void release() { is_held_.store(false); }

  private:
    void check(const Unit& unit) const;

    static Problem not_ready();

    // What a unit does, with the records of it.
    class Recording {
      public:
        explicit Recording(const Database& database);
        // What the listener and the relay will hear of; of a unit that runs again, only the last time counts.
        void write(Tx& tx) const;
        void finished() const noexcept;

      private:
        struct Outcome {
            std::vector<Change> changes;
            std::vector<Notice> notices;
        };
        const Database* database_;
        std::shared_ptr<Outcome> outcome_;
    };
    template <class Function>
    class Recorded : public Recording {
      public:
        Recorded(const Database& database, Function function)
            : Recording(database), function_(std::move(function)) {}
        ResultOf<Function> operator()(Tx& tx) const {
            if constexpr (std::is_void_v<ResultOf<Function>>) {
                function_(tx);
                write(tx);
            } else {
                auto result = function_(tx);
                write(tx);
                return result;
            }
        }

      private:
        Function function_;
    };

    RecordKeeper keeper_;
    WriteListener listener_;
    ChangeRelay* relay_ = nullptr;
    std::atomic<bool> is_held_{false};
    std::unique_ptr<Engine> engine_;  // last: its threads use the rest
};

}  // namespace lodestone::db
