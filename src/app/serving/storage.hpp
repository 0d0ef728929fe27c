// The database as the server uses it: opened, its schema brought to what this program needs, and watched. A
// PostgreSQL that is away when we start is waited for in the background; until its schema is known to fit,
// nothing reads or writes.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/config/config.hpp"
#include "app/serving/data_folder.hpp"
#include "base/context.hpp"
#include "cache/redis_relay.hpp"
#include "db/admin_connection.hpp"
#include "db/database.hpp"

namespace lodestone::app {

// As the settings say; `path` is the embedded database's.
std::unique_ptr<db::Engine> open_engine(const DatabaseConfig& config, const std::string& path,
                                        Context& context);
// What its writes change goes into the audit log, and is told to the servers that keep it in memory.
void keep_records(db::Database& database, Context& context);
// What tells other nodes of changes beside the database, by the settings; null: nothing does.
std::unique_ptr<cache::RedisRelay> open_relay(const Config& config, Context& context);
std::unique_ptr<db::AdminConnection> open_admin(const DatabaseConfig& config, const std::string& path,
                                                db::AdminAccess access);

class Storage {
  public:
    // Throws Problem when the embedded database cannot be opened, or the schema is none that we may serve.
    // `verify` is asked once the schema fits, before anybody may use the database; what it throws counts like
    // a schema that does not.
    using Verify = std::function<void(db::Database&)>;
    Storage(const Config& config, const DataFolder& folder, Context& context, Verify verify = {});
    ~Storage();
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;

    db::Database& database() { return database_; }
    // Whether the schema is known to fit. Not while a PostgreSQL that is away is waited for.
    bool is_ready() const { return !find_schema_fault(); }
    // While the loops still turn: coroutines own what running work refers to.
    void stop();

  private:
    bool is_schema_settled();
    void watch_relay();
    void check_schema();
    void wait_for_schema();
    std::optional<std::string> find_schema_fault() const;
    std::string render_report() const;

    DatabaseConfig config_;
    std::string path_;  // of the embedded database
    Context& context_;
    const Verify verify_;
    std::unique_ptr<cache::RedisRelay> relay_;  // null: none is configured
    db::Database database_;
    mutable std::mutex mutex_;
    std::condition_variable stopping_;
    bool is_stopping_ = false;
    std::optional<std::string> schema_fault_;
    std::atomic<std::int64_t> schema_version_{0};
    std::thread waiter_;
};

}  // namespace lodestone::app
