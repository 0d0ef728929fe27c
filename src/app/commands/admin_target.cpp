// Opening what a command works on.
#include "app/commands/admin_target.hpp"

#include <unistd.h>

#include <filesystem>

#include "app/commands/command_list.hpp"
#include "app/serving/storage.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "base/user_name.hpp"
#include "db/migrate/schema_state.hpp"
#include "identity/nouns/tenant.hpp"
#include "ledger/chain.hpp"

namespace lodestone::app {
namespace {

Config open_config(const CommandSpec& self, const Arguments& arguments, const Console& console) {
    Config config = need_config(self, arguments, console);
    DatabaseConfig& database = config.database;
    if (database.is_embedded() && !std::filesystem::exists(DataFolder::database_path(config.data.dir)))
        throw Problem(problems::invalid_input, "There is no database in the data folder " + config.data.dir +
                                                   "; start a server first.");
    // One thing at a time needs no crowd.
    database.readers = 1;
    database.min_connections = 0;
    database.max_connections = 2;
    return config;
}

void refuse_another_schema(const DatabaseConfig& config, const std::string& path) {
    const auto admin = open_admin(config, path, db::AdminAccess::read);
    const db::MigrationSet& set = db::embedded_migrations(admin->engine());
    const db::SchemaState state = db::read_schema_state(*admin, set);
    db::refuse_unless_sound(state, set);
    if (!state.is_current())
        throw Problem(problems::invalid_input,
                      "The schema is not the one that this program needs: see `lodestone migrate status`.");
}

// Who is at the shell, as the system knows them.
std::string describe_shell() {
    return "lodestone at a shell, as the system's user " + find_user_name(::geteuid());
}

}  // namespace

AdminTarget::AdminTarget(const CommandSpec& self, const Arguments& arguments, const Console& console)
    : config_(open_config(self, arguments, console)),
      log_({.level = LogLevel::error, .format = LogFormat::pretty, .has_colours = false, .file = {}},
           clock_) {
    // Beside PostgreSQL there may be none, and a list needs none.
    if (std::filesystem::exists(config_.data.dir)) folder_.emplace(config_.data.dir, DataFolder::Use::beside);
    const std::string path = DataFolder::database_path(config_.data.dir);
    refuse_another_schema(config_.database, path);
    database_ = std::make_unique<db::Database>(open_engine(config_.database, path, context_));
    keep_records(*database_, context_);
    relay_ = open_relay(config_, context_);
    if (relay_) database_->tell_by(*relay_);
    context_.database = database_.get();
    unit_.actor = "operator";
    unit_.source = db::Source::cli;
    unit_.agent = describe_shell();
    unit_.request_id = render_uuid(make_uuid(clock_, random_));
}

// A server would number what was written within a second; without one nobody else will.
AdminTarget::~AdminTarget() {
    if (has_written_)
        (void)find_problem([this] {
            while (database_->write_now(unit_, ledger::sequence_entries) == limits::audit_batch) {
            }
        });
    database_->engine().stop();
    if (relay_) relay_->stop();
}

const DataFolder& AdminTarget::need_folder() const {
    if (!folder_)
        throw Problem(problems::invalid_input,
                      "There is no data folder " + config_.data.dir + ": say --data, as the server does.");
    return *folder_;
}

// Those that say where things are; what a server listens on does not matter here.
std::vector<OptionSpec> make_admin_options() {
    std::vector<OptionSpec> options{make_json_option()};
    for (OptionSpec& option : make_config_options())
        if (option.name == "--config" || option.name == "--data" || option.name == "--set")
            options.push_back(std::move(option));
    return options;
}

std::vector<OptionSpec> make_tenant_options() {
    std::vector<OptionSpec> options = make_admin_options();
    options.insert(options.begin(), {.name = "--tenant",
                                     .placeholder = "TENANT",
                                     .about = "The tenant, by its id or name; `default` without it."});
    return options;
}

TenantId find_given_tenant(AdminTarget& target, const Arguments& arguments) {
    const std::string given = arguments.last("--tenant", "default");
    const auto found = target.read([&](db::Tx& tx) {
        if (const auto id = parse_id<TenantId>(given))
            if (auto tenant = identity::find_tenant(tx, *id)) return tenant;
        return identity::find_tenant_by_name(tx, given);
    });
    if (!found) db::refuse_absent("tenant", given);
    return found->id;
}

std::string need(const Arguments& arguments, std::string_view name) {
    std::string given = arguments.last(name);
    if (given.empty()) throw WrongUsage("Say which " + std::string(name) + ".");
    return given;
}

std::optional<std::string> find_given(const Arguments& arguments, std::string_view name) {
    return arguments.has(name) ? std::optional(arguments.last(name)) : std::nullopt;
}

}  // namespace lodestone::app
