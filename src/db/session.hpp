// A connection of either engine as a transaction sees it: runs prepared statements one after another.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "db/statement.hpp"
#include "db/value.hpp"

namespace lodestone::db {

// The answer to a statement, row by row. Belongs to its session, which runs nothing else until finish().
class Rows : public Row {
  public:
    virtual bool next() = 0;  // false: no more
    virtual int column_count() const = 0;
    virtual std::string_view column_name(int column) const = 0;
    // Kept with the prepared statement for the reader's use: where each member of its struct stands.
    virtual std::vector<int>& places() = 0;
    virtual void finish() noexcept = 0;
};

class Session {
  public:
    virtual ~Session() = default;
    virtual EngineKind engine() const = 0;
    // Runs a statement that answers with rows.
    virtual Rows& query(const Statement& statement, std::span<const Value> values) = 0;
    // Runs one that does not; answers how many rows it touched.
    virtual std::int64_t run(const Statement& statement, std::span<const Value> values) = 0;
    // Like run(), but need not wait for the answer: PostgreSQL gets it in one packet with what follows, and a
    // failure shows at the next statement that waits, or at the end of the transaction.
    virtual void send(const Statement& statement, std::span<const Value> values) = 0;
    // Tells other engines when the transaction is committed, where the server can.
    virtual void notify(const std::string& channel, const std::string& payload) = 0;
};

}  // namespace lodestone::db
