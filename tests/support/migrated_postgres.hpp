// A migrated PostgreSQL database for one test after the other. To make one and to remove it are hundreds of
// files each; to empty it, for the next test, takes a tenth of that. One that a test has changed the tables
// of, or that somebody is still connected to, goes with its test.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "base/ensure.hpp"
#include "db/admin_connection.hpp"
#include "db/migrate/migrator.hpp"
#include "support/postgres.hpp"
#include "support/wait.hpp"

namespace lodestone::test {

class MigratedPostgres {
  public:
    MigratedPostgres() : database_(take()) {}
    ~MigratedPostgres() {
        try {
            if (empty(*database_)) spare() = std::move(database_);
        } catch (const std::exception&) {
            // Somebody holds a lock, or the server has gone.
        }
    }
    MigratedPostgres(const MigratedPostgres&) = delete;
    MigratedPostgres& operator=(const MigratedPostgres&) = delete;

    PostgresDatabase* operator->() const { return database_.get(); }

  private:
    // Migrated once for all tests of this process.
    static PostgresDatabase& original() {
        static PostgresDatabase original;
        static const bool is_migrated = [] {
            db::migrate_up(*db::open_postgres_admin(original.url(), std::chrono::seconds(10)));
            return true;
        }();
        ensure(is_migrated, "the original has a schema");
        return original;
    }
    static std::unique_ptr<PostgresDatabase>& spare() {
        static std::unique_ptr<PostgresDatabase> emptied;
        return emptied;
    }
    static std::unique_ptr<PostgresDatabase> take() {
        const std::string name = original().name();  // first, so that it outlives the spare one
        if (std::unique_ptr<PostgresDatabase> emptied = std::move(spare())) return emptied;
        return std::make_unique<PostgresDatabase>(PostgresServer::shared(), name);
    }

    // False when the next test could tell.
    static bool empty(PostgresDatabase& database) {
        static const std::string untouched = PostgresClient(original().url()).run(shape);
        PostgresClient client(database.url());
        return is_alone(client) && client.run(delete_rows + std::string(shape)) == untouched;
    }
    // A connection that was closed takes its server process a moment to end.
    static bool is_alone(PostgresClient& client) {
        constexpr const char* others =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
            "pg_backend_pid()";
        return wait_until([&] { return client.run(others) == "0"; }, std::chrono::milliseconds(100));
    }

    // Without triggers and the keys between tables; what the migrations have noted of themselves stays.
    static constexpr const char* delete_rows = R"(
        SET lock_timeout = '1s';
        SET session_replication_role = replica;
        DO $$
        DECLARE name text;
        BEGIN
            FOR name IN SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname <> 'schema_history'
                            AND relnamespace = current_schema()::regnamespace
            LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
        END $$;)";
    static constexpr const char* shape = R"(
        SELECT md5(string_agg(c.relname || ' ' || a.attname || ' ' || a.attnotnull || a.atttypid, ',' ORDER BY c.relname, a.attnum))
            || (SELECT count(*) FROM pg_constraint) || ' ' || (SELECT count(*) FROM pg_trigger) || ' ' || (SELECT count(*) FROM schema_history)
        FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = current_schema()::regnamespace)";

    std::unique_ptr<PostgresDatabase> database_;
};

}  // namespace lodestone::test
