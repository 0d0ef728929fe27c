// Rounds twice a second, and once a minute what need not be that often.
#include "app/serving/maintenance.hpp"

#include <pthread.h>

#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/memory.hpp"
#include "base/problem.hpp"
#include "ledger/chain.hpp"

namespace lodestone::app {

namespace {

constexpr std::chrono::milliseconds pause_between_rounds{500};
constexpr std::chrono::milliseconds pause_after_fault{5'000};
constexpr std::chrono::minutes pause_between_chores{1};

}  // namespace

Maintenance::Maintenance(db::Database& database, ledger::RefusalRecorder& refusals, std::vector<Chore> chores,
                         Context& context)
    : database_(database),
      refusals_(refusals),
      chores_(std::move(chores)),
      context_(context),
      node_(render_uuid(make_uuid(context.clock, context.random))),
      numbered_(context.metrics.counter("lodestone_audit_entries_numbered_total",
                                        "Audit entries that this node gave their number and hash.")),
      waiting_(context.metrics.gauge("lodestone_audit_entries_waiting",
                                     "Audit entries without a number yet, counted up to one batch.")) {
    for (const Chore& chore : chores_) {
        const MetricLabels labels{{"chore", chore.name}};
        counts_.push_back(
            {context.metrics.counter("lodestone_chore_rows_total", "Rows that a chore changed.", labels),
             context.metrics.counter("lodestone_chore_failures_total", "Chores that ended early.", labels),
             context.metrics.gauge("lodestone_chore_last_done_seconds",
                                   "When this node last did a chore to its end, in seconds since 1970.",
                                   labels)});
    }
}

void Maintenance::start() {
    thread_ = std::thread([this] { run(); });
    ::pthread_setname_np(thread_.native_handle(), "maintenance");
}

void Maintenance::stop() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    stopping_.notify_all();
    thread_.join();
}

bool Maintenance::is_stopping() {
    const std::lock_guard lock(mutex_);
    return is_stopping_;
}

void Maintenance::run() {
    std::unique_lock lock(mutex_);
    while (!is_stopping_) {
        lock.unlock();
        run_round();
        lock.lock();
        const auto pause = has_round_failed_ ? pause_after_fault : pause_between_rounds;
        stopping_.wait_for(lock, pause, [this] { return is_stopping_; });
    }
    lock.unlock();
    for (const Backlog& backlog : backlogs_) attempt(backlog.name, backlog.write);
    attempt("refusals", [this] { write_refusals(); });
    attempt("audit", [this] { number_entries(); });
}

void Maintenance::run_round() {
    has_round_failed_ = false;
    if (first_) {
        attempt("first start", [this] {
            first_();
            first_ = nullptr;
        });
        if (first_) return;
    }
    attempt("audit", [this] { number_entries(); });
    for (const Backlog& backlog : backlogs_)
        if (backlog.is_due()) attempt(backlog.name, backlog.write);
    if (context_.clock.steady_now() < next_minute_) return;
    next_minute_ = context_.clock.steady_now() + pause_between_chores;
    attempt("refusals", [this] { write_refusals(); });
    run_chores();
}

// A database that is away says so to everybody; here it is news only once.
bool Maintenance::attempt(const std::string& what, const std::function<void()>& task) {
    const std::optional<std::string> fault = find_problem(task);
    if (!fault) {
        faults_.erase(what);
        return true;
    }
    has_round_failed_ = true;
    if (std::string& known = faults_[what]; known != *fault) {
        context_.log.warn("maintenance failed", {{"task", what}, {"why", *fault}});
        known = *fault;
    }
    return false;
}

// A read first: most of the time there is nothing, and writing would take the turn for it.
void Maintenance::number_entries() {
    const auto look = [this] {
        const std::int64_t waiting = database_.read_now(db::Unit{}, ledger::count_pending);
        waiting_.set(waiting);
        return waiting;
    };
    while (look() > 0) {
        const std::int64_t numbered = database_.write_now(db::Unit{}, ledger::sequence_entries);
        numbered_.add(static_cast<std::uint64_t>(numbered));
    }
}

void Maintenance::write_refusals() {
    refusals_.flush(database_);
}

void Maintenance::run_chores() {
    bool was_long_ago = false;
    for (std::size_t at = 0; at < chores_.size() && !is_stopping(); ++at) {
        bool has_turn = false;
        if (!attempt(chores_[at].name, [&] { has_turn = run_chore(chores_[at], counts_[at]); }))
            counts_[at].failures.add();
        was_long_ago |= has_turn && chores_[at].every > pause_between_chores;
    }
    if (was_long_ago) attempt("rest", [this] { forget_what_is_seldom(); });
}

// A megabyte of statements, those that make a new installation among them, which nobody runs again for an
// hour.
void Maintenance::forget_what_is_seldom() {
    database_.engine().forget_statements();
    database_.write_now(db::Unit{}, [](db::Tx&) {});
    give_memory_back();
}

bool Maintenance::run_chore(const Chore& chore, ChoreCounts& counts) {
    const bool has_turn =
        database_.write_now(db::Unit{}, [&](db::Tx& tx) { return take_turn(tx, chore, node_); });
    if (!has_turn) return false;
    if (chore.run) counts.rows.add(static_cast<std::uint64_t>(chore.run()));
    std::int64_t rows = chore.run ? 0 : 1;
    for (int step = 0; step < chore_steps && rows != 0 && !is_stopping(); ++step) {
        rows = database_.write_now(db::Unit{}, chore.step);
        counts.rows.add(static_cast<std::uint64_t>(rows));
    }
    counts.last_done.set(
        std::chrono::floor<std::chrono::seconds>(context_.clock.now()).time_since_epoch().count());
    return true;
}

}  // namespace lodestone::app
