// Which database `lodestone migrate` works on, and with which migrations: found as `serve` finds them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/commands/command_line.hpp"
#include "app/serving/data_folder.hpp"
#include "db/admin_connection.hpp"
#include "db/migrate/migrator.hpp"

namespace lodestone::app {

enum class MigrateAccess { read, write };

struct MigrateTarget {
    std::optional<DataFolder> folder;  // ours alone while we change a SQLite database
    std::unique_ptr<db::AdminConnection> admin;
    std::optional<db::MigrationSet> given;  // of --migrations
    db::MigrateOptions options;

    const db::MigrationSet& set() const { return given ? *given : db::embedded_migrations(admin->engine()); }
};

std::vector<OptionSpec> make_migrate_options();

// Throws Problem, DatabaseError. A SQLite database that is not there is made for writing, and empty for
// reading.
MigrateTarget open_migrate_target(const CommandSpec& self, const Arguments& arguments, const Console& console,
                                  MigrateAccess access);

// The files of --migrations, or else the program's own.
std::vector<db::MigrationFile> list_migration_files(const Arguments& arguments);

}  // namespace lodestone::app
