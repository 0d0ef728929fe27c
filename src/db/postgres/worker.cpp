// What the thread of a connection does: connect and connect again, run units, ping, end with its connection's
// lifetime, and ask a replica how far behind it is.
#include <algorithm>

#include "base/log.hpp"
#include "base/random.hpp"
#include "db/postgres/pool.hpp"

namespace lodestone::db {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_back_off{100};
constexpr milliseconds longest_back_off{3'000};
constexpr milliseconds read_only_lifetime{2'000};  // then we look whether writes are taken again
constexpr milliseconds trusted_idle{20};           // a connection used this lately is not looked at first
constexpr milliseconds probe_interval{1'000};
constexpr milliseconds longest_lag{60'000};

}  // namespace

milliseconds PostgresPool::jitter(milliseconds longest) {
    const auto range = static_cast<std::uint64_t>(std::max<std::int64_t>(1, longest.count() / 2));
    return longest - milliseconds(static_cast<std::int64_t>(context_.random.next_u64() % range));
}

void PostgresPool::work(Worker& worker) {
    const auto pause = [this, &worker](milliseconds time) {
        Lock lock(mutex_);
        worker.wake->wait_for(lock, time, [this] { return is_stopping_; });
    };
    worker.runner.emplace(options_, context_, numbers_, pause);
    while (stay_connected(worker)) {
        if (auto ticket = next_ticket(worker))
            run_ticket(worker, *std::move(ticket));
        else
            look_after(worker);
    }
    if (worker.connection) drop_connection(worker, {});
    const Lock lock(mutex_);
    worker.is_finished = true;
    has_finished_workers_ = true;
    --live_;
    house_.notify_one();
}

// True with a connection; false when the thread has nothing more to do.
bool PostgresPool::stay_connected(Worker& worker) {
    for (int failures = 0; true; ++failures) {
        {
            const Lock lock(mutex_);
            if ((is_stopping_ && !worker.given) || worker.is_over) return false;
        }
        if (worker.connection) return true;
        Connected connected = hosts_.connect(
            part_ == Part::replica ? Hosts::Wanted::reads : Hosts::Wanted::writes_or_reads,
            {.options = options_, .clock = context_.clock, .numbers = numbers_, .stop = stop_event_.value()});
        if (connected.connection) {
            note_connected(worker, std::move(connected));
            return true;
        }
        note_refused(connected.fault);
        if (!worker.is_needed) return false;
        wait_to_reconnect(worker, failures);
    }
}

void PostgresPool::note_connected(Worker& worker, Connected connected) {
    const Lock lock(mutex_);
    const SteadyTime time = now();
    worker.connection = std::move(connected.connection);
    worker.generation = generation_;
    worker.used = worker.asked = time;
    is_read_only_ = part_ == Part::primary && worker.connection->facts().is_read_only;
    worker.ends = time + (is_read_only_ ? read_only_lifetime : jitter(options_.max_lifetime));
    if (connected_++ == 0 && !fault_.empty())
        context_.log.info("database connected", {{"server", connected.server.name}});
    server_ = std::move(connected.server);
    fault_.clear();
    may_grow_ = {};
    for (const auto& other : workers_) {  // the server is back
        other->is_called = true;
        other->wake->notify_one();
    }
}

void PostgresPool::note_refused(const std::string& fault) {
    const Lock lock(mutex_);
    if (is_stopping_) return;
    numbers_.connect_errors.add();
    may_grow_ = now() + jitter(longest_back_off);
    if (fault != fault_) context_.log.warn("database connection failed", {{"fault", fault}});
    fault_ = fault;
}

void PostgresPool::wait_to_reconnect(Worker& worker, int failures) {
    const milliseconds wait =
        jitter(std::min(longest_back_off, first_back_off * (1 << std::min(failures, 6))));
    Lock lock(mutex_);
    worker.is_called = false;
    worker.wake->wait_for(lock, wait, [&] { return is_stopping_ || worker.is_called; });
}

// When something is to be done about the connection, work or not.
SteadyTime PostgresPool::due_of(const Worker& worker) const {
    SteadyTime due = std::min(worker.ends, worker.asked + options_.ping_after);
    if (live_ > options_.min_connections) due = std::min(due, worker.used + options_.idle_timeout);
    if (part_ == Part::replica) due = std::min(due, next_probe_.load());
    return due;
}

std::optional<Ticket> PostgresPool::next_ticket(Worker& worker) {
    Lock lock(mutex_);
    if (std::exchange(worker.is_returning, false)) --returning_;
    if (is_stopping_ || due_of(worker) <= now()) {
        give_line_to_idle();  // it may have waited for this thread, which has something else to do first
        return std::exchange(worker.given, std::nullopt);
    }
    if (!line_.empty()) return take_first();
    idle_.push_back(&worker);
    numbers_.idle.add(1);
    while (!worker.given && !is_stopping_) {
        const SteadyTime due = due_of(worker);
        const SteadyTime time = now();
        if (due <= time) break;
        worker.wake->wait_for(lock, due - time);
    }
    if (worker.given) return std::exchange(worker.given, std::nullopt);
    std::erase(idle_, &worker);
    numbers_.idle.add(-1);
    return std::nullopt;
}

// What broke one connection may have ended them all: before a unit is lost for good, the server is asked.
bool PostgresPool::is_usable(Worker& worker, const Ticket& ticket) {
    const SteadyTime time = now();
    if (ticket.was_lost) return !worker.connection->settle(time + options_.connect_timeout).has_value();
    return time - worker.used <= trusted_idle || worker.connection->is_alive();
}

void PostgresPool::run_ticket(Worker& worker, Ticket ticket) {
    const SteadyTime start = now();
    if (!is_usable(worker, ticket)) {
        drop_connection(worker, "The server closed the connection while nobody used it.");
        return requeue(std::move(ticket));
    }
    if (ticket.attempts == 0)
        numbers_.wait.observe(std::chrono::duration<double>(start - ticket.work->submitted).count());
    if (worker.generation != generation_) {
        worker.generation = generation_;
        if (auto fault = worker.connection->forget_statements(start + options_.connect_timeout)) {
            drop_connection(worker, fault->text);
            return requeue(std::move(ticket));
        }
    }
    numbers_.in_use.add(1);
    const auto outcome = worker.runner->run(ticket, *worker.connection);
    numbers_.in_use.add(-1);
    worker.used = worker.asked = now();
    if (!outcome.has_connection) drop_connection(worker, outcome.fault);
    if (!outcome.is_over) return requeue(std::move(ticket));
    worker.is_returning = worker.connection != nullptr;
    if (worker.is_returning) ++returning_;
    ticket.work->finish(outcome.failure);
}

void PostgresPool::look_after(Worker& worker) {
    const SteadyTime time = now();
    if (part_ == Part::replica && next_probe_.load() <= time) return probe_lag(worker);
    if (worker.ends <= time) return drop_connection(worker, {});
    {
        const Lock lock(mutex_);
        if (is_stopping_) return;
        worker.is_over = live_ > options_.min_connections && worker.used + options_.idle_timeout <= time;
        if (worker.is_over) return;
    }
    if (worker.asked + options_.ping_after > time) return;
    if (auto fault = worker.connection->settle(time + options_.connect_timeout))
        return drop_connection(worker, fault->text);
    worker.asked = now();
}

void PostgresPool::probe_lag(Worker& worker) {
    next_probe_ = now() + probe_interval;
    worker.connection->queue(Control::probe_lag);
    if (auto fault = worker.connection->settle(now() + options_.connect_timeout)) {
        is_fresh_ = false;
        if (fault->loses_connection) drop_connection(worker, fault->text);
        return;
    }
    ResultRows rows;
    std::vector<int> places;
    rows.reset(worker.connection->take_result(), places);
    rows.next();
    std::optional<milliseconds> lag;
    if (!rows.is_null(0)) lag = milliseconds(rows.integer(0));
    const bool is_fresh = lag && *lag <= longest_lag;
    if (is_fresh_.exchange(is_fresh) && !is_fresh)
        context_.log.warn("database replica fell behind", {{"lag_ms", lag.value_or(longest_lag).count()}});
    const Lock lock(mutex_);
    lag_ = lag;
}

// `why`: empty when its time had come.
void PostgresPool::drop_connection(Worker& worker, std::string why) {
    worker.connection.reset();
    const Lock lock(mutex_);
    --connected_;
    if (connected_ == 0) is_fresh_ = false;
    if (why.empty()) return;
    context_.log.warn("database connection lost", {{"fault", why}});
    fault_ = "The connection to PostgreSQL was lost.";
}

}  // namespace lodestone::db
