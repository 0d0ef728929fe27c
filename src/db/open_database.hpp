// Makes the engine that an address asks for.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/limits.hpp"
#include "db/engine.hpp"

namespace lodestone::db {

struct SqliteOptions {
    std::string path;  // a file, or ":memory:"
    std::size_t readers = 2;
    std::size_t queue = limits::database_queue;  // units in line before more are refused
};

struct PostgresOptions {
    std::string url;                    // what libpq takes; several hosts are tried in turn
    std::vector<std::string> replicas;  // for reads that allow it
    std::size_t min_connections = 2;
    std::size_t max_connections = 8;
    std::size_t queue = limits::database_queue;
    std::chrono::milliseconds connect_timeout = limits::database_connect_timeout;
    std::chrono::milliseconds acquire_timeout{
        5'000};  // in line for a connection, unless the deadline is nearer
    std::chrono::milliseconds statement_timeout = limits::database_statement_timeout;
    std::chrono::milliseconds lock_timeout = limits::database_lock_timeout;
    std::chrono::milliseconds idle_timeout = limits::database_idle_timeout;
    std::chrono::milliseconds max_lifetime = limits::database_max_lifetime;
    std::chrono::milliseconds ping_after = limits::database_ping_after;
    bool is_behind_transaction_pooler = false;  // PgBouncer: no session state
    std::string direct_url;  // past the pooler, for what needs a session; empty: there is none
    std::string node;        // by which an engine knows its own notifications; empty: chosen
    Lacks lacks;             // what the server is not to be believed to have
};

// Context gives the clock, chance, the log, and metrics, which are registered here.
std::unique_ptr<Engine> open_sqlite(const SqliteOptions& options, Context& context);
// Does not wait for the server: it connects in the background and says so in status() until it has.
std::unique_ptr<Engine> open_postgres(const PostgresOptions& options, Context& context);

}  // namespace lodestone::db
