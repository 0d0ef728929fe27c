// What the commands of an administrator work on: the database that `serve` would use with the same settings,
// whether or not a server runs on it. They do what the API does, by the same functions, and are written down
// in the audit log as coming from a shell.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "app/commands/command_line.hpp"
#include "app/config/config.hpp"
#include "app/serving/data_folder.hpp"
#include "base/context.hpp"
#include "base/health.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/tenant_id.hpp"
#include "cache/redis_relay.hpp"
#include "db/database.hpp"

namespace lodestone::app {

class AdminTarget {
  public:
    // Throws Problem, DatabaseError: no settings that make sense, no data folder, no database, another
    // schema.
    AdminTarget(const CommandSpec& self, const Arguments& arguments, const Console& console);
    ~AdminTarget();
    AdminTarget(const AdminTarget&) = delete;
    AdminTarget& operator=(const AdminTarget&) = delete;

    // One transaction. What it changed is numbered in the audit log before the command ends.
    template <class Function>
    auto write(Function function) {
        has_written_ = true;
        return database_->write_now(unit_, std::move(function));
    }
    template <class Function>
    auto read(Function function) {
        return database_->read_now(unit_, std::move(function));
    }

    // For what does more than one transaction; like write().
    db::Database& database() {
        has_written_ = true;
        return *database_;
    }
    const db::Unit& unit() const { return unit_; }
    // Throws Problem(invalid_input) when there is none.
    const DataFolder& need_folder() const;

    Context& context() { return context_; }
    const Config& config() const { return config_; }
    template <class IdType>
    IdType new_id() {
        return make_id<IdType>(clock_, random_);
    }

  private:
    Config config_;
    std::optional<DataFolder> folder_;
    SystemClock clock_;
    SystemRandom random_;
    Metrics metrics_;
    Health health_;
    Log log_;
    Context context_{clock_, random_, log_, metrics_, health_};
    std::unique_ptr<cache::RedisRelay> relay_;  // null: none is configured
    std::unique_ptr<db::Database> database_;
    db::Unit unit_;
    bool has_written_ = false;
};

// The options of all of them: those that say where things are, and --json.
std::vector<OptionSpec> make_admin_options();
// --tenant as well, which is `default` unless it is given.
std::vector<OptionSpec> make_tenant_options();

// The tenant that --tenant names by its id or name; refuses one that is not there.
TenantId find_given_tenant(AdminTarget& target, const Arguments& arguments);

// An operand, or an option that has to be given; refuses to do without.
std::string need(const Arguments& arguments, std::string_view name);
std::optional<std::string> find_given(const Arguments& arguments, std::string_view name);

}  // namespace lodestone::app
