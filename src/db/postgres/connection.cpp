// libpq's pipeline mode, never blocking inside libpq: every wait is ours and has an end.
// https://www.postgresql.org/docs/15/libpq-pipeline-mode.html
#include "db/postgres/connection.hpp"

#include <poll.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/ensure.hpp"
#include "base/socket_wait.hpp"
#include "db/postgres/cancel.hpp"

namespace lodestone::db {

namespace {

struct ControlText {
    Control control;
    const char* name;  // also of the prepared statement
    const char* sql;
};

// Parameters are texts.
constexpr ControlText control_texts[] = {
    {Control::begin_write, "begin_write", "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"},
    {Control::begin_read, "begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
    {Control::begin_resolve, "begin_resolve", "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"},
    {Control::commit, "commit", "COMMIT"},
    {Control::roll_back, "roll_back", "ROLLBACK"},
    {Control::limit_times, "limit_times",
     "SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)"},
    {Control::note_key, "note_key",
     "INSERT INTO committed_units (key, committed_at) VALUES ($1, $2::bigint)"},
    {Control::note_key_again, "note_key_again",
     // Fails, and COMMIT behind it with it, when somebody has committed under this key meanwhile.
     "INSERT INTO committed_units (key, committed_at) VALUES ($1, $2::bigint) "
     "ON CONFLICT (key) DO UPDATE SET committed_at = excluded.committed_at / "
     "CASE WHEN committed_units.committed_at <= 0 THEN 1 ELSE 0 END"},
    {Control::fence_key, "fence_key",
     // A time before the epoch: nothing was committed, and the purge can tell how old it is.
     "INSERT INTO committed_units (key, committed_at) "
     "VALUES ($1, -(extract(epoch FROM clock_timestamp()) * 1000000)::bigint) ON CONFLICT (key) DO NOTHING"},
    {Control::read_key, "read_key", "SELECT committed_at FROM committed_units WHERE key = $1"},
    {Control::forget_all, "forget_all", "DEALLOCATE ALL"},
    // All that was received is replayed and more would come: no lag, however old the last transaction is.
    // Null: it is behind, and has replayed nothing yet that would say how far.
    {Control::probe_lag, "probe_lag",
     "SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0 "
     "WHEN pg_last_wal_receive_lsn() <= pg_last_wal_replay_lsn() "
     "AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0 "
     "ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000 "
     "END::bigint"},
    {Control::notify, "notify", "SELECT pg_notify($1, $2)"},
};

const ControlText& text_of(Control control) {
    return control_texts[static_cast<std::size_t>(control)];
}

bool has_result(Control control) {
    return control == Control::read_key || control == Control::probe_lag ||
           control == Control::note_key_again;
}

}  // namespace

Connection::Connection(ConnectionPointer connection, ConnectionFacts facts, const Clock& clock,
                       PostgresNumbers& numbers)
    : connection_(std::move(connection)),
      facts_(facts),
      clock_(clock),
      numbers_(numbers),
      made_at_(clock.steady_now()) {
    PQsetnonblocking(connection_.get(), 1);
    PQenterPipelineMode(connection_.get());
    PQsetErrorVerbosity(connection_.get(), PQERRORS_TERSE);  // no rows in what broken_connection() quotes
    const auto listen = [](void* connection, const PGresult* notice) {
        if (fault_of(*notice, "idle").loses_connection)
            static_cast<Connection*>(connection)->has_been_dismissed_ = true;
    };
    PQsetNoticeReceiver(connection_.get(), listen, this);
    numbers_.connects.add();
}

Connection::~Connection() {
    if (is_busy()) cancel_in_background(*connection_);
    const auto age = std::chrono::duration<double>(clock_.steady_now() - made_at_);
    numbers_.connection_age_seconds.observe(age.count());
}

// A COMMIT is left alone: whatever becomes of it, it is better done than stopped half way, before its
// standbys have it.
bool Connection::is_busy() const {
    if (PQstatus(connection_.get()) != CONNECTION_OK || has_been_dismissed_) return false;
    const auto ends = [](const Expected& one) {
        return one.role == Role::control && one.control == Control::commit;
    };
    return !expected_.empty() && std::ranges::none_of(expected_, ends);
}

Connection::Prepared& Connection::prepared_of(const Statement& statement) {
    if (statement.index() >= prepared_.size()) prepared_.resize(statement.index() + 1);
    return prepared_[statement.index()];
}

// libpq refuses only when the connection is broken already: settle() then says how.
void Connection::check_queued(int is_queued) {
    if (is_queued == 0) has_failed_to_queue_ = true;
}

void Connection::queue(const Statement& statement, std::span<const Value> values) {
    const std::string_view sql = statement.sql(EngineKind::postgres);
    ensure(sql.data()[sql.size()] == '\0', "a statement's text is a literal");
    parameters_.bind(values);
    if (!facts_.has_named_statements) {
        const std::vector<Oid> types = parameter_types(statement.parameters());
        check_queued(PQsendQueryParams(connection_.get(), sql.data(), parameters_.count(), types.data(),
                                       parameters_.values(), parameters_.lengths(), parameters_.formats(),
                                       1));
        expected_.push_back({.role = Role::statement, .statement = &statement});
        return;
    }
    char name[24] = "s";
    *std::to_chars(name + 1, name + sizeof name - 1, statement.index()).ptr = '\0';
    Prepared& prepared = prepared_of(statement);
    if (prepared.state == State::absent) {
        const std::vector<Oid> types = parameter_types(statement.parameters());
        check_queued(
            PQsendPrepare(connection_.get(), name, sql.data(), static_cast<int>(types.size()), types.data()));
        expected_.push_back({.role = Role::prepare, .statement = &statement});
        prepared.state = State::asked;
        prepared.places.clear();
    }
    check_queued(PQsendQueryPrepared(connection_.get(), name, parameters_.count(), parameters_.values(),
                                     parameters_.lengths(), parameters_.formats(), 1));
    expected_.push_back({.role = Role::statement, .statement = &statement});
}

void Connection::queue(Control control, std::span<const std::string> texts) {
    const ControlText& text = text_of(control);
    ensure(texts.size() <= 2, "a control statement has two parameters at most");
    const char* values[2] = {};
    for (std::size_t at = 0; at < texts.size(); ++at) values[at] = texts[at].c_str();
    constexpr Oid types[2] = {25, 25};
    const int count = static_cast<int>(texts.size());
    State& state = controls_[static_cast<std::size_t>(control)];
    if (!facts_.has_named_statements || control == Control::forget_all) {
        check_queued(
            PQsendQueryParams(connection_.get(), text.sql, count, types, values, nullptr, nullptr, 1));
    } else {
        if (state == State::absent) {
            check_queued(PQsendPrepare(connection_.get(), text.name, text.sql, count, types));
            expected_.push_back({.role = Role::prepare, .control = control});
            state = State::asked;
        }
        check_queued(PQsendQueryPrepared(connection_.get(), text.name, count, values, nullptr, nullptr, 1));
    }
    expected_.push_back({.role = Role::control, .control = control});
}

void Connection::queue_listen(const std::string& channel) {
    const std::unique_ptr<char, decltype(&PQfreemem)> name(
        PQescapeIdentifier(connection_.get(), channel.data(), channel.size()), PQfreemem);
    ensure(name != nullptr, "a channel has a name");
    const std::string sql = std::string("LISTEN ") + name.get();
    check_queued(PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1));
    expected_.push_back({.role = Role::control, .control = Control::notify});
}

std::optional<Fault> Connection::take_notifications(std::vector<std::string>& payloads) {
    if (PQconsumeInput(connection_.get()) == 0) return broken_connection(*connection_, "notify");
    PQisBusy(connection_.get());  // reads what came
    const auto take = [this] {
        return std::unique_ptr<PGnotify, decltype(&PQfreemem)>(PQnotifies(connection_.get()), PQfreemem);
    };
    for (auto found = take(); found; found = take()) payloads.emplace_back(found->extra);
    if (has_been_dismissed_ || PQstatus(connection_.get()) != CONNECTION_OK)
        return broken_connection(*connection_, "notify");
    return std::nullopt;
}

std::optional<Fault> Connection::wait(short events, SteadyTime until) {
    if (wait_for_socket(PQsocket(connection_.get()), events, clock_, until) != 0) return std::nullopt;
    return silent_server(expected_.empty() ? "connection" : name_of(expected_.front()));
}

std::optional<Fault> Connection::sync_and_flush(SteadyTime until) {
    check_queued(PQpipelineSync(connection_.get()));
    expected_.push_back({.role = Role::sync});
    mark_ = clock_.steady_now();
    if (has_failed_to_queue_) return broken_connection(*connection_, name_of(expected_.front()));
    while (true) {
        const int left = PQflush(connection_.get());
        if (left == 0) return std::nullopt;
        if (left < 0) return broken_connection(*connection_, name_of(expected_.front()));
        // Who only writes while the other side only writes waits for ever.
        if (auto fault = wait(POLLIN | POLLOUT, until)) return fault;
        if (PQconsumeInput(connection_.get()) == 0)
            return broken_connection(*connection_, name_of(expected_.front()));
    }
}

std::optional<Fault> Connection::settle(SteadyTime until) {
    if (auto fault = sync_and_flush(until)) return fault;
    return receive(until);
}

std::optional<Fault> Connection::send_off(SteadyTime until) {
    for (Expected& expected : expected_) expected.is_ignored = true;
    return sync_and_flush(until);
}

std::optional<Fault> Connection::receive(SteadyTime until) {
    std::optional<Fault> first;
    bool is_answered = false;
    result_.reset();
    while (!expected_.empty()) {
        while (PQisBusy(connection_.get()) != 0) {
            if (auto fault = wait(POLLIN, until)) return fault;
            if (PQconsumeInput(connection_.get()) == 0) {
                // What the server said before it hung up tells more than that it did.
                if (first && first->loses_connection) return first;
                return broken_connection(*connection_, name_of(expected_.front()));
            }
        }
        ResultPointer result(PQgetResult(connection_.get()));
        if (!result) {  // ends the answers to one message
            if (!std::exchange(is_answered, false) || PQstatus(connection_.get()) == CONNECTION_BAD)
                return first ? first : broken_connection(*connection_, name_of(expected_.front()));
            expected_.pop_front();
            continue;
        }
        note(*result, first);
        const Expected& front = expected_.front();
        is_answered = front.role != Role::sync;
        if (!is_answered)
            expected_.pop_front();
        else if (front.role == Role::statement || (front.role == Role::control && has_result(front.control)))
            result_ = std::move(result);
    }
    return first;
}

void Connection::note(PGresult& result, std::optional<Fault>& first) {
    const Expected& front = expected_.front();
    const ExecStatusType status = PQresultStatus(&result);
    const bool is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (front.role == Role::sync) {
        ensure(status == PGRES_PIPELINE_SYNC || status == PGRES_FATAL_ERROR,
               "a Sync is answered in its turn");
        if (status == PGRES_FATAL_ERROR && !first) first = fault_of(result, "connection");
        return;
    }
    if (front.role == Role::prepare) note_prepared(front, is_good);
    if (is_good && front.role == Role::statement) {
        const SteadyTime now = clock_.steady_now();
        numbers_.count_statement(*front.statement, now - mark_);
        mark_ = now;
    }
    if (is_good || status == PGRES_PIPELINE_ABORTED || first) return;
    Fault fault = fault_of(result, name_of(front));
    if (!front.is_ignored || fault.loses_connection) first = std::move(fault);
}

void Connection::note_prepared(const Expected& expected, bool is_ready) {
    State& state = expected.statement != nullptr ? prepared_of(*expected.statement).state
                                                 : controls_[static_cast<std::size_t>(expected.control)];
    state = is_ready ? State::ready : State::absent;
}

std::string_view Connection::name_of(const Expected& expected) const {
    if (expected.statement != nullptr) return expected.statement->name();
    return expected.role == Role::sync ? "sync" : text_of(expected.control).name;
}

std::optional<Fault> Connection::forget_statements(SteadyTime until) {
    if (!facts_.has_named_statements) return std::nullopt;
    queue(Control::forget_all);
    auto fault = settle(until);
    prepared_.clear();
    controls_.fill(State::absent);
    return fault;
}

// The server's last words and the end of the stream may come one after the other.
bool Connection::is_alive() {
    while (wait_for_socket(PQsocket(connection_.get()), POLLIN, clock_, SteadyTime{}) != 0) {
        if (PQconsumeInput(connection_.get()) == 0) return false;
        PQisBusy(connection_.get());  // reads what came
        if (has_been_dismissed_ || PQstatus(connection_.get()) != CONNECTION_OK) return false;
    }
    return true;
}

}  // namespace lodestone::db
