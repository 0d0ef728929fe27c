// From options and settings to an open connection.
#include "app/commands/migrate_target.hpp"

#include <filesystem>

#include "app/commands/command_list.hpp"
#include "app/commands/command_version.hpp"
#include "app/config/config_values.hpp"
#include "base/problem.hpp"

namespace lodestone::app {
namespace {

std::unique_ptr<db::AdminConnection> open_sqlite(const std::string& path, MigrateAccess access) {
    const bool is_missing = access == MigrateAccess::read && !std::filesystem::exists(path);
    return db::open_sqlite_admin(is_missing ? ":memory:" : path);
}

}  // namespace

std::vector<OptionSpec> make_migrate_options() {
    std::vector<OptionSpec> options = make_config_options();
    options.push_back({.name = "--migrations",
                       .placeholder = "DIR",
                       .about = "Use the files of this folder instead of the program's own.",
                       .takes = OptionSpec::Takes::folder});
    options.push_back({.name = "--lock-wait",
                       .placeholder = "DURATION",
                       .about = "How long to wait for another instance that migrates; 60s without it."});
    options.push_back(make_json_option());
    return options;
}

std::vector<db::MigrationFile> list_migration_files(const Arguments& arguments) {
    if (!arguments.has("--migrations")) return db::embedded_migration_files();
    return db::read_migration_folder(arguments.last("--migrations"));
}

MigrateTarget open_migrate_target(const CommandSpec& self, const Arguments& arguments, const Console& console,
                                  MigrateAccess access) {
    const Config config = need_config(self, arguments, console);
    MigrateTarget target;
    target.options.program_version = version_number();
    if (arguments.has("--lock-wait")) {
        const auto wait = parse_duration(arguments.last("--lock-wait"));
        if (!wait) throw WrongUsage("--lock-wait must be a duration such as 30s.");
        target.options.lock_wait = *wait;
    }
    const DatabaseConfig& database = config.database;
    // Its lock is the session's, and would be left behind on a connection that others use next.
    if (database.pooler == Pooler::transaction && database.migrations_url.empty())
        throw Problem(
            problems::invalid_input,
            "Migrations cannot go through a pooler in transaction mode: set database.migrations_url to "
            "the server's own address.");
    if (!database.is_embedded()) {
        const std::string& url = database.migrations_url.empty() ? database.url : database.migrations_url;
        target.admin = db::open_postgres_admin(
            url, database.connect_timeout,
            access == MigrateAccess::write ? db::AdminAccess::write : db::AdminAccess::read, database.lacks);
    } else {
        if (access == MigrateAccess::write) target.folder.emplace(config.data.dir);
        target.admin = open_sqlite(
            target.folder ? target.folder->database_path() : DataFolder::database_path(config.data.dir),
            access);
    }
    if (arguments.has("--migrations"))
        target.given = db::make_migration_set(list_migration_files(arguments), target.admin->engine());
    return target;
}

}  // namespace lodestone::app
