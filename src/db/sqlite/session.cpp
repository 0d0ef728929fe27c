// Running statements one after the other on one connection.
#include "db/sqlite/session.hpp"

#include <sqlite3.h>

#include "base/ensure.hpp"
#include "db/sqlite/prepared.hpp"

namespace lodestone::db {

SqliteSession::SqliteSession(SqliteConnection& connection, SqliteMeasures& measures)
    : connection_(connection), measures_(measures) {}

SqliteSession::~SqliteSession() = default;

void SqliteSession::begin_unit(SteadyTime deadline, std::uint64_t generation) {
    connection_.set_deadline(deadline);
    failure_.reset();
    if (generation == generation_) return;
    prepared_.clear();
    sqlite3_db_release_memory(connection_.raw());  // and the pages that they had read and written
    generation_ = generation;
}

void SqliteSession::fail(DatabaseError error) {
    if (!failure_) failure_ = error;
    throw error;
}

SqliteStatement& SqliteSession::find_prepared(const Statement& statement) {
    if (prepared_.size() <= statement.index()) prepared_.resize(Statement::all().size());
    auto& prepared = prepared_[statement.index()];
    if (!prepared)
        prepared = std::make_unique<SqliteStatement>(*this, statement, measures_.statement(statement.name()));
    return *prepared;
}

SqliteStatement& SqliteSession::start(const Statement& statement, std::span<const Value> values) {
    ensure(open_ == nullptr, statement.name());
    if (failure_) throw DatabaseError(*failure_);
    const SteadyTime now = connection_.clock().steady_now();
    if (now >= connection_.deadline())
        fail({Failure::too_slow, std::string(statement.name()) + ": the deadline is over"});
    SqliteStatement& prepared = find_prepared(statement);
    prepared.bind(values);
    prepared.started = now;
    return prepared;
}

Rows& SqliteSession::query(const Statement& statement, std::span<const Value> values) {
    SqliteStatement& prepared = start(statement, values);
    open_ = &prepared;
    return prepared;
}

// The difference tells whether this statement changed anything: the other number is left by an earlier one
// when it did not.
std::int64_t SqliteSession::run(const Statement& statement, std::span<const Value> values) {
    SqliteStatement& prepared = start(statement, values);
    struct Reset {
        SqliteStatement& statement;
        ~Reset() { statement.reset(); }
    };
    const Reset reset{prepared};
    sqlite3* raw = connection_.raw();
    const std::int64_t before = sqlite3_total_changes64(raw);
    while (prepared.step()) {
    }
    return sqlite3_total_changes64(raw) == before ? 0 : sqlite3_changes64(raw);
}

void SqliteSession::end(SqliteStatement& statement) noexcept {
    statement.reset();
    open_ = nullptr;
}

}  // namespace lodestone::db
