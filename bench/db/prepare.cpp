// The tables of the benchmark beside the program's own, and the rows in them. pgbench makes its own table on
// PostgreSQL; on SQLite it is made here.
#include "cases.hpp"
#include "db/migrate/migrator.hpp"

namespace lodestone::bench {

namespace {

constexpr const char* both[] = {
    "CREATE TABLE bench_packages (package bigint PRIMARY KEY, updated_at bigint NOT NULL)",
    "CREATE TABLE bench_quotas (package bigint PRIMARY KEY, used_bytes bigint NOT NULL)",
    "CREATE TABLE bench_versions (package bigint, number bigint, manifest text NOT NULL, "
    "PRIMARY KEY (package, number))",
    "CREATE TABLE bench_files (package bigint, number bigint, name text, "
    "PRIMARY KEY (package, number, name))",
    "CREATE TABLE bench_tags (package bigint, name text, number bigint NOT NULL, "
    "PRIMARY KEY (package, name))",
    "CREATE TABLE bench_audit (package bigint, number bigint, action text NOT NULL, "
    "PRIMARY KEY (package, number))",
    "CREATE TABLE bench_events (package bigint, number bigint, action text NOT NULL, "
    "PRIMARY KEY (package, number))",
};

constexpr const char* sqlite_only[] = {
    "CREATE TABLE bench_notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT",
    "CREATE TABLE pgbench_accounts (aid INTEGER PRIMARY KEY, bid INTEGER, abalance INTEGER, filler TEXT) "
    "STRICT",
    "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000) "
    "INSERT INTO pgbench_accounts SELECT n, 1, 0, printf('%84s', '') FROM number",
};

// Enough rows that an index is taken, as in a database in use.
constexpr const char* postgres_only[] = {
    "INSERT INTO bench_packages SELECT n, 0 FROM generate_series(0, 19999) n",
    "INSERT INTO bench_quotas SELECT n, 0 FROM generate_series(0, 19999) n",
};

// Tenants with ids, names and times that grow together.
constexpr std::string_view tenants_postgres =
    "INSERT INTO tenants (id, name, name_folded, status, metadata, version, created_at, created_by, "
    "updated_at, "
    "updated_by) SELECT 'tenant-' || t, 'Tenant ' || t, 'tenant ' || t, 'active', '{}', 1, n, "
    "'system', n, 'system' "
    "FROM (SELECT n, lpad(n::text, 9, '0') AS t FROM generate_series(1, COUNT) n) AS numbers";
constexpr std::string_view tenants_sqlite =
    "WITH RECURSIVE numbers(n, t) AS (SELECT 1, '000000001' UNION ALL "
    "SELECT n + 1, printf('%09d', n + 1) FROM numbers WHERE n < COUNT) "
    "INSERT INTO tenants (id, name, name_folded, status, metadata, version, created_at, created_by, "
    "updated_at, "
    "updated_by) SELECT 'tenant-' || t, 'Tenant ' || t, 'tenant ' || t, 'active', '{}', 1, n, "
    "'system', n, 'system' FROM numbers";

void run_all(db::AdminConnection& admin, std::span<const char* const> statements) {
    for (const char* statement : statements) admin.run(statement);
}

}  // namespace

void prepare(const CaseOptions& options, std::int64_t tenants) {
    const World world(options.address);
    const auto admin = world.open_admin();
    db::migrate_up(*admin);
    run_all(*admin, both);
    std::string insert(world.is_postgres() ? tenants_postgres : tenants_sqlite);
    insert.replace(insert.find("COUNT"), 5, std::to_string(tenants));
    admin->run(insert);
    if (world.is_postgres())
        run_all(*admin, postgres_only);
    else
        run_all(*admin, sqlite_only);
    admin->run("ANALYZE");
}

}  // namespace lodestone::bench
