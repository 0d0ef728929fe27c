// What the SQLite engine counts, and the sizes and times that it is tuned by.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/metrics.hpp"
#include "db/failure.hpp"
#include "db/measure_names.hpp"

namespace lodestone::db {

// The defaults are for servers; tests make them small.
struct SqliteTuning {
    std::size_t group_units = 1'024;                   // at most this many units in one COMMIT
    std::chrono::milliseconds group_time{10};          // and none joins a group that is older
    std::chrono::milliseconds idle_after{1'000};       // no work for so long: time for housekeeping
    std::chrono::milliseconds look_outside_after{10};  // for what other processes wrote, if anybody asks
    // Pages in the log: from the first on they are copied into the database without waiting for readers; from
    // the second on readers are waited for, and the log starts from its beginning.
    int checkpoint_pages = 4'000;
    int wal_cap_pages = 65'536;
    std::chrono::milliseconds checkpoint_patience{1'000};  // waiting for readers then
};

// Registered once for each engine; two engines in one process share them.
class SqliteMeasures {
  public:
    explicit SqliteMeasures(Metrics& metrics);

    void count_batch(std::size_t units);
    void count_error(Failure failure) { errors_[static_cast<std::size_t>(failure)]->add(); }

    StatementCounters statement(std::string_view name);

    Gauge& waiting_writes;
    Gauge& waiting_reads;
    Histogram& write_wait;
    Histogram& read_wait;
    Histogram& commit_time;
    Counter& commits;
    Counter& written_units;
    Counter& reads;
    Counter& rollbacks;
    Counter& group_repeats;  // since a unit took the whole transaction with it
    Counter& read_repeats;   // of what another process had locked
    Counter& checkpoints;
    Gauge& wal_bytes;

  private:
    static constexpr std::size_t batch_class_count = 6;
    static constexpr std::size_t failure_count = static_cast<std::size_t>(Failure::statement) + 1;

    Metrics& metrics_;
    std::array<Counter*, batch_class_count> batches_{};
    std::array<Counter*, failure_count> errors_{};
};

}  // namespace lodestone::db
