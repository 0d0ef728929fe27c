// The half of a connection that never waits, for those that an event loop watches.
#include <utility>

#include "db/postgres/connection.hpp"

namespace lodestone::db {

std::optional<Fault> Connection::sync() {
    check_queued(PQpipelineSync(connection_.get()));
    if (unanswered_syncs_++ == 0) mark_ = clock_.steady_now();
    expected_.push_back({.role = Role::sync});
    if (has_failed_to_queue_) return broken_connection(*connection_, name_of(expected_.front()));
    return flush();
}

std::optional<Fault> Connection::flush() {
    const int left = PQflush(connection_.get());
    has_unsent_ = left > 0;
    if (left >= 0) return std::nullopt;
    return broken_connection(*connection_, expected_.empty() ? "connection" : name_of(expected_.front()));
}

std::optional<Fault> Connection::consume() {
    if (PQconsumeInput(connection_.get()) != 0) return std::nullopt;
    return broken_connection(*connection_, expected_.empty() ? "connection" : name_of(expected_.front()));
}

std::optional<Connection::Answer> Connection::next_answer() {
    while (!expected_.empty() && PQisBusy(connection_.get()) == 0) {
        ResultPointer result(PQgetResult(connection_.get()));
        if (!result) {  // ends the answers to one message
            if (!std::exchange(is_answered_, false)) return std::nullopt;
            expected_.pop_front();
            continue;
        }
        std::optional<Fault> fault;
        note(*result, fault);
        const Expected front = expected_.front();
        if (front.role == Role::sync) {
            --unanswered_syncs_;
            expected_.pop_front();
            continue;
        }
        is_answered_ = true;
        if (front.role != Role::statement) {
            if (fault) early_fault_ = std::move(fault);
            continue;
        }
        if (early_fault_) fault = std::exchange(early_fault_, std::nullopt);
        const bool is_good = PQresultStatus(result.get()) == PGRES_TUPLES_OK;
        return Answer{.result = is_good ? std::move(result) : nullptr, .fault = std::move(fault)};
    }
    return std::nullopt;
}

}  // namespace lodestone::db
