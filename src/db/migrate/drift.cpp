// The scratch schema, and the comparison.
#include "db/migrate/drift.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/problem.hpp"
#include "db/migrate/history.hpp"
#include "db/migrate/migration_lock.hpp"
#include "db/migrate/sql_shape.hpp"
#include "db/migrate/steps.hpp"
#include "db/migrate/transaction.hpp"

namespace lodestone::db {

namespace {

// The files that the database has been through, and no others.
MigrationSet applied_part(const MigrationSet& set, const SchemaState& state) {
    MigrationSet part = set;
    part.whole.reset();  // what each version makes is what is asked
    std::erase_if(part.versions, [&](const Migration& one) { return one.version > state.version(); });
    std::erase_if(part.repeatables, [&](const Repeatable& one) {
        return std::ranges::find(state.due, one.name) != state.due.end();
    });
    return part;
}

// Nothing but itself is on the search path: a DROP VIEW IF EXISTS must not find the real one. It lives in a
// transaction that is never committed: whatever a statement does, to whomever, it is as if it had not.
class ScratchSchema {
  public:
    explicit ScratchSchema(AdminConnection& admin) : transaction_(admin) {
        const std::string name =
            "lodestone_drift_" + admin.list_rows("SELECT pg_backend_pid()").at(0).at(0).value();
        const auto timeout = std::chrono::milliseconds(limits::migration_lock_timeout).count();
        const std::string settings[] = {std::to_string(timeout), name};
        admin.run("CREATE SCHEMA " + name);
        admin.list_rows("SELECT set_config('lock_timeout', $1, true), set_config('search_path', $2, true)",
                        settings);
    }

  private:
    AdminTransaction transaction_;
};

// As it can be run inside a transaction, with the same catalogue in the end: on tables without rows and
// without users nothing has to be CONCURRENTLY. Empty when the catalogue does not change at all.
std::string inside_transaction(const Script& script, const SqlStatement& statement) {
    std::string text(statement.text);
    if (script.is_transactional) return text;
    const SqlShape shape = shape_of(statement, script.engine);
    if (shape.begins({"VACUUM"}) || shape.begins({"REINDEX"})) return {};
    const auto found =
        std::ranges::find_if(shape.tokens, [](const Token& token) { return token.is_word("CONCURRENTLY"); });
    if (found != shape.tokens.end()) text.erase(found->offset, found->text.size());
    return text;
}

// What no migration makes is none of theirs to miss: where servers have no locks, the runner makes a table.
std::vector<std::string> facts_of(AdminConnection& admin) {
    Catalogue catalogue = read_catalogue(admin);
    std::erase_if(catalogue.tables, [](const CatalogueTable& table) { return table.name == lease_table; });
    return list_facts(catalogue, FactScope::one_engine);
}

std::vector<std::string> facts_in_memory(const MigrationSet& set) {
    const auto empty = open_sqlite_admin(":memory:");
    Migrator(*empty, set).up();
    return facts_of(*empty);
}

std::vector<std::string> facts_in_scratch(AdminConnection& admin, const MigrationSet& set) {
    const ScratchSchema scratch(admin);
    make_history(admin);
    for (const MigrationStep& step : list_steps(set, compare_with_history(set, {}), std::nullopt)) {
        for (const SqlStatement& statement : step.script->statements()) {
            const std::string text = inside_transaction(*step.script, statement);
            if (!text.empty()) admin.run(text);
        }
    }
    return facts_of(admin);
}

}  // namespace

CatalogueDifference find_drift(AdminConnection& admin, const MigrationSet& set) {
    if (!admin.capabilities().has_transactional_ddl)
        throw Problem(
            problems::conflict,
            "This server cannot take DDL back, and drift would leave its scratch schema behind: compare "
            "`lodestone migrate dump` with that of another database.");
    const SchemaState state = read_schema_state(admin, set);
    refuse_unless_sound(state, set);
    const MigrationSet part = applied_part(set, state);
    const auto found = facts_of(admin);
    if (part.versions.empty()) return compare_facts({}, found);
    if (admin.engine() == EngineKind::sqlite) return compare_facts(facts_in_memory(part), found);
    return compare_facts(facts_in_scratch(admin, part), found);
}

}  // namespace lodestone::db
