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
      acquire_seconds(metrics.histogram("lodestone_db_acquire_seconds",
                                        "How long units of work waited for a connection.", basic(pool))),
      connection_age_seconds(metrics.histogram("lodestone_db_connection_age_seconds",
                                               "How old connections were when they ended.", basic(pool))),
      connects(metrics.counter("lodestone_db_connects_total", "Connections made.", basic(pool))),
      connect_errors(metrics.counter("lodestone_db_connect_errors_total", "Attempts to connect that failed.",
                                     basic(pool))),
      metrics_(metrics),
      pool_(std::move(pool)),
      statement_count_(Statement::all().size()),
      statements_(std::make_unique<std::atomic<Histogram*>[]>(statement_count_)) {}

MetricLabels PostgresNumbers::labels(std::string name, std::string_view value) const {
    MetricLabels labels = basic(pool_);
    labels.emplace_back(std::move(name), std::string(value));
    return labels;
}

void PostgresNumbers::count_retry(std::string_view reason) {
    metrics_
        .counter("lodestone_db_retries_total", "Transactions that were run again.", labels("reason", reason))
        .add();
}

void PostgresNumbers::count_error(Failure failure) {
    metrics_
        .counter("lodestone_db_errors_total", "Units of work that failed in the database.",
                 labels("failure", failure_name(failure)))
        .add();
}

void PostgresNumbers::observe_statement(const Statement& statement, double seconds) {
    if (statement.index() >= statement_count_) return;
    std::atomic<Histogram*>& place = statements_[statement.index()];
    Histogram* histogram = place.load(std::memory_order_acquire);
    if (histogram == nullptr) {
        histogram = &metrics_.histogram("lodestone_db_statement_seconds", "How long each statement took.",
                                        labels("statement", statement.name()));
        place.store(histogram, std::memory_order_release);
    }
    histogram->observe(seconds);
}

}  // namespace lodestone::db
