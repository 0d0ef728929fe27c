// A SQLite connection as transactions see it: statements prepared once and kept, values bound, rows read.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "db/session.hpp"
#include "db/sqlite/connection.hpp"
#include "db/sqlite/measures.hpp"

namespace lodestone::db {

class SqliteStatement;

class SqliteSession final : public Session {
  public:
    SqliteSession(SqliteConnection& connection, SqliteMeasures& measures);
    ~SqliteSession() override;

    EngineKind engine() const override { return EngineKind::sqlite; }
    Rows& query(const Statement& statement, std::span<const Value> values) override;
    std::int64_t run(const Statement& statement, std::span<const Value> values) override;
    void send(const Statement& statement, std::span<const Value> values) override { run(statement, values); }

    void notify(const std::string&, const std::string&) override {}  // OutsideChanges needs no word of it

    // Before each unit of work. `generation` counts the calls of Engine::forget_statements().
    void begin_unit(SteadyTime deadline, std::uint64_t generation);
    // The first failure of a statement in this unit. As in PostgreSQL nothing can follow it: SQLite may have
    // left the transaction altogether, and what came next would be committed on its own.
    const std::optional<DatabaseError>& failure() const { return failure_; }

    SqliteConnection& connection() { return connection_; }

  private:
    friend class SqliteStatement;
    SqliteStatement& start(const Statement& statement, std::span<const Value> values);
    SqliteStatement& find_prepared(const Statement& statement);
    void end(SqliteStatement& statement) noexcept;
    [[noreturn]] void fail(DatabaseError error);

    SqliteConnection& connection_;
    SqliteMeasures& measures_;
    std::uint64_t generation_ = 0;
    std::vector<std::unique_ptr<SqliteStatement>> prepared_;  // by Statement::index()
    const SqliteStatement* open_ = nullptr;                   // whose rows are being read
    std::optional<DatabaseError> failure_;
};

}  // namespace lodestone::db
