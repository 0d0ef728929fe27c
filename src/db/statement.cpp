// The list of all statements, filled while the program starts: one thread, before main().
#include "db/statement.hpp"

#include <utility>

namespace lodestone::db {

namespace {

// Made on first use, since statements of other files are made in no particular order.
std::vector<const Statement*>& list() {
    static std::vector<const Statement*> statements;
    return statements;
}

}  // namespace

Statement::Statement(std::string_view name, Sql sql, std::vector<Kind> parameters,
                     std::vector<ColumnType> columns)
    : name_(name),
      sql_(sql),
      parameters_(std::move(parameters)),
      columns_(std::move(columns)),
      index_(list().size()) {
    list().push_back(this);
}

std::span<const Statement* const> Statement::all() {
    return list();
}

}  // namespace lodestone::db
