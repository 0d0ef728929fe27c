// The metrics and their page.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
#include "base/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <mutex>
#include <variant>

#include "base/ensure.hpp"

namespace lodestone {
namespace {

constexpr std::array bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                            0.25,   0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};

}  // namespace

void TimeCounter::add(std::chrono::nanoseconds time) {
    if (time.count() > 0) nanoseconds_.add(static_cast<std::uint64_t>(time.count()));
}

double TimeCounter::seconds() const {
    return static_cast<double>(nanoseconds_.value()) / 1e9;
}

std::span<const double> Histogram::bounds_seconds() {
    static_assert(bounds.size() + 1 == bucket_count);
    return bounds;
}

void Histogram::observe(double seconds) {
    const double taken = seconds > 0 ? std::min(seconds, 1e9) : 0;
    const auto bucket = static_cast<std::size_t>(std::ranges::lower_bound(bounds, taken) - bounds.begin());
    cells_.add(bucket, 1);
    cells_.add(bucket_count, static_cast<std::uint64_t>(std::llround(taken * 1e6)));
}

std::uint64_t Histogram::count() const {
    return count_at_most(bucket_count - 1);
}

double Histogram::sum() const {
    return static_cast<double>(cells_.sum(bucket_count)) / 1e6;
}

std::uint64_t Histogram::count_at_most(std::size_t bound_index) const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i <= bound_index; ++i) total += cells_.sum(i);
    return total;
}

namespace {

using Out = std::back_insert_iterator<std::string>;

bool is_name(std::string_view name, std::string_view also) {
    const auto is_letter = [also](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || also.find(c) != std::string_view::npos;
    };
    return !name.empty() && is_letter(name[0]) &&
           std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void append_escaped(std::string& out, std::string_view text, bool has_quotes) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\\' || (c == '"' && has_quotes)) {
            out += '\\';
            out += c;
        } else {
            out += c;
        }
    }
}

// name="value",… as it stands between the braces; it identifies the series within its family.
std::string render_labels(MetricLabels labels) {
    std::ranges::sort(labels);
    std::string out;
    std::string_view previous;
    for (const auto& [name, value] : labels) {
        ensure(is_name(name, "_") && !name.starts_with("__") && name != "le", "a label has a valid name");
        ensure(name != previous, "a label is given once");
        previous = name;
        if (!out.empty()) out += ',';
        out += name;
        out += "=\"";
        append_escaped(out, value, true);
        out += '"';
    }
    return out;
}

std::string render_number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

struct SeriesName {
    std::string_view family;
    std::string_view labels;
};

template <class Number>
void append_sample(std::string& out, const SeriesName& name, Number value) {
    const bool has_labels = !name.labels.empty();
    fmt::format_to(Out(out), "{}{}{}{} {}\n", name.family, has_labels ? "{" : "", name.labels,
                   has_labels ? "}" : "", value);
}

using Reader = std::function<double()>;

struct AppendMetric {
    std::string& out;
    SeriesName name;

    void operator()(const std::unique_ptr<Counter>& counter) const {
        append_sample(out, name, counter->value());
    }
    void operator()(const std::unique_ptr<TimeCounter>& time) const {
        append_sample(out, name, render_number(time->seconds()));
    }
    void operator()(const std::unique_ptr<Gauge>& gauge) const { append_sample(out, name, gauge->value()); }
    void operator()(const Reader& read) const { append_sample(out, name, render_number(read())); }

    void operator()(const std::unique_ptr<Histogram>& histogram) const {
        const std::string bucket = fmt::format("{}_bucket", name.family);
        const std::string_view comma = name.labels.empty() ? "" : ",";
        // Buckets are read one after the other while others count: none may be less than the one before it,
        // and the last is the count.
        std::uint64_t cumulative = 0;
        for (std::size_t i = 0; i <= bounds.size(); ++i) {
            cumulative = std::max(cumulative, histogram->count_at_most(i));
            const std::string bound = i < bounds.size() ? render_number(bounds[i]) : "+Inf";
            append_sample(out, {bucket, fmt::format("{}{}le=\"{}\"", name.labels, comma, bound)}, cumulative);
        }
        append_sample(out, {fmt::format("{}_sum", name.family), name.labels}, histogram->sum());
        append_sample(out, {fmt::format("{}_count", name.family), name.labels}, cumulative);
    }
};

}  // namespace

struct Metrics::Family {
    std::string help;
    std::string_view type;
    std::map<std::string, std::variant<std::unique_ptr<Counter>, std::unique_ptr<TimeCounter>,
                                       std::unique_ptr<Gauge>, std::unique_ptr<Histogram>, Reader>>
        series;
};

struct Metrics::State {
    mutable std::mutex mutex;
    std::map<std::string, Family, std::less<>> families;

    Family& find_family(std::string_view name, std::string_view help, std::string_view type) {
        ensure(is_name(name, "_:"), "a metric has a valid name");
        const auto [at, is_new] = families.try_emplace(std::string(name));
        Family& family = at->second;
        if (is_new) {
            family.help = help;
            family.type = type;
        }
        ensure(family.type == type, "a metric's name stands for one type");
        return family;
    }

    template <class Metric>
    Metric& find_metric(Family& family, const MetricLabels& labels) {
        const auto [at, is_new] = family.series.try_emplace(render_labels(labels));
        if (is_new) at->second = std::make_unique<Metric>();
        const auto* metric = std::get_if<std::unique_ptr<Metric>>(&at->second);
        ensure(metric != nullptr, "a metric is either kept or read");
        return **metric;
    }
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, const MetricLabels& labels) {
    const std::lock_guard lock(state_->mutex);
    return state_->find_metric<Counter>(state_->find_family(name, help, "counter"), labels);
}

TimeCounter& Metrics::time_counter(std::string_view name, std::string_view help, const MetricLabels& labels) {
    const std::lock_guard lock(state_->mutex);
    return state_->find_metric<TimeCounter>(state_->find_family(name, help, "counter"), labels);
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, const MetricLabels& labels) {
    const std::lock_guard lock(state_->mutex);
    return state_->find_metric<Gauge>(state_->find_family(name, help, "gauge"), labels);
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, const MetricLabels& labels) {
    const std::lock_guard lock(state_->mutex);
    return state_->find_metric<Histogram>(state_->find_family(name, help, "histogram"), labels);
}

void Metrics::add_reader(std::string_view name, std::string_view help, ReadAs type,
                         std::function<double()> read) {
    const std::lock_guard lock(state_->mutex);
    Family& family = state_->find_family(name, help, type == ReadAs::counter ? "counter" : "gauge");
    ensure(family.series.empty(), "a metric that is read has one reader");
    family.series.try_emplace("", std::move(read));
}

std::string Metrics::render() const {
    const std::lock_guard lock(state_->mutex);
    std::string out;
    for (const auto& [name, family] : state_->families) {
        out += fmt::format("# HELP {} ", name);
        append_escaped(out, family.help, false);
        out += fmt::format("\n# TYPE {} {}\n", name, family.type);
        for (const auto& [labels, metric] : family.series)
            std::visit(AppendMetric{out, {name, labels}}, metric);
    }
    return out;
}

}  // namespace lodestone
