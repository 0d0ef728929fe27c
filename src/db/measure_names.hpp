// What both engines count under the same name and with the same words, told apart by the label `engine`.
#pragma once

#include <string_view>

#include "base/metrics.hpp"

namespace lodestone::db {

struct StatementCounters {
    Counter* runs = nullptr;
    TimeCounter* time = nullptr;

    void add(std::chrono::nanoseconds taken) const {
        runs->add();
        time->add(taken);
    }
};

inline Histogram& wait_seconds(Metrics& metrics, const MetricLabels& labels) {
    return metrics.histogram("lodestone_db_wait_seconds",
                             "Seconds from handing a unit of work in to its start.", labels);
}

// `labels`: with the reason.
inline Counter& repeats_total(Metrics& metrics, const MetricLabels& labels) {
    return metrics.counter("lodestone_db_repeats_total", "Units of work run once more.", labels);
}

// `labels`: with the statement's name.
inline StatementCounters statement_counters(Metrics& metrics, const MetricLabels& labels) {
    return {&metrics.counter("lodestone_db_statements_total", "Statements run.", labels),
            &metrics.time_counter("lodestone_db_statement_seconds_total",
                                  "Time spent in statements, reading their rows included.", labels)};
}

}  // namespace lodestone::db
