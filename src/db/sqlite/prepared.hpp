// One prepared statement of one connection, and its answer while it is being read.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "db/session.hpp"
#include "db/sqlite/session.hpp"

struct sqlite3_stmt;

namespace lodestone::db {

class SqliteStatement final : public Rows {
  public:
    // Here and below DatabaseError goes through the session, which remembers it. Throws it when SQLite does
    // not understand it.
    SqliteStatement(SqliteSession& session, const Statement& statement, StatementCounters counters);

    // Throws DatabaseError(wrong_value) for what SQLite cannot keep as it is: NaN becomes NULL there.
    void bind(std::span<const Value> values);
    bool step();
    void reset() noexcept;

    bool next() override { return step(); }
    int column_count() const override;
    std::string_view column_name(int column) const override;
    std::vector<int>& places() override { return places_; }
    void finish() noexcept override;

    bool is_null(int column) const override;
    bool boolean(int column) const override;
    std::int64_t integer(int column) const override;
    double real(int column) const override;
    std::string_view text(int column) const override;
    std::span<const std::byte> bytes(int column) const override;

    SteadyTime started{};  // the session's note

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    void find_parameters();
    int bind_one(int place, const Value& value);
    void expect(int column, int type) const;
    [[noreturn]] void fail_column(int column) const;
    void prepare();

    SqliteSession& session_;
    const Statement& statement_;
    StatementCounters counters_;
    std::unique_ptr<sqlite3_stmt, Finalize> raw_;
    std::vector<int> parameters_;  // where SQLite keeps $1, $2 …: it numbers them as they appear in the text
    std::vector<int> places_;
};

}  // namespace lodestone::db
