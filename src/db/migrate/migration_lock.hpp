// One instance migrates at a time. On PostgreSQL a lock of the session, which goes when its holder does,
// however that ends; on SQLite every step takes the file's own write lock, so there is nothing to hold.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "db/admin_connection.hpp"

namespace lodestone::db {

// Where leases stand. Made when it is needed, by no migration.
inline constexpr std::string_view lease_table = "schema_lock";

// How whoever waits spends the time; tests have their own.
using Pause = std::function<void(std::chrono::milliseconds)>;

class MigrationLock {
  public:
    // Asks again and again rather than waiting in the server: there, a waiter would keep CREATE INDEX
    // CONCURRENTLY from finishing, and both would stand still. Throws Problem(unavailable) that names the
    // holder when `patience` is over. Where the server has no such locks, a row of a table with an end to it.
    MigrationLock(AdminConnection& admin, std::chrono::milliseconds patience, const Pause& pause);
    ~MigrationLock();
    // A lease begins anew, for what may take `longest`; a lock of the session needs nothing. Throws
    // Problem(unavailable) when another instance has taken it meanwhile. Inside a transaction nobody can take
    // it before that is over.
    void renew(std::chrono::milliseconds longest = {});
    MigrationLock(const MigrationLock&) = delete;
    MigrationLock& operator=(const MigrationLock&) = delete;

  private:
    AdminConnection& admin_;
    void make_leases();
    bool try_it();
    std::string describe_holder();

    std::string lease_;  // what its row says of us; empty: it is a lock of the session
    bool is_held_ = false;
};

}  // namespace lodestone::db
