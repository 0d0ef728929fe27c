// Running the function of a unit of work, with what it failed of as a value.
#pragma once

#include <exception>
#include <optional>
#include <string>

#include "db/sqlite/connection.hpp"
#include "db/sqlite/session.hpp"
#include "db/work.hpp"

namespace lodestone::db {

struct Outcome {
    std::exception_ptr exception;        // null: done
    std::optional<DatabaseError> error;  // the engine's part in it, if it has one
    bool wants_transaction = false;      // of a read that was begun without one
    bool is_good() const { return exception == nullptr; }
};

Outcome failed(const DatabaseError& error);
// Inside whatever transaction the session is in. A function that swallows a statement's failure fails of it
// all the same.
struct UnitBounds {
    std::uint64_t generation;               // of prepared statements
    SteadyTime latest = SteadyTime::max();  // however long the unit itself has
    Tx::Extent extent = Tx::Extent::many_statements;
};
Outcome run_unit(Work& work, SqliteSession& session, const UnitBounds& bounds);

// The refusal of a unit that was not begun in time.
DatabaseError late_error();
bool is_late(const Work& work, SteadyTime now);

}  // namespace lodestone::db
