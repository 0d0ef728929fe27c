// Counters, gauges and histograms, rendered in Prometheus' text format 0.0.4. Updates are relaxed atomic adds
// on a cell of the calling thread's own (base/metric_cells.hpp), so that counting costs a few nanoseconds on
// every core.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/metric_cells.hpp"

namespace lodestone {

using MetricLabels = std::vector<std::pair<std::string, std::string>>;

class Counter {
  public:
    void add(std::uint64_t count = 1) { cell_.add(0, count); }
    std::uint64_t value() const { return cell_.sum(0); }

  private:
    MetricCells cell_{1};
};

// A sum of durations; the page shows it in seconds.
class TimeCounter {
  public:
    void add(std::chrono::nanoseconds time);  // a negative one counts as zero: clocks step
    double seconds() const;

  private:
    Counter nanoseconds_;
};

class Gauge {
  public:
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    void add(std::int64_t value) { value_.fetch_add(value, std::memory_order_relaxed); }
    std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> value_{0};
};

// Observes seconds. The bounds are fixed: 0.5 ms … 60 s, enough for a cached answer and for a large upload.
class Histogram {
  public:
    static std::span<const double> bounds_seconds();
    // Negative values and NaN count as zero: clocks step, and a page must not be spoilt by one of them.
    void observe(double seconds);
    std::uint64_t count() const;
    double sum() const;
    std::uint64_t count_at_most(std::size_t bound_index) const;  // cumulative

  private:
    static constexpr std::size_t bucket_count = 17;  // the bounds and +Inf
    MetricCells cells_{bucket_count + 1};            // and the sum, in microseconds
};

class Metrics {
  public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // Made on first use and kept for the program's life; the same name and labels give the same object. The
    // labels' values come from tables (routes, statuses), never from a client: cardinality is bounded here.
    // For start-up: each call takes a mutex and searches, so callers keep the reference. A name that is not
    // Prometheus', or that is taken by another type, is a bug.
    Counter& counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
    TimeCounter& time_counter(std::string_view name, std::string_view help, const MetricLabels& labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, const MetricLabels& labels = {});
    Histogram& histogram(std::string_view name, std::string_view help, const MetricLabels& labels = {});

    // A value that is read when the page is rendered: memory, descriptors, queue lengths. `read` runs on the
    // thread that renders, must be quick, must not call back into Metrics, and stays valid as long as we do.
    enum class ReadAs { counter, gauge };
    void add_reader(std::string_view name, std::string_view help, ReadAs type, std::function<double()> read);

    // Families by name, series by labels: two pages differ only in their numbers.
    std::string render() const;

  private:
    struct Family;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace lodestone
