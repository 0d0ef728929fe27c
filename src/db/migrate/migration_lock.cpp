// The advisory lock, or the lease, polled.
#include "db/migrate/migration_lock.hpp"

#include <fmt/core.h>

#include "base/problem.hpp"
#include "base/random.hpp"

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
// Servers without such locks have transactions: whoever writes the row has it, until they take it away or its
// time is over: an hour beyond the time-out of the statement that begins. The end of each file's transaction
// asks once more.
constexpr const char* make_lease_table =
    "CREATE TABLE IF NOT EXISTS schema_lock (id bigint PRIMARY KEY, holder text NOT NULL, ends_at bigint NOT "
    "NULL)";
constexpr const char* try_lease =
    "INSERT INTO schema_lock (id, holder, ends_at) "
    "VALUES (1, $1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + 3600000000) "
    "ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, ends_at = excluded.ends_at "
    "WHERE schema_lock.ends_at < (extract(epoch FROM clock_timestamp()) * 1000000)::bigint RETURNING holder";
constexpr const char* renew_lease =
    "UPDATE schema_lock SET ends_at = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + 3600000000 "
    "+ $2::bigint * 1000 WHERE id = 1 AND holder = $1 RETURNING holder";
constexpr const char* end_lease = "DELETE FROM schema_lock WHERE holder = $1";
constexpr const char* find_lease =
    "SELECT holder, to_char(to_timestamp(ends_at / 1000000) AT TIME ZONE 'UTC', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
    "FROM schema_lock";
constexpr milliseconds first_pause{20};
constexpr milliseconds longest_pause{500};

}  // namespace

std::string MigrationLock::describe_holder() {
    const auto rows = admin_.list_rows(lease_.empty() ? find_holder : find_lease);
    if (rows.empty()) return "it was set free at the last moment";
    const TextRow& row = rows.front();
    if (!lease_.empty())
        return fmt::format("'{}', until {} at the latest", row[0].value_or("?"), row[1].value_or("?"));
    return fmt::format("process {} of the server, '{}', connected since {}", row[0].value_or("?"),
                       row[1].value_or("?"), row[2].value_or("?"));
}

// Of two that make it at once, PostgreSQL lets one fail that had not seen it, in its catalogue's own words.
// Then it is there.
void MigrationLock::make_leases() {
    const auto make = [this] { admin_.run(make_lease_table); };
    if (find_problem(make)) make();
}

bool MigrationLock::try_it() {
    if (lease_.empty()) return admin_.list_rows(try_lock).at(0).at(0) == "1";
    const std::string parameters[] = {lease_};
    return !admin_.list_rows(try_lease, parameters).empty();
}

MigrationLock::MigrationLock(AdminConnection& admin, milliseconds patience, const Pause& pause)
    : admin_(admin) {
    if (admin.engine() != EngineKind::postgres) return;
    if (!admin.capabilities().has_advisory_locks) {
        lease_ = "lodestone " + SystemRandom().next_hex(8);
        make_leases();
    }
    milliseconds waited{0};
    milliseconds next = first_pause;
    for (;;) {
        is_held_ = try_it();
        if (is_held_) return;
        if (waited >= patience)
            throw Problem(
                problems::unavailable,
                fmt::format("Another instance migrates this database, and was not ready within {} s: {}. "
                            "Wait for it, or end it{}.",
                            patience.count() / 1000, describe_holder(),
                            lease_.empty() ? " in the server: pg_terminate_backend()"
                                           : "; if it is gone, delete the row of schema_lock"));
        pause(next);
        waited += next;
        next = std::min(next * 2, longest_pause);
    }
}

void MigrationLock::renew(milliseconds longest) {
    if (!is_held_ || lease_.empty()) return;
    const std::string parameters[] = {lease_, std::to_string(longest.count())};
    if (!admin_.list_rows(renew_lease, parameters).empty()) return;
    throw Problem(
        problems::unavailable,
        "This instance took too long, and another one migrates the database now. This one has stopped and "
        "kept nothing that was not finished; look at `lodestone migrate status`.");
}

MigrationLock::~MigrationLock() {
    if (!is_held_) return;
    // A connection that is gone has taken the lock with it; a lease ends by itself.
    find_problem([this] {
        const std::string parameters[] = {lease_};
        if (lease_.empty())
            admin_.list_rows(unlock);
        else
            admin_.list_rows(end_lease, parameters);
    });
}

}  // namespace lodestone::db
