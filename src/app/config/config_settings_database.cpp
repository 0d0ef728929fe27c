// The settings about where things are stored: the database and Redis.
#include "app/config/config_row.hpp"

namespace lodestone::app {

using namespace kinds;

namespace {

Setting make_lacks_setting() {
    return row<List<Choice<CapabilityWords>>, &Config::database, &DatabaseConfig::lacks>(
        {.key = "database.lacks",
         .about = "What a server that speaks PostgreSQL's language has not. It is found out when "
                  "connecting; this is for servers that are not known, or not believed. Without "
                  "advisory_locks whoever migrates holds a lease in a table, without listen nodes hear of "
                  "each other by Redis or not at all, without transactional_ddl migrations run statement "
                  "by statement. The same on all nodes, and at a shell."});
}

}  // namespace

std::vector<Setting> make_database_settings() {
    constexpr auto database = &Config::database;
    using D = DatabaseConfig;
    return {
        row<DatabaseUrl, database, &D::url>(
            {.key = "database.url",
             .about = "A PostgreSQL database; several hosts are tried in turn until one takes writes. Empty "
                      "means the embedded one, a file in the data folder.",
             .variable = "DATABASE_URL",
             .is_secret = true}),
        row<List<DatabaseUrl>, database, &D::replicas>({.key = "database.replicas",
                                                        .about =
                                                            "Standby servers for what may be a little old: "
                                                            "lists and exports of the audit log. Everything "
                                                            "else is read from the primary.",
                                                        .is_secret = true}),
        row<DatabaseUrl, database, &D::migrations_url>(
            {.key = "database.migrations_url",
             .about = "The same database past a pooler, for migrations: they hold a lock for their whole "
                      "session. Empty means database.url.",
             .is_secret = true}),
        row<Choice<MigrationPolicyWords>, database, &D::migrations>(
            {.key = "database.migrations",
             .about = "What happens at start when the schema is not the one this program needs: auto brings "
                      "it up, check refuses to serve, off does not look. default is auto for the embedded "
                      "database and check for PostgreSQL."}),
        row<Integer<1, 64>, database, &D::readers>(
            {.key = "database.readers", .about = "How many threads read from the embedded database."}),
        row<Integer<0, 1'000>, database, &D::min_connections>(
            {.key = "database.min_connections",
             .about = "How many connections to PostgreSQL stay open when nobody needs them."}),
        row<Integer<1, 1'000>, database, &D::max_connections>(
            {.key = "database.max_connections",
             .about = "The most connections to PostgreSQL; about four for each of its cores serve best."}),
        row<Integer<1, 1'000'000>, database, &D::queue>(
            {.key = "database.queue",
             .about = "How many units of work may wait in line; more are answered 503 at once."}),
        row<Deadline, database, &D::connect_timeout>(
            {.key = "database.connect_timeout", .about = "How long connecting to PostgreSQL may take."}),
        row<Deadline, database, &D::acquire_timeout>(
            {.key = "database.acquire_timeout",
             .about = "How long a unit of work waits for a connection before it is answered 503."}),
        row<Deadline, database, &D::statement_timeout>(
            {.key = "database.statement_timeout",
             .about = "The longest that PostgreSQL works on one statement; a request's deadline may be "
                      "nearer."}),
        row<Deadline, database, &D::lock_timeout>(
            {.key = "database.lock_timeout",
             .about = "The longest that a statement waits for another transaction's lock."}),
        row<Deadline, database, &D::idle_timeout>(
            {.key = "database.idle_timeout",
             .about = "How long a connection above database.min_connections stays open unused."}),
        row<Deadline, database, &D::max_lifetime>(
            {.key = "database.max_lifetime",
             .about =
                 "After about this long a connection is replaced, so that new servers get their share."}),
        row<Choice<PoolerWords>, database, &D::pooler>(
            {.key = "database.pooler",
             .about = "What stands between us and PostgreSQL: transaction is PgBouncer in transaction mode, "
                      "which keeps nothing of a session."}),
        make_lacks_setting(),
        row<RedisUrl, &Config::redis, &RedisConfig::url>(
            {.key = "redis.url",
             .about = "A Redis server by which nodes tell each other what they changed, within moments also "
                      "where the database cannot: behind a transaction pooler, for one. Empty means none; "
                      "everything works without, and while it is away.",
             .variable = "REDIS_URL",
             .is_secret = true}),
    };
}

}  // namespace lodestone::app
