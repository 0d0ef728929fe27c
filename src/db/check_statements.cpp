// Prepares and compares, statement by statement.
#include "db/check_statements.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "base/problem.hpp"

namespace lodestone::db {

namespace {

std::string_view name_of(Kind kind) {
    constexpr std::string_view names[] = {"null", "a boolean", "an integer", "a real", "a text", "bytes"};
    return names[static_cast<std::size_t>(kind)];
}

// SQLite has no booleans of its own.
bool fits(EngineKind engine, Kind wanted, Kind found) {
    return wanted == found ||
           (engine == EngineKind::sqlite && wanted == Kind::boolean && found == Kind::integer);
}

std::string find_fault(EngineKind engine, const ColumnType& wanted, std::span<const PreparedColumn> found) {
    if (wanted.name.empty() && found.size() != 1)
        return fmt::format("answers with {} columns where one value is wanted", found.size());
    const auto column =
        wanted.name.empty() ? found.begin() : std::ranges::find(found, wanted.name, &PreparedColumn::name);
    if (column == found.end()) return fmt::format("has no column {}", wanted.name);
    if (!column->kind && engine == EngineKind::postgres)
        return fmt::format("column {} has a type that is none of ours; cast it", column->name);
    if (column->kind && !fits(engine, wanted.kind, *column->kind))
        return fmt::format("column {} is {}, and {} is wanted", column->name, name_of(*column->kind),
                           name_of(wanted.kind));
    if (column->is_nullable.value_or(false) && !wanted.is_nullable)
        return fmt::format("column {} may be null, and nothing is there to hold that", column->name);
    return {};
}

}  // namespace

std::vector<StatementFault> check_statements(AdminConnection& admin,
                                             std::span<const Statement* const> statements) {
    std::vector<StatementFault> faults;
    for (const Statement* statement : statements) {
        std::vector<PreparedColumn> columns;
        const auto refusal = find_problem(
            [&] { columns = admin.describe(statement->sql(admin.engine()), statement->parameters()); });
        if (refusal) {
            faults.push_back({std::string(statement->name()), *refusal});
            continue;
        }
        for (const ColumnType& wanted : statement->columns()) {
            std::string fault = find_fault(admin.engine(), wanted, columns);
            if (!fault.empty()) faults.push_back({std::string(statement->name()), std::move(fault)});
        }
    }
    return faults;
}

}  // namespace lodestone::db
