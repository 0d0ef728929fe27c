// The policies, and what is said when one of them forbids to serve.
#include "db/migrate/check_schema.hpp"

#include <fmt/core.h>

#include "base/problem.hpp"

namespace lodestone::db {

namespace {

std::string describe_pending(const SchemaState& state, const MigrationSet& set) {
    std::string files;
    const auto add = [&files](const std::string& file) { files += (files.empty() ? "" : ", ") + file; };
    for (const std::int64_t version : state.pending) add(set.find(version)->up.file);
    for (const std::string& name : state.due) add(set.find(name)->up.file);
    return files;
}

}  // namespace

std::string_view policy_name(MigrationPolicy policy) {
    if (policy == MigrationPolicy::automatic) return "auto";
    return policy == MigrationPolicy::check ? "check" : "off";
}

SchemaState check_schema(AdminConnection& admin, const MigrationSet& set, MigrationPolicy policy,
                         const MigrateOptions& options) {
    if (policy == MigrationPolicy::automatic) Migrator(admin, set, options).up();
    SchemaState state = read_schema_state(admin, set);
    if (policy == MigrationPolicy::off) return state;
    refuse_unless_sound(state, set);
    if (state.unfinished)
        throw Problem(
            problems::unavailable,
            fmt::format("Migration {} was interrupted: run `lodestone migrate up`, which goes on after "
                        "its statement {}.",
                        label_of(*state.unfinished), state.unfinished->statement_index));
    if (!state.is_current())
        throw Problem(
            problems::unavailable,
            fmt::format(
                "The database's schema is behind this program: {} not applied yet. Run "
                "`lodestone migrate up`, or let the server do it with database.migrations = \"auto\".",
                describe_pending(state, set)));
    return state;
}

SchemaState check_schema(AdminConnection& admin, MigrationPolicy policy, const MigrateOptions& options) {
    return check_schema(admin, embedded_migrations(admin.engine()), policy, options);
}

}  // namespace lodestone::db
