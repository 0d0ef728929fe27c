// What is counted about PostgreSQL: lodestone_db_* with engine="postgres".
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/metrics.hpp"
#include "db/failure.hpp"
#include "db/measure_names.hpp"
#include "db/statement.hpp"

namespace lodestone::db {

class PostgresNumbers {
  public:
    // `pool`: primary or replica.
    PostgresNumbers(Metrics& metrics, std::string pool);

    void count_repeat(std::string_view reason);
    void count_error(Failure failure);
    void count_statement(const Statement& statement, std::chrono::nanoseconds taken);

    Gauge& idle;
    Gauge& in_use;
    Gauge& waiting;
    Histogram& wait;
    Histogram& connection_age_seconds;
    Counter& connects;
    Counter& connect_errors;

  private:
    MetricLabels labels(std::string name, std::string_view value) const;

    Metrics& metrics_;
    std::string pool_;
    std::size_t statement_count_;
    // By Statement::index(); made when a statement is first used, so that the page shows only those.
    std::unique_ptr<std::atomic<const StatementCounters*>[]> statements_;
    std::mutex mutex_;
    std::deque<StatementCounters> made_;  // where they stand
};

}  // namespace lodestone::db
