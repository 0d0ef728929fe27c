// The names and words of PostgreSQL's metrics.
#include "db/postgres/numbers.hpp"

namespace lodestone::db {

namespace {

MetricLabels basic(const std::string& pool) {
    return {{"engine", "postgres"}, {"pool", pool}};
}

MetricLabels in_state(const std::string& pool, const char* state) {
    MetricLabels labels = basic(pool);
    labels.emplace_back("state", state);
    return labels;
}

}  // namespace

PostgresNumbers::PostgresNumbers(Metrics& metrics, std::string pool)
    : idle(metrics.gauge("lodestone_db_connections", "Connections to the database.", in_state(pool, "idle"))),
      in_use(metrics.gauge("lodestone_db_connections", "Connections to the database.",
                           in_state(pool, "in_use"))),
      waiting(metrics.gauge("lodestone_db_waiting", "Units of work in line.", basic(pool))),
      wait(wait_seconds(metrics, basic(pool))),
      connection_age_seconds(metrics.histogram("lodestone_db_connection_age_seconds",
                                               "How old connections were when they ended.", basic(pool))),
      connects(metrics.counter("lodestone_db_connects_total", "Connections made.", basic(pool))),
      connect_errors(metrics.counter("lodestone_db_connect_errors_total", "Attempts to connect that failed.",
                                     basic(pool))),
      metrics_(metrics),
      pool_(std::move(pool)),
      statement_count_(Statement::all().size()),
      statements_(std::make_unique<std::atomic<const StatementCounters*>[]>(statement_count_)) {}

MetricLabels PostgresNumbers::labels(std::string name, std::string_view value) const {
    MetricLabels labels = basic(pool_);
    labels.emplace_back(std::move(name), std::string(value));
    return labels;
}

void PostgresNumbers::count_repeat(std::string_view reason) {
    repeats_total(metrics_, labels("reason", reason)).add();
}

void PostgresNumbers::count_error(Failure failure) {
    metrics_
        .counter("lodestone_db_errors_total", "Units of work that failed in the database.",
                 labels("failure", failure_name(failure)))
        .add();
}

// Two that meet at a statement's first run make the same counters twice: Metrics knows them by their name.
void PostgresNumbers::count_statement(const Statement& statement, std::chrono::nanoseconds taken) {
    if (statement.index() >= statement_count_) return;
    std::atomic<const StatementCounters*>& place = statements_[statement.index()];
    const StatementCounters* counters = place.load(std::memory_order_acquire);
    if (counters == nullptr) {
        const std::lock_guard lock(mutex_);
        counters = &made_.emplace_back(statement_counters(metrics_, labels("statement", statement.name())));
        place.store(counters, std::memory_order_release);
    }
    counters->add(taken);
}

}  // namespace lodestone::db
