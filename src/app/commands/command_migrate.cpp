// `lodestone migrate …`: changes the schema, tells where it stands, and looks after the files that do it.
#include <fmt/core.h>

#include <charconv>
#include <filesystem>
#include <fstream>

#include "app/commands/command_list.hpp"
#include "app/commands/migrate_report.hpp"
#include "app/commands/migrate_target.hpp"
#include "base/problem.hpp"
#include "db/check_statements.hpp"

namespace lodestone::app {
namespace {

constexpr int failed = 1;

// A whole number of at least `least`; nothing when it was not given.
std::optional<std::int64_t> find_number(const Arguments& arguments, std::string_view name,
                                        std::int64_t least) {
    if (!arguments.has(name)) return std::nullopt;
    const std::string text = arguments.last(name);
    std::int64_t number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc() || end != text.data() + text.size() || number < least)
        throw WrongUsage(fmt::format("{} is a number of at least {}.", name, least));
    return number;
}

std::int64_t need_number(const Arguments& arguments, std::string_view name, std::int64_t least) {
    const auto number = find_number(arguments, name, least);
    if (!number) throw WrongUsage(fmt::format("Say which {}.", name));
    return *number;
}

// Opens the database to change it, and tells what was done, also of a run that ends early: each step as it
// ends, which is all the progress there is to show, for a single statement of DDL does not say how far it is.
template <class Change>
int change(const CommandSpec& self, const Arguments& arguments, Console& console, Change run) {
    MigrateTarget target = open_migrate_target(self, arguments, console, MigrateAccess::write);
    const bool as_json = arguments.has("--json");
    std::vector<db::HistoryEntry> done;
    target.options.report = [&](const db::MigrationStep& step, const db::HistoryEntry& entry) {
        done.push_back(entry);
        if (!as_json)
            console.out << step.script->file << " done in " << entry.duration_ms << " ms" << std::endl;
    };
    db::Migrator migrator(*target.admin, target.set(), target.options);
    bool was_told = false;
    const auto fault = find_problem([&] {
        auto entries = run(migrator);
        was_told = !done.empty();
        done = std::move(entries);
    });
    if (as_json || (!was_told && !fault)) report_entries(done, fault, as_json, console);
    if (fault) console.complain(*fault);
    return fault ? failed : 0;
}

int run_up(const CommandSpec& self, const Arguments& arguments, Console& console) {
    return change(self, arguments, console, [](db::Migrator& migrator) { return migrator.up(); });
}

int run_down(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const auto count = static_cast<std::size_t>(find_number(arguments, "COUNT", 1).value_or(1));
    return change(self, arguments, console, [count](db::Migrator& migrator) { return migrator.down(count); });
}

int run_to(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const std::int64_t version = need_number(arguments, "VERSION", 0);
    return change(self, arguments, console,
                  [version](db::Migrator& migrator) { return migrator.to(version); });
}

int run_redo(const CommandSpec& self, const Arguments& arguments, Console& console) {
    return change(self, arguments, console, [](db::Migrator& migrator) { return migrator.redo(); });
}

int run_baseline(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const std::int64_t version = need_number(arguments, "VERSION", 1);
    return change(self, arguments, console,
                  [version](db::Migrator& migrator) { return migrator.baseline(version); });
}

int run_repair(const CommandSpec& self, const Arguments& arguments, Console& console) {
    return change(self, arguments, console, [](db::Migrator& migrator) { return migrator.repair(); });
}

int run_status(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const MigrateTarget target = open_migrate_target(self, arguments, console, MigrateAccess::read);
    const db::SchemaState state = db::read_schema_state(*target.admin, target.set());
    report_status(target.set(), state, arguments.has("--json"), console);
    return state.is_current() ? 0 : failed;
}

int run_plan(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const MigrateTarget target = open_migrate_target(self, arguments, console, MigrateAccess::read);
    const db::SchemaState state = db::read_schema_state(*target.admin, target.set());
    const auto plan = db::plan_migration(target.set(), state, find_number(arguments, "VERSION", 0));
    report_plan(plan, arguments.has("--json"), console);
    return 0;
}

int run_verify(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const MigrateTarget target = open_migrate_target(self, arguments, console, MigrateAccess::read);
    const db::SchemaState state = db::read_schema_state(*target.admin, target.set());
    std::vector<std::string> faults;
    for (const db::SchemaFault& fault : state.faults) faults.push_back(fault.sentence);
    if (!state.is_current() && faults.empty())
        faults.push_back(fmt::format("The schema is {}; see `lodestone migrate status`.", state_name(state)));
    for (const db::StatementFault& fault : db::check_statements(*target.admin))
        faults.push_back(fault.statement + ": " + fault.sentence);
    report_faults(faults, arguments.has("--json"), console);
    return faults.empty() ? 0 : failed;
}

int run_lint(const CommandSpec&, const Arguments& arguments, Console& console) {
    const auto files = list_migration_files(arguments);
    std::vector<db::LintFault> faults;
    for (const db::EngineKind engine : {db::EngineKind::sqlite, db::EngineKind::postgres}) {
        const auto more = db::lint(db::make_migration_set(files, engine));
        faults.insert(faults.end(), more.begin(), more.end());
    }
    report_lint(faults, arguments.has("--json"), console);
    return faults.empty() ? 0 : failed;
}

int run_dump(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const MigrateTarget target = open_migrate_target(self, arguments, console, MigrateAccess::read);
    report_dump(db::dump_schema(*target.admin), arguments.has("--json"), console);
    return 0;
}

int run_drift(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const MigrateTarget target = open_migrate_target(self, arguments, console, MigrateAccess::read);
    const db::CatalogueDifference drift = db::find_drift(*target.admin, target.set());
    report_drift(drift, arguments.has("--json"), console);
    return drift.is_empty() ? 0 : failed;
}

void write_new_file(const std::string& path, std::string_view text) {
    if (std::filesystem::exists(path)) throw Problem(problems::conflict, path + " is there already.");
    std::ofstream file(path, std::ios::binary);
    file << text;
    if (!file.flush()) throw Problem(problems::invalid_input, path + " cannot be written.");
}

int run_create(const CommandSpec&, const Arguments& arguments, Console& console) {
    const std::string folder = arguments.last("--migrations", "migrations");
    const std::string name = arguments.last("NAME");
    if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != name.npos)
        throw WrongUsage("NAME is made of small letters, digits and underscores.");
    const auto set = db::make_migration_set(db::read_migration_folder(folder), db::EngineKind::sqlite);
    const std::int64_t version = set.versions.empty() ? 1 : set.versions.back().version + 1;
    std::vector<std::string> made;
    for (const char* part : {".sqlite.up.sql", ".postgres.up.sql", ".down.sql"}) {
        const std::string path = fmt::format("{}/{:04}_{}{}", folder, version, name, part);
        write_new_file(path, "-- What for, and why like this.\n");
        made.push_back(path);
    }
    report_files(made, arguments.has("--json"), console);
    return 0;
}

struct CommandText {
    std::string name;
    std::string about;
    Example example;
};

CommandSpec make_command(CommandText text, decltype(CommandSpec::run) run) {
    return {.name = std::move(text.name),
            .about = std::move(text.about),
            .options = make_migrate_options(),
            .examples = {std::move(text.example)},
            .run = run};
}

CommandSpec with_operand(CommandSpec command, std::string name, std::string about) {
    command.operands.push_back({std::move(name), std::move(about), {}});
    return command;
}

std::vector<CommandSpec> make_change_commands() {
    return {make_command(
                {"up", "Apply what is pending", {"lodestone migrate up", "Before the new version serves"}},
                run_up),
            with_operand(make_command({"down",
                                       "Take back the newest migration, or several",
                                       {"lodestone migrate down 2", "The newest two"}},
                                      run_down),
                         "COUNT", "How many; one without it."),
            with_operand(make_command({"to",
                                       "Go up or down to a version",
                                       {"lodestone migrate to 12", "Where an older program was"}},
                                      run_to),
                         "VERSION", "0 is the empty schema."),
            make_command({"redo",
                          "Take back the newest migration and apply it again",
                          {"lodestone migrate redo --migrations migrations", "While writing it"}},
                         run_redo),
            with_operand(
                make_command({"baseline",
                              "Say that a schema is there already, up to a version",
                              {"lodestone migrate baseline 12", "After loading a dump without its history"}},
                             run_baseline),
                "VERSION", "The newest version whose tables are there."),
            make_command(
                {"repair",
                 "Agree to applied files that were changed, renamed or removed",
                 {"lodestone migrate repair", "After `status` told what was changed, and it was meant so"}},
                run_repair)};
}

std::vector<CommandSpec> make_look_commands() {
    return {make_command({"status",
                          "List what is applied, pending, ahead or diverged; exit code 1 unless current",
                          {"lodestone migrate status --json", "For a script that deploys"}},
                         run_status),
            with_operand(make_command({"plan",
                                       "Print the SQL that would run, and its locks",
                                       {"lodestone migrate plan 11", "What going down to 11 would do"}},
                                      run_plan),
                         "VERSION", "Where to; the newest without it."),
            make_command({"verify",
                          "Check history, schema and every statement of the program",
                          {"lodestone migrate verify", "After restoring a backup"}},
                         run_verify),
            make_command({"drift",
                          "Compare the schema with what its migrations make",
                          {"lodestone migrate drift", "Whether somebody changed it by hand"}},
                         run_drift),
            make_command(
                {"dump", "Print the schema as SQL", {"lodestone migrate dump", "All tables and indexes"}},
                run_dump)};
}

std::vector<CommandSpec> make_file_commands() {
    return {with_operand(
                make_command({"create",
                              "Write the files of a new migration",
                              {"lodestone migrate create add_labels", "The next number in ./migrations"}},
                             run_create),
                "NAME", "Small letters, digits and underscores."),
            make_command({"lint",
                          "Look for dangerous DDL in the files",
                          {"lodestone migrate lint --migrations migrations", "Before a commit"}},
                         run_lint)};
}

}  // namespace

CommandSpec make_migrate_command() {
    CommandSpec migrate{
        .name = "migrate",
        .about = "Change the database's schema, and tell where it stands",
        .details =
            "Works on the database that `serve` would use with the same settings: PostgreSQL "
            "when database.url is set, else the SQLite file in the data folder. See "
            "docs/user/migrations.md.",
        .examples = {
            {"lodestone migrate status --data /var/lib/lodestone", "What is applied, what is pending"},
            {"lodestone migrate plan", "The SQL that `up` would run, and whom it keeps waiting"}}};
    for (auto part : {make_change_commands, make_look_commands, make_file_commands})
        for (CommandSpec& command : part()) migrate.commands.push_back(std::move(command));
    return migrate;
}

}  // namespace lodestone::app
