// Opening the database, and waiting for a schema that fits.
#include "app/serving/storage.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/serving/build.hpp"
#include "base/health.hpp"
#include "base/json_text.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "db/failure.hpp"
#include "db/migrate/check_schema.hpp"
#include "db/open_database.hpp"
#include "identity/gate/gate.hpp"
#include "ledger/audit.hpp"
#include "packages/directory.hpp"
#include "packages/index_memory.hpp"

namespace lodestone::app {

std::unique_ptr<db::Engine> open_engine(const DatabaseConfig& config, const std::string& path,
                                        Context& context) {
    if (config.is_embedded())
        return db::open_sqlite({.path = path, .readers = config.readers, .queue = config.queue}, context);
    return db::open_postgres({.url = config.url,
                              .replicas = config.replicas,
                              .min_connections = config.min_connections,
                              .max_connections = config.max_connections,
                              .queue = config.queue,
                              .connect_timeout = config.connect_timeout,
                              .acquire_timeout = config.acquire_timeout,
                              .statement_timeout = config.statement_timeout,
                              .lock_timeout = config.lock_timeout,
                              .idle_timeout = config.idle_timeout,
                              .max_lifetime = config.max_lifetime,
                              .is_behind_transaction_pooler = config.pooler == Pooler::transaction,
                              .direct_url = config.migrations_url,
                              .lacks = config.lacks},
                             context);
}

std::unique_ptr<cache::RedisRelay> open_relay(const Config& config, Context& context) {
    const auto url = cache::parse_redis_url(config.redis.url);
    if (!url) return nullptr;
    return std::make_unique<cache::RedisRelay>(
        cache::RedisOptions{.url = *url, .ca_file = config.egress.ca_file, .node = {}}, context);
}

std::unique_ptr<db::AdminConnection> open_admin(const DatabaseConfig& config, const std::string& path,
                                                db::AdminAccess access) {
    if (config.is_embedded()) return db::open_sqlite_admin(path);
    const std::string& url = config.migrations_url.empty() ? config.url : config.migrations_url;
    return db::open_postgres_admin(url, config.connect_timeout, access, config.lacks);
}

void keep_records(db::Database& database, Context& context) {
    database.keep_records(
        [keep = ledger::make_record_keeper(context)](db::Tx& tx, std::vector<db::Change> changes) {
            identity::notify_of(tx, changes);
            packages::notify_of(tx, changes);
            packages::notify_of_indexes(tx, changes);
            keep(tx, std::move(changes));
        });
}

namespace {

db::MigrationPolicy policy_of(const DatabaseConfig& config) {
    switch (config.migrations) {
        case MigrationPolicy::automatic: return db::MigrationPolicy::automatic;
        case MigrationPolicy::check: return db::MigrationPolicy::check;
        case MigrationPolicy::off: return db::MigrationPolicy::off;
        case MigrationPolicy::by_engine: break;
    }
    return config.is_embedded() ? db::MigrationPolicy::automatic : db::MigrationPolicy::check;
}

bool is_current(db::AdminConnection& admin) {
    return db::read_schema_state(admin, db::embedded_migrations(admin.engine())).is_current();
}

// Nobody uses a database that was released to be looked at and did not pass.
struct HeldUnlessGood {
    explicit HeldUnlessGood(db::Database& held) : database(held) {}
    ~HeldUnlessGood() {
        if (!is_good) database.hold();
    }
    HeldUnlessGood(const HeldUnlessGood&) = delete;
    HeldUnlessGood& operator=(const HeldUnlessGood&) = delete;

    db::Database& database;
    bool is_good = false;
};

}  // namespace

Storage::Storage(const Config& config, const DataFolder& folder, Context& context, Verify verify)
    : config_(config.database),
      path_(folder.database_path()),
      context_(context),
      verify_(std::move(verify)),
      relay_(open_relay(config, context)),
      database_(open_engine(config_, path_, context)) {
    context.database = &database_;
    keep_records(database_, context);
    if (relay_) watch_relay();
    if (!is_schema_settled()) waiter_ = std::thread([this] { wait_for_schema(); });
    context.health.add_check("database", [this] { return database_.engine().status().fault; });
    context.health.add_check("schema", [this] { return find_schema_fault(); });
    context.health.add_report("database", [this] { return render_report(); });
    if (!config_.replicas.empty())
        context.metrics.add_reader(
            "lodestone_db_replica_lag_seconds", "How far the replica that lags most is behind.",
            Metrics::ReadAs::gauge, [this] {
                const auto lag = database_.engine().status().replica_lag;
                return std::chrono::duration<double>(lag.value_or(std::chrono::milliseconds(0))).count();
            });
    context.metrics.add_reader("lodestone_schema_version", "The newest migration that the database has.",
                               Metrics::ReadAs::gauge,
                               [this] { return static_cast<double>(schema_version_.load()); });
}

// Helpful, not essential: what it would tell is seen a little later without it.
void Storage::watch_relay() {
    database_.tell_by(*relay_);
    context_.health.add_check("redis", [this] { return relay_->find_fault(); }, Health::Need::helpful);
    context_.health.add_report("redis", [this] { return relay_->render_report(); });
}

Storage::~Storage() {
    stop();
}

void Storage::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    stopping_.notify_all();
    if (waiter_.joinable()) waiter_.join();
    database_.engine().stop();
    if (relay_) relay_->stop();
}

void Storage::check_schema() {
    db::MigrateOptions options;
    options.program_version = build().version;
    // A server that takes no changes can be read from, if its schema fits as it is.
    auto admin = open_admin(config_, path_, db::AdminAccess::read);
    const bool changes_schema = policy_of(config_) == db::MigrationPolicy::automatic && !is_current(*admin);
    if (changes_schema && !config_.is_embedded()) admin = open_admin(config_, path_, db::AdminAccess::write);
    const db::SchemaState state = db::check_schema(*admin, policy_of(config_), options);
    schema_version_ = state.version();
    database_.engine().forget_statements();
    HeldUnlessGood held(database_);
    database_.release();
    if (verify_) verify_(database_);
    held.is_good = true;
    const std::lock_guard lock(mutex_);
    schema_fault_.reset();
}

// What a server that answers says about its schema is final when we start: an operator has to act. One that
// does not answer is waited for.
bool Storage::is_schema_settled() {
    const auto fault = db::find_unavailability([this] { check_schema(); });
    if (!fault) return true;
    context_.log.error("the database is away; waiting for it", {{"why", *fault}});
    schema_fault_ = "the database has not been reached yet";
    database_.hold();
    return false;
}

void Storage::wait_for_schema() {
    auto wait = std::chrono::milliseconds(limits::schema_retry_least);
    std::unique_lock lock(mutex_);
    while (!stopping_.wait_for(lock, wait, [this] { return is_stopping_; })) {
        lock.unlock();
        const auto fault = find_problem([this] { check_schema(); });
        if (!fault) return context_.log.info("the database is there", {{"schema", schema_version_.load()}});
        lock.lock();
        if (schema_fault_ != fault) context_.log.error("the database cannot be used yet", {{"why", *fault}});
        schema_fault_ = fault;
        wait = std::min<std::chrono::milliseconds>(wait * 2, limits::schema_retry_most);
    }
}

std::optional<std::string> Storage::find_schema_fault() const {
    const std::lock_guard lock(mutex_);
    return schema_fault_;
}

// Numbers only: what the engine says of itself in words may name hosts and users.
std::string Storage::render_report() const {
    const db::EngineStatus status = database_.engine().status();
    std::string text = fmt::format(
        R"({{"engine":"{}","connections":{},"idle":{},"in_use":{},"waiting":{},"schema_version":{})",
        config_.is_embedded() ? "sqlite" : "postgres", status.size, status.idle, status.in_use,
        status.waiting, schema_version_.load());
    if (status.wal_bytes) text += fmt::format(R"(,"wal_bytes":{})", *status.wal_bytes);
    if (status.replica_lag) text += fmt::format(R"(,"replica_lag_ms":{})", status.replica_lag->count());
    return text + "}";
}

}  // namespace lodestone::app
