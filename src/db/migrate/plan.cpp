// Which lock PostgreSQL takes for what: https://www.postgresql.org/docs/current/explicit-locking.html
#include "db/migrate/plan.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace lodestone::db {

namespace {

enum class Lock {
    none,
    access_share,
    row_exclusive,
    share_update_exclusive,
    share,
    share_row_exclusive,
    access_exclusive
};

struct LockMeaning {
    std::string_view name;
    std::string_view effect;
};
constexpr LockMeaning meanings[] = {
    {"none", ""},
    {"ACCESS SHARE", "nobody waits"},
    {"ROW EXCLUSIVE", "nobody waits but for the rows themselves"},
    {"SHARE UPDATE EXCLUSIVE", "reading and writing go on"},
    {"SHARE", "reading goes on, writing waits"},
    {"SHARE ROW EXCLUSIVE", "reading goes on, writing waits"},
    {"ACCESS EXCLUSIVE", "nobody reads or writes"},
};

Lock lock_of_action(Tokens action) {
    if (begins_with(action, {"VALIDATE"}) || contains(action, {"SET", "STATISTICS"}) ||
        begins_with(action, {"CLUSTER"}))
        return Lock::share_update_exclusive;
    if (begins_with(action, {"ADD"}) && contains(action, {"FOREIGN", "KEY"}))
        return Lock::share_row_exclusive;
    return Lock::access_exclusive;
}

Lock lock_of(const SqlShape& shape) {
    const bool is_concurrent = shape.has({"CONCURRENTLY"});
    if (shape.is_create_index()) return is_concurrent ? Lock::share_update_exclusive : Lock::share;
    if (shape.begins({"REINDEX"}))
        return is_concurrent ? Lock::share_update_exclusive : Lock::access_exclusive;
    if (shape.begins({"DROP"})) return is_concurrent ? Lock::share_update_exclusive : Lock::access_exclusive;
    if (shape.begins({"CREATE"}) && shape.has({"TRIGGER"})) return Lock::share_row_exclusive;
    if (shape.begins({"ALTER", "TABLE"})) {
        Lock strongest = Lock::none;
        for (const Tokens action : shape.actions) strongest = std::max(strongest, lock_of_action(action));
        return strongest;
    }
    if (shape.begins({"CREATE"})) return Lock::none;
    if (shape.begins({"INSERT"}) || shape.begins({"UPDATE"}) || shape.begins({"DELETE"}))
        return Lock::row_exclusive;
    if (shape.begins({"SELECT"}) || shape.begins({"WITH"})) return Lock::access_share;
    if (shape.begins({"COMMENT"}) || shape.begins({"ANALYZE"})) return Lock::share_update_exclusive;
    if (shape.begins({"VACUUM"}))
        return shape.has({"FULL"}) ? Lock::access_exclusive : Lock::share_update_exclusive;
    const bool is_harmless = shape.begins({"SET"}) || shape.begins({"GRANT"}) || shape.begins({"REVOKE"});
    return is_harmless ? Lock::none : Lock::access_exclusive;
}

// What the table will refer to.
std::vector<std::string> list_referenced(const SqlShape& shape) {
    std::vector<std::string> tables;
    for (std::size_t at = 0; at + 1 < shape.tokens.size(); ++at) {
        if (!shape.tokens[at].is_word("REFERENCES")) continue;
        const std::string table = name_of(shape.tokens[at + 1]);
        if (table != shape.table && std::ranges::find(tables, table) == tables.end()) tables.push_back(table);
    }
    return tables;
}

std::string render(Lock lock, const std::string& table) {
    const LockMeaning& meaning = meanings[static_cast<std::size_t>(lock)];
    return fmt::format("{} on {}: {}", meaning.name, table.empty() ? "what it names" : table, meaning.effect);
}

}  // namespace

std::string describe_locks(const SqlShape& shape) {
    if (shape.engine == EngineKind::sqlite)
        return "the database's write lock: reading goes on, writing waits";
    const Lock lock = lock_of(shape);
    std::string text = lock == Lock::none ? "" : render(lock, shape.table);
    for (const std::string& table : list_referenced(shape))
        text += (text.empty() ? "" : "; ") + render(Lock::share_row_exclusive, table);
    return text.empty() ? "none that others wait for" : text;
}

std::vector<PlannedStep> plan_migration(const MigrationSet& set, const SchemaState& state,
                                        std::optional<std::int64_t> target) {
    std::vector<PlannedStep> plan;
    for (const MigrationStep& step : list_steps(set, state, target)) {
        PlannedStep& planned = plan.emplace_back();
        planned.file = step.script->file;
        planned.direction = step.direction == Direction::up ? "up" : "down";
        planned.is_transactional = step.script->is_transactional;
        for (const SqlStatement& statement : step.script->statements())
            planned.statements.push_back(
                {std::string(statement.text), describe_locks(shape_of(statement, set.engine))});
    }
    return plan;
}

}  // namespace lodestone::db
