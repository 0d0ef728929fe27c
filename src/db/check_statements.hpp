// Whether the program's statements fit a schema: each is prepared, and its columns are compared with what the
// struct wants that they fill.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "db/admin_connection.hpp"

namespace lodestone::db {

struct StatementFault {
    std::string statement;  // its name
    std::string sentence;
};

// Finds what the schema cannot do, columns that are not there, have another kind, or may be null where the
// struct has no place for that. SQLite does not tell the kind of an expression; PostgreSQL does.
std::vector<StatementFault> check_statements(AdminConnection& admin,
                                             std::span<const Statement* const> statements = Statement::all());

}  // namespace lodestone::db
