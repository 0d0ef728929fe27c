// What goes into which packet: BEGIN and its time limits with the first statement, COMMIT with what was only
// sent, a read's COMMIT without waiting for its answer.
#include "db/postgres/postgres_session.hpp"

#include <algorithm>
#include <charconv>

#include "base/change_mark.hpp"
#include "base/limits.hpp"
#include "db/postgres/change_listener.hpp"

namespace lodestone::db {

using std::chrono::milliseconds;

namespace {
constexpr milliseconds roll_back_grace{2'000};
}

void PostgresSession::fail(Fault fault) {
    // Writing in a read is our mistake, and says nothing about the server.
    if (fault.failure == Failure::read_only && work_.kind() != WorkKind::write) {
        fault.failure = Failure::statement;
        fault.loses_connection = false;
    }
    fault_ = std::move(fault);
    throw DatabaseError(fault_->failure, fault_->text);
}

SteadyTime PostgresSession::answer_until() const {
    const SteadyTime longest = clock_.steady_now() + options_.statement_timeout;
    return std::min(longest, work_.unit().deadline) + answer_grace;
}

// The server ends a statement by itself at the unit's deadline. Said again only when too little of it is
// left.
void PostgresSession::limit_times() {
    const SteadyTime now = clock_.steady_now();
    if (now >= work_.unit().deadline)
        fail({.failure = Failure::too_slow, .text = "the unit's deadline passed between statements"});
    const milliseconds left = work_.unit().deadline - now < options_.statement_timeout
                                  ? std::chrono::ceil<milliseconds>(work_.unit().deadline - now)
                                  : options_.statement_timeout;
    const bool is_first = limit_ == milliseconds{0};
    if (is_first && connection_.facts().has_named_statements && left >= options_.statement_timeout * 9 / 10) {
        limit_ = options_.statement_timeout;  // the session's own
        return;
    }
    if (!is_first && left >= limit_ / 2) return;
    limit_ = left;
    const std::string texts[] = {std::to_string(left.count()),
                                 std::to_string(std::min(left, options_.lock_timeout).count())};
    connection_.queue(Control::limit_times, texts);
}

void PostgresSession::begin() {
    if (fault_) fail(*fault_);
    const bool is_bare = work_.kind() == WorkKind::look_up && connection_.facts().has_named_statements;
    if (!has_begun_ && !is_bare) {
        if (work_.kind() == WorkKind::write && connection_.facts().is_read_only)
            // It serves reads as well as before; the pool ends it soon to look for a server that takes
            // writes.
            fail({.failure = Failure::read_only, .text = "the server takes no changes at the moment"});
        connection_.queue(work_.kind() == WorkKind::write ? Control::begin_write : Control::begin_read);
        has_begun_ = true;
    }
    limit_times();
}

void PostgresSession::settle() {
    if (auto fault = connection_.settle(answer_until())) fail(*std::move(fault));
}

Rows& PostgresSession::query(const Statement& statement, std::span<const Value> values) {
    ensure(!rows_.is_open(), "one answer at a time");
    begin();
    connection_.queue(statement, values);
    settle();
    rows_.reset(connection_.take_result(), connection_.places(statement));
    return rows_;
}

std::int64_t PostgresSession::run(const Statement& statement, std::span<const Value> values) {
    begin();
    connection_.queue(statement, values);
    settle();
    const ResultPointer result = connection_.take_result();
    const std::string_view text = PQcmdTuples(result.get());
    std::int64_t count = 0;
    std::from_chars(text.data(), text.data() + text.size(), count);
    return count;
}

void PostgresSession::send(const Statement& statement, std::span<const Value> values) {
    begin();
    connection_.queue(statement, values);
    if (connection_.queued_count() >= limits::pipelined_statements) settle();
}

void PostgresSession::notify(const std::string& channel, const std::string& payload) {
    if (!connection_.facts().has_notifications) return;
    begin();
    const std::string texts[] = {channel, mark_payload(options_.node, payload)};
    connection_.queue(Control::notify, texts);
}

void PostgresSession::commit(const std::optional<Key>& key) {
    if (fault_) fail(*fault_);
    if (key && !has_begun_) begin();  // a unit that changed nothing uses its key up as well
    if (!has_begun_) return;
    if (work_.kind() != WorkKind::write) {
        connection_.queue(Control::commit);
        if (auto fault = connection_.send_off(answer_until())) fault_ = std::move(fault);
        return;  // everything that was read is here: a connection that broke since is the next unit's concern
    }
    if (key) {
        const std::string texts[] = {key->key, std::to_string(key->now.time_since_epoch().count())};
        connection_.queue(key->is_again ? Control::note_key_again : Control::note_key, texts);
    }
    connection_.queue(Control::commit);
    was_commit_sent_ = true;
    settle();
}

void PostgresSession::roll_back() {
    rows_.finish();
    if (fault_ && fault_->loses_connection) return;
    if (!has_begun_ && connection_.queued_count() == 0) return;
    if (has_begun_) connection_.queue(Control::roll_back);
    // What was sent and never looked at may have failed too; the transaction is over either way.
    auto fault = connection_.settle(clock_.steady_now() + roll_back_grace);
    if (fault && !fault->loses_connection && has_begun_) {
        connection_.queue(Control::roll_back);
        fault = connection_.settle(clock_.steady_now() + roll_back_grace);
    }
    if (fault && fault->loses_connection) {
        if (!fault_) fault_ = Fault{};
        fault_->loses_connection = true;
    }
}

}  // namespace lodestone::db
