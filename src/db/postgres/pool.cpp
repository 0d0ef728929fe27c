// The line: handing units to idle threads, refusing what waits too long or finds no room, growing the pool.
#include "db/postgres/pool.hpp"

#include <sys/eventfd.h>

#include <algorithm>

namespace lodestone::db {

PostgresPool::PostgresPool(std::string url, Part part, const PostgresOptions& options, Context& context,
                           std::function<void(Ticket)> elsewhere)
    : hosts_(std::move(url)),
      part_(part),
      options_(options),
      context_(context),
      numbers_(context.metrics, part == Part::primary ? "primary" : "replica"),
      elsewhere_(std::move(elsewhere)),
      stop_event_(::eventfd(0, EFD_CLOEXEC)),
      fault_("Not connected to PostgreSQL yet.") {
    ensure(stop_event_.is_open(), "there is a descriptor for an event");
    housekeeper_ = std::thread([this] { keep_house(); });
}

PostgresPool::~PostgresPool() {
    stop();
}

SteadyTime PostgresPool::expiry_of(const Ticket& ticket) const {
    if (ticket.doubt != Ticket::Doubt::none) return ticket.doubt_ends;
    return std::min(ticket.work->unit().deadline, now() + options_.acquire_timeout);
}

void PostgresPool::submit(Ticket ticket) {
    ticket.work->submitted = now();
    ticket.expires = expiry_of(ticket);
    bool is_stopping = false;
    {
        Lock lock(mutex_);
        is_stopping = is_stopping_;
        // A thread that is about to be idle is warm, and needs nobody to wake it.
        const bool is_awaited = line_.size() < returning_;
        Wake wake = is_stopping || is_awaited ? nullptr : give_to_idle(ticket);
        if (wake) {
            lock.unlock();
            return wake->notify_one();
        }
        if (!is_stopping && line_.size() < options_.queue) {
            const bool is_next = ticket.expires < next_expiry_;
            if (is_next) next_expiry_ = ticket.expires;
            line_.push_back(std::move(ticket));
            numbers_.waiting.add(1);
            if (is_next || wants_worker()) house_.notify_one();
            return;
        }
    }
    std::vector<Ticket> refused;
    refused.push_back(std::move(ticket));
    refuse(std::move(refused), is_stopping ? "the engine stops" : "too many units of work wait already");
}

// Whom to notify, without the lock: who wakes to find it taken sleeps once more. Null: nobody is idle.
PostgresPool::Wake PostgresPool::give_to_idle(Ticket& ticket) {
    if (idle_.empty()) return nullptr;
    Worker& worker = *idle_.back();
    idle_.pop_back();
    numbers_.idle.add(-1);
    worker.given = std::move(ticket);
    return worker.wake;
}

Ticket PostgresPool::take_first() {
    Ticket ticket = std::move(line_.front());
    line_.pop_front();
    numbers_.waiting.add(-1);
    return ticket;
}

void PostgresPool::give_line_to_idle() {
    while (line_.size() > returning_ && !idle_.empty()) {
        Ticket ticket = take_first();
        give_to_idle(ticket)->notify_one();
    }
}

// In front: it has waited before.
void PostgresPool::requeue(Ticket ticket) {
    ticket.expires = expiry_of(ticket);
    if (elsewhere_ && ticket.doubt == Ticket::Doubt::none) return elsewhere_(std::move(ticket));
    Lock lock(mutex_);
    if (is_stopping_) {
        lock.unlock();
        std::vector<Ticket> refused;
        refused.push_back(std::move(ticket));
        return refuse(std::move(refused), "the engine stops");
    }
    next_expiry_ = std::min(next_expiry_, ticket.expires);
    house_.notify_one();
    if (const Wake wake = give_to_idle(ticket)) return wake->notify_one();
    line_.push_front(std::move(ticket));
    numbers_.waiting.add(1);
}

void PostgresPool::refuse(std::vector<Ticket> tickets, std::string_view why) {
    for (Ticket& ticket : tickets) {
        Failure failure = Failure::unavailable;
        if (ticket.was_lost) failure = Failure::lost;
        if (ticket.doubt == Ticket::Doubt::reply_lost) failure = Failure::unknown;
        numbers_.count_error(failure);
        ticket.work->finish(std::make_exception_ptr(DatabaseError(failure, std::string(why))));
    }
}

std::vector<Ticket> PostgresPool::take_expired() {
    std::vector<Ticket> expired;
    std::deque<Ticket> kept;
    const SteadyTime time = now();
    for (Ticket& ticket : line_) {
        if (ticket.expires <= time)
            expired.push_back(std::move(ticket));
        else
            kept.push_back(std::move(ticket));
    }
    line_ = std::move(kept);
    numbers_.waiting.add(-static_cast<std::int64_t>(expired.size()));
    next_expiry_ = SteadyTime::max();
    for (const Ticket& ticket : line_) next_expiry_ = std::min(next_expiry_, ticket.expires);
    return expired;
}

// Works also while every connection is stuck: it touches none of them.
void PostgresPool::keep_house() {
    Lock lock(mutex_);
    while (!is_stopping_) {
        while (live_ < options_.min_connections) start_worker();
        while (wants_worker()) start_worker();
        if (has_finished_workers_) join_finished(lock);
        if (next_expiry_ <= now()) {
            std::vector<Ticket> expired = take_expired();
            lock.unlock();
            refuse(std::move(expired), "no connection became free in time");
            lock.lock();
            continue;
        }
        if (wants_worker() || has_finished_workers_ || is_stopping_) continue;
        const auto left = next_expiry_ == SteadyTime::max() ? std::chrono::nanoseconds(std::chrono::hours(1))
                                                            : next_expiry_ - now();
        house_.wait_for(lock, left);
    }
}

// Those that are about to connect, or to be idle, will take their share of the line.
bool PostgresPool::wants_worker() const {
    return line_.size() > live_ - connected_ + returning_ && live_ < options_.max_connections &&
           now() >= may_grow_;
}

void PostgresPool::start_worker() {
    workers_.push_back(std::make_unique<Worker>());
    Worker& worker = *workers_.back();
    worker.is_needed = ++live_ <= options_.min_connections;
    worker.thread = std::thread([this, &worker] { work(worker); });
}

void PostgresPool::join_finished(Lock& lock) {
    has_finished_workers_ = false;
    std::vector<std::unique_ptr<Worker>> finished;
    for (std::unique_ptr<Worker>& worker : workers_)
        if (worker->is_finished) finished.push_back(std::move(worker));
    std::erase(workers_, nullptr);
    lock.unlock();
    for (const auto& worker : finished) worker->thread.join();
    lock.lock();
}

void PostgresPool::stop() {
    std::vector<Ticket> waiting;
    {
        const Lock lock(mutex_);
        if (std::exchange(is_stopping_, true)) return;
        std::move(line_.begin(), line_.end(), std::back_inserter(waiting));
        line_.clear();
        numbers_.waiting.add(-static_cast<std::int64_t>(waiting.size()));
        for (const auto& worker : workers_) worker->wake->notify_one();
        house_.notify_one();
    }
    const std::uint64_t one = 1;
    ensure(::write(stop_event_.value(), &one, sizeof one) == sizeof one, "an event can be told");
    refuse(std::move(waiting), "the engine stops");
    housekeeper_.join();
    for (const auto& worker : workers_) worker->thread.join();
    is_fresh_ = false;
}

PostgresPool::Status PostgresPool::status() const {
    const Lock lock(mutex_);
    Status status{.server = server_,
                  .size = static_cast<std::int64_t>(connected_),
                  .idle = static_cast<std::int64_t>(idle_.size()),
                  .in_use = static_cast<std::int64_t>(connected_ - std::min(connected_, idle_.size())),
                  .waiting = static_cast<std::int64_t>(line_.size()),
                  .lag = lag_,
                  .fault = std::nullopt,
                  .is_read_only = is_read_only_};
    if (is_stopping_)
        status.fault = "The database's engine was stopped.";
    else if (connected_ == 0)
        status.fault = fault_;
    else if (is_read_only_)
        status.fault = "PostgreSQL takes no changes at the moment.";
    return status;
}

}  // namespace lodestone::db
