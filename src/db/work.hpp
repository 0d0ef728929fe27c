// A unit of work on its way through an engine: a function over Tx, and somebody who waits for its end.
#pragma once

#include <exception>
#include <optional>

#include "base/task.hpp"
#include "db/habit.hpp"
#include "db/tx.hpp"
#include "db/unit.hpp"

namespace lodestone::db {

enum class WorkKind : std::uint8_t {
    write,    // one transaction on one snapshot; whoever changes a row second is repeated
    read,     // one transaction, one snapshot, nothing can be written
    look_up,  // a single reading statement: no transaction around it is needed
};

class Work {
  public:
    Work(WorkKind kind, Unit unit) : kind_(kind), unit_(std::move(unit)) {}
    virtual ~Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    WorkKind kind() const { return kind_; }
    const Unit& unit() const { return unit_; }

    // Inside the transaction; may come again when the engine repeats it, or has the answer to its statement.
    virtual void run(Tx& tx) = 0;
    // Exactly once, after run() was committed, or with what it failed of. Never blocks, never throws.
    virtual void finish(std::exception_ptr failure) noexcept = 0;
    // Of the place that it comes from.
    virtual Habit& habit() = 0;

    SteadyTime submitted{};            // the engine's note
    std::optional<LoopExecutor> loop;  // whose coroutine waits, when it was handed in on that loop's thread

  private:
    WorkKind kind_;
    Unit unit_;
};

}  // namespace lodestone::db
