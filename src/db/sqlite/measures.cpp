// The names under which /metrics shows what the SQLite engine does.
#include "db/sqlite/measures.hpp"

#include <string>

namespace lodestone::db {

namespace {

struct BatchClass {
    std::size_t at_most;
    const char* name;
};
constexpr BatchClass batch_classes[] = {{1, "1"},      {4, "2-4"},      {16, "5-16"},
                                        {64, "17-64"}, {256, "65-256"}, {SIZE_MAX, "257-"}};

MetricLabels labels(const char* name = nullptr, std::string_view value = {}) {
    MetricLabels all{{"engine", "sqlite"}};
    if (name != nullptr) all.emplace_back(name, value);
    return all;
}

constexpr const char* waiting_help = "Units of work in line for a database thread.";

}  // namespace

SqliteMeasures::SqliteMeasures(Metrics& metrics)
    : waiting_writes(metrics.gauge("lodestone_db_waiting", waiting_help, labels("line", "write"))),
      waiting_reads(metrics.gauge("lodestone_db_waiting", waiting_help, labels("line", "read"))),
      write_wait(wait_seconds(metrics, labels("line", "write"))),
      read_wait(wait_seconds(metrics, labels("line", "read"))),
      commit_time(metrics.histogram("lodestone_db_commit_seconds",
                                    "Seconds that a COMMIT took, until the disk had it.", labels())),
      commits(metrics.counter("lodestone_db_commits_total", "Transactions committed.", labels())),
      written_units(
          metrics.counter("lodestone_db_units_total", "Units of work done.", labels("line", "write"))),
      reads(metrics.counter("lodestone_db_units_total", "Units of work done.", labels("line", "read"))),
      rollbacks(metrics.counter("lodestone_db_rollbacks_total", "Units of work rolled back.", labels())),
      group_repeats(repeats_total(metrics, labels("reason", "group"))),
      read_repeats(repeats_total(metrics, labels("reason", "contention"))),
      checkpoints(metrics.counter("lodestone_db_checkpoints_total",
                                  "Times that the write-ahead log was copied into the database.", labels())),
      wal_bytes(metrics.gauge("lodestone_db_wal_bytes", "Size of the write-ahead log.", labels())),
      metrics_(metrics) {
    static_assert(std::size(batch_classes) == batch_class_count);
    for (std::size_t i = 0; i < batch_class_count; ++i)
        batches_[i] = &metrics.counter("lodestone_db_batches_total",
                                       "Transactions by how many units of work each of them committed.",
                                       labels("units", batch_classes[i].name));
    for (std::size_t i = 0; i < failure_count; ++i)
        errors_[i] = &metrics.counter("lodestone_db_errors_total", "Failures of the database.",
                                      labels("failure", failure_name(static_cast<Failure>(i))));
}

void SqliteMeasures::count_batch(std::size_t units) {
    std::size_t at = 0;
    while (units > batch_classes[at].at_most) ++at;
    batches_[at]->add();
    commits.add();
    written_units.add(units);
}

StatementCounters SqliteMeasures::statement(std::string_view name) {
    return statement_counters(metrics_, labels("statement", name));
}

}  // namespace lodestone::db
