// The retry classes: contention and stale plans repeat the transaction on the same connection, a connection
// lost before COMMIT moves it to another one once, and a lost answer to COMMIT is looked up, never guessed.
#include "db/postgres/unit_runner.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/random.hpp"
#include "db/tx.hpp"

namespace lodestone::db {

using std::chrono::milliseconds;

namespace {

constexpr std::string_view key_table = "committed_units";
constexpr milliseconds control_timeout{5'000};  // for what the engine asks for itself
constexpr milliseconds longest_repeat_pause{128};
constexpr std::chrono::seconds least_patience{30};  // with others that change the same rows
constexpr milliseconds longest_look_pause{1'000};

bool is_key_taken(const Ticket& ticket, const Fault& fault) {
    if (ticket.work->unit().idempotency_key.empty()) return false;
    return (fault.failure == Failure::unique && fault.table == key_table) ||
           (ticket.is_fenced && fault.state == "22012");  // note_key_again's own refusal
}

}  // namespace

SteadyTime UnitRunner::now() const {
    return context_.clock.steady_now();
}

UnitRunner::Outcome UnitRunner::run(Ticket& ticket, Connection& connection) {
    outcome_ = {};
    while (true) {
        if (ticket.work->unit().deadline <= now() && ticket.doubt == Ticket::Doubt::none) {
            fail(ticket.was_lost ? Failure::lost : Failure::unavailable,
                 "the deadline passed while waiting for a connection");
            return outcome_;
        }
        const Next next =
            ticket.doubt == Ticket::Doubt::none ? attempt(ticket, connection) : resolve(ticket, connection);
        if (next == Next::again) continue;
        outcome_.is_over = next == Next::over;
        return outcome_;
    }
}

UnitRunner::Next UnitRunner::attempt(Ticket& ticket, Connection& connection) {
    const Work& work = *ticket.work;
    PostgresSession session(connection, work, options_, context_.clock);
    ++ticket.attempts;
    std::exception_ptr failure;
    try {
        const auto extent =
            work.kind() == WorkKind::look_up ? Tx::Extent::one_statement : Tx::Extent::many_statements;
        Tx tx(session, work.unit(), context_.clock.now(), extent);
        ticket.work->run(tx);
        std::optional<PostgresSession::Key> key;
        if (const std::string& text = work.unit().idempotency_key; !text.empty())
            key = {.key = text, .now = tx.now(), .is_again = ticket.is_fenced};
        session.commit(key);
        if (work.kind() == WorkKind::read) ticket.work->habit().note_statements(tx.statement_count());
    } catch (...) {
        failure = std::current_exception();
        session.roll_back();
    }
    const auto& fault = session.fault();
    if (fault && fault->loses_connection) {
        outcome_.has_connection = false;
        outcome_.fault = fault->text;
    }
    if (failure) return decide(ticket, connection, session, failure);
    return Next::over;
}

UnitRunner::Next UnitRunner::decide(Ticket& ticket, Connection& connection, const PostgresSession& session,
                                    const std::exception_ptr& failure) {
    const bool is_ours = session.fault() && !session.fault()->text.empty();
    if (is_ours) {
        const Fault& fault = *session.fault();
        if (is_key_taken(ticket, fault) && outcome_.has_connection) {
            doubt(ticket, Ticket::Doubt::key_taken);
            return Next::again;
        }
        if (fault.is_repeatable && outcome_.has_connection && repeat(ticket, "contention"))
            return Next::again;
        if (fault.is_stale_plan && outcome_.has_connection && !ticket.has_fresh_plans) {
            ticket.has_fresh_plans = true;
            numbers_.count_repeat("stale_plan");
            if (!connection.forget_statements(now() + control_timeout)) return Next::again;
            outcome_.has_connection = false;
        }
        const bool is_lost = fault.failure == Failure::lost || fault.failure == Failure::too_slow;
        if (is_lost && fault.loses_connection) return decide_lost(ticket, session);
        numbers_.count_error(fault.failure);
    }
    outcome_.failure = failure;
    return Next::over;
}

// The connection broke or fell silent.
UnitRunner::Next UnitRunner::decide_lost(Ticket& ticket, const PostgresSession& session) {
    const Fault& fault = *session.fault();
    const bool has_time = now() < ticket.work->unit().deadline;
    if (session.was_commit_sent()) {
        if (!ticket.work->unit().idempotency_key.empty() && has_time) {
            doubt(ticket, Ticket::Doubt::reply_lost);
            return Next::elsewhere;
        }
        fail(Failure::unknown, fault.text);
        return Next::over;
    }
    if (has_time && !ticket.was_lost && fault.failure == Failure::lost) {
        ticket.was_lost = true;
        numbers_.count_repeat("lost");
        return Next::elsewhere;
    }
    fail(fault.failure, fault.text);
    return Next::over;
}

void UnitRunner::doubt(Ticket& ticket, Ticket::Doubt doubt) {
    const SteadyTime deadline = ticket.work->unit().deadline;
    ticket.doubt = doubt;
    ticket.looks = 0;
    ticket.doubt_ends = deadline == SteadyTime::max() ? now() + limits::doubt_timeout : deadline;
}

// A transaction waits for one that writes the same key, so once ours is through, the key's row is the truth;
// and if we had to write it ourselves, the doubtful COMMIT can only fail.
UnitRunner::Next UnitRunner::resolve(Ticket& ticket, Connection& connection) {
    const std::string key[] = {ticket.work->unit().idempotency_key};
    connection.queue(Control::begin_resolve);
    connection.queue(Control::fence_key, key);
    connection.queue(Control::read_key, key);
    connection.queue(Control::commit);
    const SteadyTime until = std::min(ticket.doubt_ends, now() + control_timeout);
    if (auto fault = connection.settle(until)) {
        // Whatever it was, it left us in the middle of a transaction: another connection is simplest. During
        // a failover that is a standby as well for a while, so it is the time that ends this, not a count.
        outcome_.has_connection = false;
        outcome_.fault = fault->text;
        const auto wait = pause_after(++ticket.looks, longest_look_pause);
        if (now() + wait < ticket.doubt_ends) {
            pause_(std::chrono::ceil<milliseconds>(wait));
            return Next::elsewhere;
        }
        fail(Failure::unknown, fault->text);
        return Next::over;
    }
    ResultRows rows;
    std::vector<int> places;
    rows.reset(connection.take_result(), places);
    ensure(rows.next(), "a key that was fenced is there");
    const bool is_committed = rows.integer(0) > 0;
    const auto doubt = std::exchange(ticket.doubt, Ticket::Doubt::none);
    if (!is_committed) {
        ticket.is_fenced = true;
        if (repeat(ticket, "unknown")) return Next::again;
        fail(Failure::lost, "the answer to COMMIT was lost; it did not happen");
    } else if (doubt == Ticket::Doubt::key_taken) {
        fail(Failure::unique, "a unit of work was committed under this key before");
    }
    return Next::over;
}

// At most 2 ms after the first time, then twice as much each time, up to `longest`.
std::chrono::microseconds UnitRunner::pause_after(int times, milliseconds longest) {
    const std::chrono::microseconds most = std::min(longest, milliseconds(1 << std::min(times, 20)));
    return std::chrono::microseconds(context_.random.next_u64() % static_cast<std::uint64_t>(most.count()));
}

// Whether there are tries and time left; if so, after a pause that grows and differs from everybody else's.
// Of those who change one row each commit is a failure for all others, so that tries alone would soon be used
// up.
bool UnitRunner::repeat(Ticket& ticket, std::string_view reason) {
    const bool is_patient = now() - ticket.work->submitted < least_patience;
    if (ticket.attempts >= limits::transaction_attempts && !is_patient) return false;
    const auto wait = pause_after(ticket.attempts, longest_repeat_pause);
    if (now() + wait >= ticket.work->unit().deadline) return false;
    numbers_.count_repeat(reason);
    pause_(std::chrono::duration_cast<milliseconds>(wait));
    return true;
}

void UnitRunner::fail(Failure failure, std::string text) {
    numbers_.count_error(failure);
    outcome_.failure = std::make_exception_ptr(DatabaseError(failure, std::move(text)));
}

}  // namespace lodestone::db
