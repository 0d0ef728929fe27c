// Looks for what hurts a database in use, or the people after us: long locks, rewritten tables, scans under a
// lock, lost data, types that turn out too small. A file may say why it is all right nevertheless:
//
//     -- lodestone: lint-ignore drop-column because nothing has read it since 0.3
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/migrate/migration_set.hpp"
#include "db/migrate/sql_shape.hpp"

namespace lodestone::db {

struct LintFault {
    std::string rule;
    std::string file;
    std::size_t line = 0;
    std::string sentence;  // what is wrong and what to do instead
};

// What a rule sees besides the statement.
struct LintSetting {
    const Script& script;
    bool is_down = false;       // a way back may drop what the way there made
    bool is_own_table = false;  // made by the same file: nobody uses it yet
};

struct LintRule {
    std::string_view name;
    std::string_view sentence;
    bool (*breaks)(const SqlShape& shape, const LintSetting& setting);
};

std::span<const LintRule> lint_rules();

std::vector<LintFault> lint(const MigrationSet& set);
std::vector<LintFault> lint(const Script& script, bool is_down);

}  // namespace lodestone::db
