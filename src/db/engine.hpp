// What a database engine is to the rest of the program: takes work, does it on threads of its own, and tells
// how it is. SQLite and PostgreSQL are the two there are.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/change_watch.hpp"
#include "db/capabilities.hpp"
#include "db/work.hpp"

namespace lodestone::db {

// For /health; numbers that move all the time are metrics.
struct EngineStatus {
    std::string engine;     // "SQLite 3.40.1", "PostgreSQL 15.18"
    std::int64_t size = 0;  // connections
    std::int64_t idle = 0;
    std::int64_t in_use = 0;
    std::int64_t waiting = 0;                              // units in line
    std::optional<std::int64_t> wal_bytes;                 // SQLite
    std::optional<std::chrono::milliseconds> replica_lag;  // PostgreSQL with replicas
    std::optional<std::string> fault;                      // one sentence when it cannot serve
};

class Engine {
  public:
    virtual ~Engine() = default;
    virtual EngineKind kind() const = 0;
    virtual Capabilities capabilities() const = 0;
    // Never blocks. Work that finds no room, or no connection before its deadline, is finished with
    // DatabaseError(unavailable).
    virtual void submit(std::unique_ptr<Work> work) = 0;
    // Finishes what runs, refuses what waits and what comes after, joins its threads. Call it while the loops
    // still turn: their coroutines own what running functions refer to.
    virtual void stop() = 0;
    virtual EngineStatus status() const = 0;  // quick: from numbers at hand
    // After a migration: prepared statements may no longer fit.
    virtual void forget_statements() = 0;
    // Database::watch_changes() is how to ask for it. Tells what others changed: on PostgreSQL what they said
    // with Tx::notify() on this channel, on SQLite that another process wrote to the file, whatever it was.
    virtual std::unique_ptr<ChangeWatch> watch_changes(const std::string& channel,
                                                       ChangeCallback callback) = 0;
};

}  // namespace lodestone::db
