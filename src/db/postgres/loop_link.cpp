// Sending what comes together in one packet, answering in order, and letting go early.
#include "db/postgres/loop_link.hpp"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "db/postgres/postgres_session.hpp"

namespace lodestone::db {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds tick{20};          // how often deadlines are looked at while something is under way
constexpr milliseconds stall{50};         // an answer that takes longer holds nobody else up
constexpr milliseconds trusted_idle{20};  // a connection used this lately is not looked at first
constexpr milliseconds closing_grace{2'000};
constexpr std::size_t statements_per_sync = 16;  // an error costs the others behind it a second try

}  // namespace

struct LoopLink::Clockwork {
    explicit Clockwork(const LoopExecutor& loop) : timer(loop) {}
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>
        timer;
    bool is_set = false;
};

LoopLink::LoopLink(const LoopExecutor& loop, const Surroundings& around)
    : loop_(loop), around_(around), clockwork_(std::make_unique<Clockwork>(loop)) {}

LoopLink::~LoopLink() = default;

LoopLink::Ended LoopLink::attempt(Work& work, Session& session, Time now, std::exception_ptr& failure) {
    try {
        Tx tx(session, work.unit(), now,
              work.kind() == WorkKind::look_up ? Tx::Extent::one_statement : Tx::Extent::at_most_one);
        work.run(tx);
        return Ended::done;
    } catch (const LoopSession::Asked&) {
        return Ended::asked;
    } catch (const LoopSession::Unsuited&) {
        return Ended::unsuited;
    } catch (const Tx::WantsTransaction&) {
        return Ended::unsuited;
    } catch (...) {
        failure = std::current_exception();
        return Ended::failed;
    }
}

bool LoopLink::is_usable(std::uint64_t generation, SteadyTime time) {
    if (!connection_ || is_retiring_ || closed_) return false;
    if (generation != generation_ || ends_ <= time) {
        retire();
        return false;
    }
    if (is_stalled_ || flying_.size() >= limits::loop_statements) return false;
    if (!flying_.empty() || time - used_ <= trusted_idle || connection_->is_alive()) return true;
    lose({.failure = Failure::lost, .text = "The server closed the connection while nobody used it."});
    return false;
}

// The session's own time-out will do for a unit that has as much time.
bool LoopLink::needs_limit(const Unit& unit, SteadyTime time) const {
    return unit.deadline - time < around_.options.statement_timeout * 9 / 10;
}

bool LoopLink::take(std::unique_ptr<Work>& work, std::uint64_t generation) {
    const SteadyTime time = around_.context.clock.steady_now();
    const Unit& unit = work->unit();
    if (unit.deadline <= time || !is_usable(generation, time)) return false;
    std::vector<std::string> limits;
    if (needs_limit(unit, time)) {
        // Statements between two Syncs are one transaction, and the limit ends with it: this unit goes alone.
        if (unsynced_ > 0) flush();
        if (!connection_) return false;
        const auto left = std::chrono::ceil<milliseconds>(unit.deadline - time);
        limits = {std::to_string(left.count()),
                  std::to_string(std::min(left, around_.options.lock_timeout).count())};
    }
    LoopSession session(*connection_, limits);
    const Time now = around_.context.clock.now();
    std::exception_ptr failure;
    switch (attempt(*work, session, now, failure)) {
        case Ended::done: work->finish(nullptr); return true;
        case Ended::failed: work->finish(std::move(failure)); return true;
        case Ended::unsuited: work->habit().keep_off_loops(); return false;
        case Ended::asked: break;
    }
    const SteadyTime ends = std::min(time + around_.options.statement_timeout, unit.deadline);
    flying_.push_back({.work = std::move(work),
                       .now = now,
                       .asked = session.asked(),
                       .sent = time,
                       .gives_up = ends + answer_grace,
                       .breaks_silence = flying_.empty() && time - used_ >= around_.options.ping_after});
    used_ = time;
    if (++unsynced_ >= statements_per_sync || !limits.empty())
        flush();
    else
        schedule_flush();
    return true;
}

// What other coroutines ask in this turn of the loop goes with it.
void LoopLink::schedule_flush() {
    if (std::exchange(is_flush_scheduled_, true)) return;
    boost::asio::post(loop_, [self = shared_from_this()] {
        self->is_flush_scheduled_ = false;
        if (self->unsynced_ > 0) self->flush();
    });
}

void LoopLink::flush() {
    if (!connection_) return;
    unsynced_ = 0;
    if (auto fault = connection_->sync()) return lose(*fault);
    watch_->wait_readable();
    if (connection_->has_unsent()) watch_->wait_writable();
    start_timer();
}

void LoopLink::on_ready() {
    if (!connection_) return;
    auto fault = connection_->consume();
    if (!fault && connection_->has_unsent()) fault = connection_->flush();
    while (auto answer = connection_->next_answer()) {
        deliver(*std::move(answer));
        if (!connection_) return;
    }
    if (fault) return lose(*fault);
    if (flying_.empty()) {
        if (is_retiring_ || closed_) drop_connection();
        return;
    }
    watch_->wait_readable();
    if (connection_->has_unsent()) watch_->wait_writable();
}

void LoopLink::deliver(Connection::Answer answer) {
    ensure(!flying_.empty(), "an answer was asked for");
    Flight flight = std::move(flying_.front());
    flying_.pop_front();
    is_stalled_ = false;
    used_ = around_.context.clock.steady_now();
    if (flight.work && answer.result) finish(flight, std::move(answer.result));
    if (flight.work) fail(flight, answer.fault.value_or(Fault{}));
    if (!answer.fault) return;
    // Prepared statements that no longer fit, or that one side knows nothing of: all of them are made anew.
    const bool is_confused = answer.fault->is_stale_plan || answer.fault->state == "42P05";
    if (answer.fault->loses_connection)
        lose(*answer.fault);
    else if (is_confused)
        retire();
}

void LoopLink::finish(Flight& flight, ResultPointer result) {
    std::unique_ptr<Work> work = std::move(flight.work);
    LoopSession session(*connection_, flight.asked, std::move(result));
    std::exception_ptr failure;
    switch (attempt(*work, session, flight.now, failure)) {
        case Ended::done:
        case Ended::failed: return work->finish(std::move(failure));
        case Ended::asked:
        case Ended::unsuited: break;
    }
    work->habit().keep_off_loops();
    Ticket ticket;
    ticket.work = std::move(work);
    around_.give_to_pool(std::move(ticket));
}

// The server's own end to a statement is final; everything else the pool tries again, or puts into words.
void LoopLink::fail(Flight& flight, const Fault& fault) {
    if (fault.failure != Failure::too_slow || fault.loses_connection)
        return give_to_pool(flight, fault.loses_connection);
    around_.numbers.count_error(fault.failure);
    flight.work->finish(std::make_exception_ptr(DatabaseError(fault.failure, fault.text)));
    flight.work.reset();
}

void LoopLink::give_to_pool(Flight& flight, bool was_lost) {
    if (!flight.work) return;
    Ticket ticket;
    ticket.work = std::move(flight.work);
    ticket.was_lost = was_lost;
    around_.give_to_pool(std::move(ticket));
}

void LoopLink::lose(const Fault& fault) {
    around_.context.log.warn("database connection lost", {{"fault", fault.text}});
    if (!flying_.empty()) around_.numbers.count_repeat("lost");
    std::deque<Flight> lost;
    lost.swap(flying_);
    drop_connection();
    for (Flight& flight : lost) give_to_pool(flight, true);
}

// The pool serves until there is another one.
void LoopLink::retire() {
    is_retiring_ = true;
    if (flying_.empty()) drop_connection();
}

void LoopLink::drop_connection() {
    unsynced_ = 0;
    is_stalled_ = is_retiring_ = false;
    watch_.reset();  // before its descriptor
    if (std::exchange(connection_, nullptr)) around_.numbers.idle.add(-1);
    is_connected_ = false;
    if (closed_)
        std::exchange(closed_, nullptr)->set_value();
    else if (clockwork_)
        around_.want_connection(*this);
}

void LoopLink::adopt(std::unique_ptr<Connection> connection, std::uint64_t generation, SteadyTime ends) {
    if (!clockwork_ || connection_) return;
    connection_ = std::move(connection);
    generation_ = generation;
    ends_ = ends;
    used_ = around_.context.clock.steady_now();
    watch_ = std::make_unique<DescriptorWatch>(loop_, connection_->socket(), [this] { on_ready(); });
    is_connected_ = true;
    around_.numbers.idle.add(1);
}

void LoopLink::start_timer() {
    if (std::exchange(clockwork_->is_set, true)) return;
    clockwork_->timer.expires_after(tick);
    clockwork_->timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!self->clockwork_) return;
        self->clockwork_->is_set = false;
        if (error) return;
        self->on_time();
        if (self->clockwork_ && !self->flying_.empty()) self->start_timer();
    });
}

void LoopLink::on_time() {
    const SteadyTime time = around_.context.clock.steady_now();
    if (flying_.empty()) return;
    const bool is_over = closed_ && closes_ <= time;
    if (flying_.front().gives_up <= time || is_over) {
        Flight first = std::move(flying_.front());
        flying_.pop_front();
        const Fault silent = silent_server(first.asked.statement->name());
        if (first.work) {
            around_.numbers.count_error(silent.failure);
            first.work->finish(std::make_exception_ptr(DatabaseError(silent.failure, silent.text)));
        }
        return lose(silent);
    }
    if (is_stalled_ || time - flying_.front().sent < stall) return;
    is_stalled_ = true;
    // A pool pings its idle connections; here, who finds that nobody has heard of this one for long goes
    // there.
    const bool is_doubtful = flying_.front().breaks_silence;
    if (flying_.front().work && !is_doubtful) flying_.front().work->habit().rest();
    for (std::size_t at = is_doubtful ? 0 : 1; at < flying_.size(); ++at) give_to_pool(flying_[at]);
}

void LoopLink::close(std::shared_ptr<std::promise<void>> closed) {
    closed_ = std::move(closed);
    closes_ = around_.context.clock.steady_now() + closing_grace;
    if (flying_.empty()) drop_connection();
}

// Coroutines go with their loop: nobody waits any more.
void LoopLink::leave_loop() noexcept {
    has_left_ = true;
    flying_.clear();
    clockwork_.reset();
    drop_connection();
}

}  // namespace lodestone::db
