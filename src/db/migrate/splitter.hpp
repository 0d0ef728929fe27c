// A file of SQL as its statements. Semicolons inside quotes, dollar quotes, comments, parentheses, trigger
// bodies and SQL functions end nothing.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "db/statement.hpp"

namespace lodestone::db {

struct SqlStatement {
    std::string_view text;  // from its first word to its last, without the semicolon
    std::size_t line = 1;   // of its first word
    bool operator==(const SqlStatement&) const = default;
};

// The statements are views into `text`. Throws Problem(invalid_input) that names the line of what never ends,
// and of what cannot run from a file: COPY, and psql's own commands.
std::vector<SqlStatement> split_statements(std::string_view text, EngineKind engine);

}  // namespace lodestone::db
