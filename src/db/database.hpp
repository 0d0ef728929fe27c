// The door to the database. Handlers await; SQL blocks:
//
//     auto tenant = co_await database.read(unit, [&](Tx& tx) { return identity::find_tenant(tx, id); });
//
// The function runs on a thread of the database's, as one transaction, while the coroutine waits; so it may
// use what the coroutine owns, and must not touch what belongs to the loop. It may be run again from the
// start when the engine has to repeat the transaction: it changes nothing outside but its result.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

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
        return await_work(*engine_, WorkKind::write, std::move(unit), recorded(std::move(function)));
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
        return block_on_work(*engine_, WorkKind::write, std::move(unit), recorded(std::move(function)));
    }
    template <class Function>
    ResultOf<Function> read_now(Unit unit, Function function) {
        check(unit);
        return block_on_work(*engine_, WorkKind::read, std::move(unit), std::move(function));
    }

    // Called at the end of every write that recorded changes, inside its transaction. Set before any work.
    using RecordKeeper = std::function<void(Tx&, std::vector<Change>)>;
    void keep_records(RecordKeeper keeper) { keeper_ = std::move(keeper); }

    Engine& engine() { return *engine_; }
    const Engine& engine() const { return *engine_; }

    // While held, as when the schema is not known to fit, everything is refused with Problem(unavailable).
    void hold() { is_held_.store(true); }
    void release() { is_held_.store(false); }

  private:
    void check(const Unit& unit) const;

    template <class Function>
    auto recorded(Function function) {
        return [this, function = std::move(function)](Tx& tx) {
            if constexpr (std::is_void_v<ResultOf<Function>>) {
                function(tx);
                write_records(tx);
            } else {
                auto result = function(tx);
                write_records(tx);
                return result;
            }
        };
    }
    void write_records(Tx& tx) const {
        auto changes = tx.take_changes();
        if (!changes.empty() && keeper_) keeper_(tx, std::move(changes));
    }

    RecordKeeper keeper_;
    std::atomic<bool> is_held_{false};
    std::unique_ptr<Engine> engine_;  // last: its threads use the rest
};

}  // namespace lodestone::db
