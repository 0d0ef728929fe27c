// The advisory lock, polled.
#include "db/migrate/migration_lock.hpp"

#include <fmt/core.h>

#include "base/problem.hpp"

namespace lodestone::db {

namespace {

using std::chrono::milliseconds;

// "lode", "ston": of a database, not of the server.
constexpr const char* try_lock = "SELECT pg_try_advisory_lock(1819239525, 1937006446)";
constexpr const char* unlock = "SELECT pg_advisory_unlock(1819239525, 1937006446)";
constexpr const char* find_holder = R"(
    SELECT l.pid, a.application_name, to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.classid = 1819239525 AND l.objid = 1937006446 AND l.objsubid = 2
      AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
constexpr milliseconds first_pause{20};
constexpr milliseconds longest_pause{500};

std::string describe_holder(AdminConnection& admin) {
    const auto rows = admin.list_rows(find_holder);
    if (rows.empty()) return "it was set free at the last moment";
    const TextRow& row = rows.front();
    return fmt::format("process {} of the server, '{}', connected since {}", row[0].value_or("?"),
                       row[1].value_or("?"), row[2].value_or("?"));
}

}  // namespace

MigrationLock::MigrationLock(AdminConnection& admin, milliseconds patience, const Pause& pause)
    : admin_(admin) {
    if (admin.engine() != EngineKind::postgres) return;
    milliseconds waited{0};
    milliseconds next = first_pause;
    for (;;) {
        is_held_ = admin.list_rows(try_lock).at(0).at(0) == "1";
        if (is_held_) return;
        if (waited >= patience)
            throw Problem(
                problems::unavailable,
                fmt::format("Another instance migrates this database, and was not ready within {} s: {}. "
                            "Wait for it, or end it in the server: pg_terminate_backend().",
                            patience.count() / 1000, describe_holder(admin)));
        pause(next);
        waited += next;
        next = std::min(next * 2, longest_pause);
    }
}

MigrationLock::~MigrationLock() {
    // A connection that is gone has taken the lock with it.
    if (is_held_) find_problem([this] { admin_.list_rows(unlock); });
}

}  // namespace lodestone::db
