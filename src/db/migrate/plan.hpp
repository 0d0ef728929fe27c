// What a migration would do, without doing it: every statement, and whom it keeps waiting.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "db/migrate/sql_shape.hpp"
#include "db/migrate/steps.hpp"

namespace lodestone::db {

struct PlannedStatement {
    std::string sql;
    std::string locks;  // "ACCESS EXCLUSIVE on tenants: nobody reads or writes"
};

struct PlannedStep {
    std::string file;
    std::string direction;
    bool is_transactional = true;
    std::vector<PlannedStatement> statements;
};

std::string describe_locks(const SqlShape& shape);

// Throws as list_steps() does.
std::vector<PlannedStep> plan_migration(const MigrationSet& set, const SchemaState& state,
                                        std::optional<std::int64_t> target);

}  // namespace lodestone::db
