// What can go wrong in an engine, in words that both share; and what becomes of it for whoever asked.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/problem.hpp"

namespace lodestone::db {

enum class Failure : std::uint8_t {
    unique,       // something else has that key
    reference,    // foreign key: what is named is not there, or still needed
    rule,         // check, not null: the program let something through that the schema does not
    contention,   // serialization failure, deadlock, lock time-out: worth the whole transaction again
    too_slow,     // statement time-out or cancelled: the deadline is over
    unavailable,  // no connection to be had, shutting down, too many connections
    lost,         // the connection broke before COMMIT was sent: nothing happened
    unknown,      // it broke after: nobody knows
    read_only,    // a standby, a read-only disk
    full,         // no space
    damaged,      // the file or an index is corrupt
    wrong_value,  // not UTF-8, out of range
    statement,    // anything else that SQL can be wrong about: a bug of ours or an unmigrated schema
};

class DatabaseError : public std::exception {
  public:
    DatabaseError(Failure failure, std::string text) : failure_(failure), text_(std::move(text)) {}
    Failure failure() const { return failure_; }
    const char* what() const noexcept override { return text_.c_str(); }  // for the log, not for clients

  private:
    Failure failure_;
    std::string text_;
};

std::string_view failure_name(Failure failure);

// What a client may know of it. Unhandled `unique` is a conflict, what heals is 503 with Retry-After, what we
// did wrong is an internal error; the engine's own words go to the log only.
Problem to_problem(const DatabaseError& error);

// Runs something that needs the database to answer: why it does not, or nothing. Everything else that goes
// wrong is thrown on.
std::optional<std::string> find_unavailability(const std::function<void()>& run);

}  // namespace lodestone::db
