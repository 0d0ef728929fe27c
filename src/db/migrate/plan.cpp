// Which lock PostgreSQL takes for what: https://www.postgresql.org/docs/current/explicit-locking.html
#include "db/migrate/plan.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace lodestone::db {

namespace {

enum class Lock {
    none,
    access_share,
    row_share,
    row_exclusive,
    share_update_exclusive,
    share,
    share_row_exclusive,
    exclusive,
    access_exclusive
};

struct LockMeaning {
    std::string_view name;
    std::string_view effect;
};
constexpr LockMeaning meanings[] = {
    {"none", ""},
    {"ACCESS SHARE", "nobody waits"},
    {"ROW SHARE", "nobody waits but for the rows themselves"},
    {"ROW EXCLUSIVE", "nobody waits but for the rows themselves"},
    {"SHARE UPDATE EXCLUSIVE", "reading and writing go on"},
    {"SHARE", "reading goes on, writing waits"},
    {"SHARE ROW EXCLUSIVE", "reading goes on, writing waits"},
    {"EXCLUSIVE", "reading goes on, writing waits"},
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

// Behind CREATE, and OR REPLACE.
bool creates(const SqlShape& shape, std::string_view what) {
    return shape.begins({"CREATE", what}) || shape.begins({"CREATE", "OR", "REPLACE", what});
}

// What is made anew locks nobody out, but where it changes something that is there.
Lock lock_of_making(const SqlShape& shape) {
    if (shape.is_create_index())
        return shape.has({"CONCURRENTLY"}) ? Lock::share_update_exclusive : Lock::share;
    if (creates(shape, "TRIGGER") || shape.begins({"CREATE", "CONSTRAINT", "TRIGGER"}))
        return Lock::share_row_exclusive;
    if (creates(shape, "POLICY") || creates(shape, "RULE") ||
        shape.begins({"CREATE", "OR", "REPLACE", "VIEW"}))
        return Lock::access_exclusive;
    if (shape.begins({"CREATE", "STATISTICS"})) return Lock::share_update_exclusive;
    return Lock::none;
}

// Rows that are read to be changed, or kept from being.
bool locks_rows(const SqlShape& shape) {
    return shape.has({"FOR", "UPDATE"}) || shape.has({"FOR", "SHARE"}) ||
           shape.has({"FOR", "KEY", "SHARE"}) || shape.has({"FOR", "NO", "KEY", "UPDATE"});
}

Lock lock_of(const SqlShape& shape) {
    const bool is_concurrent = shape.has({"CONCURRENTLY"});
    if (shape.begins({"CREATE"})) return lock_of_making(shape);
    if (shape.begins({"REINDEX"}) || shape.begins({"DROP"}))
        return is_concurrent ? Lock::share_update_exclusive : Lock::access_exclusive;
    if (shape.begins({"REFRESH"})) return is_concurrent ? Lock::exclusive : Lock::access_exclusive;
    if (shape.begins({"ALTER", "TABLE"})) {
        Lock strongest = Lock::none;
        for (const Tokens action : shape.actions) strongest = std::max(strongest, lock_of_action(action));
        return strongest;
    }
    if (shape.begins({"INSERT"}) || shape.begins({"UPDATE"}) || shape.begins({"DELETE"}) ||
        shape.begins({"MERGE"}))
        return Lock::row_exclusive;
    if (shape.begins({"SELECT"}) || shape.begins({"WITH"}))
        return locks_rows(shape) ? Lock::row_share : Lock::access_share;
    if (shape.begins({"COMMENT"}) || shape.begins({"ANALYZE"})) return Lock::share_update_exclusive;
    if (shape.begins({"VACUUM"}))
        return shape.has({"FULL"}) ? Lock::access_exclusive : Lock::share_update_exclusive;
    const bool is_harmless = shape.begins({"SET"}) || shape.begins({"GRANT"}) || shape.begins({"REVOKE"});
    return is_harmless ? Lock::none : Lock::access_exclusive;
}

using TableLock = std::pair<Lock, std::string>;

void add_once(std::vector<TableLock>& locks, Lock lock, std::string table) {
    TableLock added{lock, std::move(table)};
    if (std::ranges::find(locks, added) == locks.end()) locks.push_back(std::move(added));
}

// What a WITH writes to, in any of its parts.
void add_written(std::vector<TableLock>& locks, const SqlShape& shape) {
    for (std::size_t at = 0; at + 2 < shape.tokens.size(); ++at) {
        const Tokens rest = Tokens(shape.tokens).subspan(at);
        std::size_t name = 0;
        if (begins_with(rest, {"INSERT", "INTO"}) || begins_with(rest, {"DELETE", "FROM"}) ||
            begins_with(rest, {"MERGE", "INTO"}))
            name = 2;
        // Not that of FOR UPDATE, nor of ON CONFLICT DO UPDATE: a statement begins, or a parenthesis.
        else if (begins_with(rest, {"UPDATE"}) && at > 0 &&
                 (shape.tokens[at - 1].is_sign('(') || shape.tokens[at - 1].is_sign(')')))
            name = 1;
        if (name == 0) continue;
        if (rest[name].is_word("ONLY") && name + 1 < rest.size()) ++name;
        while (name + 2 < rest.size() && rest[name + 1].is_sign('.')) name += 2;
        add_once(locks, Lock::row_exclusive, name_of(rest[name]));
    }
}

// What a table will refer to, and what it will be a part of.
void add_referenced(std::vector<TableLock>& locks, const SqlShape& shape) {
    for (std::size_t at = 0; at + 1 < shape.tokens.size(); ++at) {
        const std::string table = name_of(shape.tokens[at + 1]);
        if (shape.tokens[at].is_word("REFERENCES") && table != shape.table)
            add_once(locks, Lock::share_row_exclusive, table);
        const bool is_part = shape.is_create_table() && at + 2 < shape.tokens.size() &&
                             begins_with(Tokens(shape.tokens).subspan(at), {"PARTITION", "OF"});
        if (is_part) add_once(locks, Lock::access_exclusive, name_of(shape.tokens[at + 2]));
    }
}

std::string render(Lock lock, const std::string& table) {
    const LockMeaning& meaning = meanings[static_cast<std::size_t>(lock)];
    return fmt::format("{} on {}: {}", meaning.name, table.empty() ? "what it names" : table, meaning.effect);
}

}  // namespace

std::string describe_locks(const SqlShape& shape) {
    if (shape.engine == EngineKind::sqlite)
        return "the database's write lock: reading goes on, writing waits";
    std::vector<TableLock> locks;
    if (shape.begins({"WITH"})) add_written(locks, shape);
    if (const Lock lock = lock_of(shape); lock != Lock::none && locks.empty())
        locks.push_back({lock, shape.table});
    add_referenced(locks, shape);
    std::string text;
    for (const auto& [lock, table] : locks) text += (text.empty() ? "" : "; ") + render(lock, table);
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
