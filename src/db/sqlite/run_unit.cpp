// The one place where the engine's failures, and the functions' own, become values.
#include "db/sqlite/run_unit.hpp"

#include <algorithm>

namespace lodestone::db {

namespace {

const Command<std::string, std::int64_t> note_key{
    "db.committed_unit.insert",
    "INSERT INTO committed_units (key, committed_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING"};

}  // namespace

Outcome failed(const DatabaseError& error) {
    return {std::make_exception_ptr(error), error};
}

Outcome run_unit(Work& work, SqliteSession& session, const UnitBounds& bounds) {
    SqliteConnection& connection = session.connection();
    session.begin_unit(std::min(work.unit().deadline, bounds.latest), bounds.generation);
    Outcome outcome;
    try {
        Tx tx(session, work.unit(), connection.clock().now(), bounds.extent);
        work.run(tx);
        const std::string& key = work.unit().idempotency_key;
        if (work.kind() == WorkKind::write && !key.empty() && !session.failure() &&
            tx.run(note_key, key, tx.now().time_since_epoch().count()) == 0)
            throw DatabaseError(Failure::unique, "a unit of work was committed under this key before");
        if (session.failure()) outcome = failed(*session.failure());
        if (work.kind() == WorkKind::read) work.habit().note_statements(tx.statement_count());
    } catch (const DatabaseError& error) {
        outcome = {std::current_exception(), error};
    } catch (const Tx::WantsTransaction&) {
        outcome = {.exception = std::current_exception(), .wants_transaction = true};
    } catch (...) {
        outcome = {std::current_exception(), std::nullopt};
    }
    connection.set_deadline(SteadyTime::max());  // what follows belongs to others as well
    return outcome;
}

DatabaseError late_error() {
    return {Failure::too_slow, "the deadline was over before the database got to it"};
}

bool is_late(const Work& work, SteadyTime now) {
    return work.unit().deadline != SteadyTime::max() && now >= work.unit().deadline;
}

}  // namespace lodestone::db
