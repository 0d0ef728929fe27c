// SQL with a name, written in full beside the struct that it fills, and known to the program as a whole:
// every statement is prepared against both schemas in a test, and its columns are compared with the struct.
//
//     const db::Query<Tenant, TenantId> find_by_id{
//         "tenant.find", "SELECT id, name FROM tenants WHERE id = $1 AND deleted_at IS NULL"};
//     std::optional<Tenant> tenant = tx.maybe(find_by_id, id);
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/value.hpp"

namespace lodestone::db {

enum class EngineKind : std::uint8_t { sqlite, postgres };

// What a row of the answer must offer: a column of this name and kind.
struct ColumnType {
    std::string_view name;  // empty: a single value, whatever its name
    Kind kind;
    bool is_nullable;
};

// The same SQL for both engines, or one text each where they must differ. Parameters are $1, $2 …
struct Sql {
    std::string_view postgres;
    std::string_view sqlite;
    // NOLINTNEXTLINE(google-explicit-constructor): a literal is the normal case
    consteval Sql(const char* both) : postgres(both), sqlite(both) {}
    consteval Sql(const char* for_postgres, const char* for_sqlite)
        : postgres(for_postgres), sqlite(for_sqlite) {}
};

// Lives as long as the program, at namespace scope. Its texts are literals (consteval), so no statement can
// be put together from what came from outside.
class Statement {
  public:
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    std::string_view name() const { return name_; }  // "tenant.find": metrics, logs, prepared statements
    std::string_view sql(EngineKind engine) const {
        return engine == EngineKind::sqlite ? sql_.sqlite : sql_.postgres;
    }
    std::size_t index() const { return index_; }  // dense from 0: connections keep what they prepared by it
    std::span<const Kind> parameters() const { return parameters_; }
    std::span<const ColumnType> columns() const { return columns_; }  // empty: no rows

    // Every statement of the program.
    static std::span<const Statement* const> all();

  protected:
    Statement(std::string_view name, Sql sql, std::vector<Kind> parameters, std::vector<ColumnType> columns);
    ~Statement() = default;

  private:
    std::string_view name_;
    Sql sql_;
    std::vector<Kind> parameters_;
    std::vector<ColumnType> columns_;
    std::size_t index_;
};

}  // namespace lodestone::db
