// Rate, errors and duration of every route. The series are made at start from the route table, so that
// counting a request is a few additions and nobody outside can invent a new series.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>

#include "base/metrics.hpp"
#include "http/server/router.hpp"

namespace lodestone::app {

class RequestMetrics {
  public:
    RequestMetrics(Metrics& metrics, const http::Router& router);

    // `route` may be null: nothing matched.
    void note(const http::Route* route, int status, double seconds, std::uint64_t received_bytes,
              std::uint64_t sent_bytes);
    Gauge& in_flight() { return in_flight_; }

  private:
    struct Series {
        std::array<Counter*, 5> by_class;  // 1xx … 5xx
        Histogram* duration;
    };
    Series make_series(Metrics& metrics, std::string_view method, std::string_view route);

    std::unordered_map<const http::Route*, Series> by_route_;
    Series unmatched_;
    Counter& received_;
    Counter& sent_;
    Gauge& in_flight_;
};

}  // namespace lodestone::app
