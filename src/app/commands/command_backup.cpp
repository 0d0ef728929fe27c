// `lodestone backup` and `lodestone restore`: copies of the database. SQLite's are made here, while a server
// runs; PostgreSQL has tools of its own, which are named, and whose result is checked.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>

#include "app/commands/command_list.hpp"
#include "app/commands/migrate_report.hpp"
#include "app/serving/data_folder.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/backup.hpp"
#include "db/check_statements.hpp"
#include "db/migrate/catalogue.hpp"
#include "db/migrate/history.hpp"
#include "db/migrate/schema_state.hpp"
#include "db/postgres_archive.hpp"

namespace lodestone::app {
namespace {

constexpr int failed = 1;

std::string need_file(const Arguments& arguments) {
    const std::string file = arguments.last("FILE");
    if (file.empty()) throw WrongUsage("Say which FILE.");
    return file;
}

// "Copied 40 %", in place, for somebody who looks on.
db::BackupProgress show_progress(const Arguments& arguments, Console& console) {
    if (arguments.has("--json") || !console.err_is_terminal) return {};
    return [&console](std::int64_t done, std::int64_t total) {
        console.err << fmt::format("\rCopied {} %", total == 0 ? 100 : done * 100 / total);
        if (done >= total) console.err << '\n';
        console.err.flush();
    };
}

int report(const Arguments& arguments, Console& console, const std::string& file,
           const std::string& sentence) {
    if (arguments.has("--json"))
        console.out << boost::json::serialize(boost::json::object{{"file", file}, {"message", sentence}})
                    << '\n';
    else
        console.out << sentence << '\n';
    return 0;
}

std::string render_size(const std::string& file) {
    return fmt::format("{:.1f} MiB", static_cast<double>(std::filesystem::file_size(file)) / limits::mib);
}

std::string read_front(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Problem(problems::invalid_input, path + " cannot be read.");
    std::string front(limits::archive_contents_bytes, '\0');
    file.read(front.data(), static_cast<std::streamsize>(front.size()));
    front.resize(static_cast<std::size_t>(file.gcount()));
    return front;
}

std::unique_ptr<db::AdminConnection> open_admin(const DatabaseConfig& database) {
    return db::open_postgres_admin(database.url, database.connect_timeout, db::AdminAccess::read);
}

// A dump that somebody made: whether it is one, and of the whole schema.
int check_postgres_backup(const Config& config, const Arguments& arguments, Console& console) {
    const std::string file = need_file(arguments);
    if (!std::filesystem::exists(file))
        throw Problem(problems::invalid_input,
                      fmt::format("PostgreSQL is backed up by its own tool. Run `pg_dump --format=custom "
                                  "--file={} \"$DATABASE_URL\"`, then this again: it checks the result.",
                                  file));
    const std::string front = read_front(file);
    if (!db::is_postgres_archive(front))
        throw Problem(problems::invalid_input, file + " is not what `pg_dump --format=custom` writes.");
    std::vector<std::string> tables;
    for (const db::CatalogueTable& table : db::read_catalogue(*open_admin(config.database)).tables)
        tables.push_back(table.name);
    const auto missing = db::list_missing_tables(front, tables);
    if (!missing.empty())
        throw Problem(problems::invalid_input,
                      fmt::format("{} does not hold the rows of {}.", file, fmt::join(missing, ", ")));
    const db::ArchiveReading reading = db::read_archive(file);
    if (reading == db::ArchiveReading::damaged)
        throw Problem(problems::invalid_input,
                      fmt::format("{} cannot be restored: `pg_restore --file=/dev/null` does not read it to "
                                  "its end. Dump again, with a pg_dump no newer than pg_restore.",
                                  file));
    const std::string holds =
        fmt::format("{} holds all {} tables ({}", file, tables.size(), render_size(file));
    return report(arguments, console, file,
                  reading == db::ArchiveReading::whole
                      ? holds + "), and pg_restore read it to its end."
                      : holds +
                            "), says its list of contents. pg_restore is not installed here: whether the "
                            "rows behind it are whole was not looked at.");
}

int run_backup(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const Config config = need_config(self, arguments, console);
    if (!config.database.is_embedded()) return check_postgres_backup(config, arguments, console);
    const std::string file = need_file(arguments);
    const std::string database = DataFolder::database_path(config.data.dir);
    if (!std::filesystem::exists(database))
        throw Problem(problems::invalid_input, "There is no database in " + config.data.dir + ".");
    db::backup_sqlite(database, file, show_progress(arguments, console));
    return report(arguments, console, file,
                  fmt::format("{} holds the database, checked ({}).", file, render_size(file)));
}

// What pg_restore made: whether the program can serve from it.
int check_postgres_restore(const Config& config, const Arguments& arguments, Console& console) {
    const auto admin = open_admin(config.database);
    if (db::read_catalogue(*admin).tables.empty())
        throw Problem(
            problems::invalid_input,
            fmt::format("PostgreSQL is restored by its own tool, into an empty database. Run "
                        "`pg_restore --exit-on-error --no-owner --dbname=\"$DATABASE_URL\" {}`, then "
                        "this again: it checks the result.",
                        need_file(arguments)));
    const auto state = db::read_schema_state(*admin, db::embedded_migrations(db::EngineKind::postgres));
    std::vector<std::string> faults;
    for (const db::SchemaFault& fault : state.faults) faults.push_back(fault.sentence);
    if (!state.is_current() && faults.empty())
        faults.push_back("The schema is not this program's; see `lodestone migrate status`.");
    for (const db::StatementFault& fault : db::check_statements(*admin))
        faults.push_back(fault.statement + ": " + fault.sentence);
    report_faults(faults, arguments.has("--json"), console);
    return faults.empty() ? 0 : failed;
}

// Before it is anybody's database: that this program made it, or an older one.
void check_restored(const std::string& backup, const std::string& copy) {
    const auto admin = db::open_sqlite_admin(copy);
    if (db::list_history(*admin).empty())
        throw Problem(problems::invalid_input,
                      backup + " is not a backup of Lodestone: it has no history of migrations.");
    const db::MigrationSet& set = db::embedded_migrations(db::EngineKind::sqlite);
    db::refuse_unless_sound(db::read_schema_state(*admin, set), set);
}

int run_restore(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const Config config = need_config(self, arguments, console);
    if (!config.database.is_embedded()) return check_postgres_restore(config, arguments, console);
    const std::string file = need_file(arguments);
    const DataFolder folder(config.data.dir);  // ours alone: no server runs
    db::restore_sqlite(file, folder.database_path(),
                       {.progress = show_progress(arguments, console),
                        .check = [&file](const std::string& copy) { check_restored(file, copy); }});
    return report(arguments, console, file,
                  fmt::format("{} has the database from {}, checked.", config.data.dir, file));
}

CommandSpec make_copy_command(std::string name, std::string about, decltype(CommandSpec::run) run) {
    std::vector<OptionSpec> options = make_config_options();
    options.push_back(make_json_option());
    return {.name = std::move(name),
            .about = std::move(about),
            .options = std::move(options),
            .operands = {{"FILE", "The copy.", {}}},
            .run = run};
}

}  // namespace

CommandSpec make_backup_command() {
    CommandSpec backup =
        make_copy_command("backup", "Copy the database, also while a server runs", run_backup);
    backup.details =
        "The embedded database is copied as it is at one moment and checked; an older FILE is replaced only "
        "by "
        "a whole copy. For PostgreSQL it names the tool to use, and checks what that wrote.";
    backup.examples = {{"lodestone backup --data /var/lib/lodestone /backup/lodestone.db", "Every night"}};
    return backup;
}

CommandSpec make_restore_command() {
    CommandSpec restore = make_copy_command("restore", "Put a copy of the database back", run_restore);
    restore.details =
        "Needs a data folder without a database, and no server that runs on it; a copy that is not whole is "
        "refused. For PostgreSQL it names the tool to use, and checks what that made.";
    restore.examples = {{"lodestone restore --data /var/lib/lodestone /backup/lodestone.db",
                         "After moving the damaged files away"}};
    return restore;
}

}  // namespace lodestone::app
