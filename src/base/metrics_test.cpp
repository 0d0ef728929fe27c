// Metrics: counting on many threads, the buckets, the page byte for byte, and names that are bugs.
#include "base/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <thread>

namespace lodestone {
namespace {

using ::testing::HasSubstr;

TEST(Metrics, CountsOnManyThreads) {
    Metrics metrics;
    Counter& counter = metrics.counter("c_total", "c");
    Gauge& gauge = metrics.gauge("g", "g");
    Histogram& histogram = metrics.histogram("h_seconds", "h");
    constexpr int thread_count = 12;  // more than there are rows
    constexpr int rounds = 10'000;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < thread_count; ++thread) {
            threads.emplace_back([&] {
                for (int i = 0; i < rounds; ++i) {
                    counter.add(2);
                    gauge.add(1);
                    histogram.observe(0.5);
                    metrics.counter("c_total", "c").add();
                }
            });
        }
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) EXPECT_THAT(metrics.render(), HasSubstr("c_total "));
        });
    }
    EXPECT_EQ(counter.value(), 3u * thread_count * rounds);
    EXPECT_EQ(gauge.value(), thread_count * rounds);
    EXPECT_EQ(histogram.count(), 1u * thread_count * rounds);
    EXPECT_DOUBLE_EQ(histogram.sum(), 0.5 * thread_count * rounds);
}

TEST(Metrics, TheSameNameAndLabelsAreTheSameObject) {
    Metrics metrics;
    Counter& get = metrics.counter("c_total", "c", {{"method", "GET"}, {"status", "200"}});
    EXPECT_EQ(&metrics.counter("c_total", "c", {{"status", "200"}, {"method", "GET"}}), &get);
    EXPECT_NE(&metrics.counter("c_total", "c", {{"method", "PUT"}, {"status", "200"}}), &get);
    EXPECT_EQ(&metrics.gauge("g", "g"), &metrics.gauge("g", "g"));
}

TEST(Metrics, NewOnesStartAtZeroWhereOthersCounted) {
    for (int round = 0; round < 3; ++round) {
        Metrics metrics;
        Counter& counter = metrics.counter("c_total", "c");
        Histogram& histogram = metrics.histogram("h_seconds", "h");
        EXPECT_EQ(counter.value(), 0u);
        EXPECT_EQ(histogram.count(), 0u);
        EXPECT_DOUBLE_EQ(histogram.sum(), 0);
        std::jthread([&] { counter.add(7); }).join();
        counter.add(1);
        histogram.observe(90);
        EXPECT_EQ(counter.value(), 8u);
        EXPECT_DOUBLE_EQ(histogram.sum(), 90);
    }
}

TEST(Metrics, CountersBesideEachOtherKeepApart) {
    Metrics metrics;
    Counter& one = metrics.counter("one_total", "c");
    auto other = std::make_unique<Metrics>();
    Histogram& histogram = other->histogram("h_seconds", "h");
    Counter& two = metrics.counter("two_total", "c");
    one.add(1);
    histogram.observe(0.1);
    two.add(2);
    other.reset();
    EXPECT_EQ(one.value(), 1u);
    EXPECT_EQ(two.value(), 2u);
}

TEST(Metrics, HistogramsPutValuesAtTheirBound) {
    Histogram histogram;
    const auto bounds = Histogram::bounds_seconds();
    EXPECT_DOUBLE_EQ(bounds.front(), 0.0005);
    EXPECT_DOUBLE_EQ(bounds.back(), 60);
    for (const double value :
         {0.0, 0.0005, 0.00051, 60.0, 60.1, 1e300, -1.0, std::numeric_limits<double>::quiet_NaN()})
        histogram.observe(value);
    EXPECT_EQ(histogram.count_at_most(0), 4u);  // 0, the bound itself, -1 and NaN
    EXPECT_EQ(histogram.count_at_most(1), 5u);
    EXPECT_EQ(histogram.count_at_most(bounds.size() - 1), 6u);
    EXPECT_EQ(histogram.count(), 8u);
}

TEST(Metrics, RendersThePage) {
    Metrics metrics;
    metrics.gauge("z_last", "Added first.").set(-7);
    metrics.counter("b_total", "Requests.", {{"method", "PUT"}}).add(2);
    metrics.counter("b_total", "Requests.", {{"method", "GET"}}).add(40);
    metrics.add_reader("a_bytes", "Read late.", Metrics::ReadAs::gauge, [] { return 1234567890.5; });
    metrics.add_reader("a_total", "Read late.", Metrics::ReadAs::counter, [] { return 3.0; });
    EXPECT_EQ(metrics.render(), R"(# HELP a_bytes Read late.
# TYPE a_bytes gauge
a_bytes 1234567890.5
# HELP a_total Read late.
# TYPE a_total counter
a_total 3
# HELP b_total Requests.
# TYPE b_total counter
b_total{method="GET"} 40
b_total{method="PUT"} 2
# HELP z_last Added first.
# TYPE z_last gauge
z_last -7
)");
}

TEST(Metrics, RendersHistograms) {
    Metrics metrics;
    Histogram& histogram = metrics.histogram("h_seconds", "How long.", {{"route", "/x"}});
    histogram.observe(0.002);
    histogram.observe(4);
    histogram.observe(100);
    EXPECT_EQ(metrics.render(), R"(# HELP h_seconds How long.
# TYPE h_seconds histogram
h_seconds_bucket{route="/x",le="0.0005"} 0
h_seconds_bucket{route="/x",le="0.001"} 0
h_seconds_bucket{route="/x",le="0.0025"} 1
h_seconds_bucket{route="/x",le="0.005"} 1
h_seconds_bucket{route="/x",le="0.01"} 1
h_seconds_bucket{route="/x",le="0.025"} 1
h_seconds_bucket{route="/x",le="0.05"} 1
h_seconds_bucket{route="/x",le="0.1"} 1
h_seconds_bucket{route="/x",le="0.25"} 1
h_seconds_bucket{route="/x",le="0.5"} 1
h_seconds_bucket{route="/x",le="1"} 1
h_seconds_bucket{route="/x",le="2.5"} 1
h_seconds_bucket{route="/x",le="5"} 2
h_seconds_bucket{route="/x",le="10"} 2
h_seconds_bucket{route="/x",le="30"} 2
h_seconds_bucket{route="/x",le="60"} 2
h_seconds_bucket{route="/x",le="+Inf"} 3
h_seconds_sum{route="/x"} 104.002
h_seconds_count{route="/x"} 3
)");
    Metrics bare;
    bare.histogram("h_seconds", "How long.");
    EXPECT_THAT(bare.render(),
                HasSubstr("h_seconds_bucket{le=\"+Inf\"} 0\nh_seconds_sum 0\nh_seconds_count 0\n"));
}

TEST(Metrics, EscapesLabelsAndHelp) {
    Metrics metrics;
    metrics.counter("c_total", "A \"help\"\nwith \\ in it.", {{"l", "a\"b\\c\nd"}});
    EXPECT_EQ(metrics.render(),
              "# HELP c_total A \"help\"\\nwith \\\\ in it.\n"
              "# TYPE c_total counter\n"
              "c_total{l=\"a\\\"b\\\\c\\nd\"} 0\n");
}

TEST(Metrics, RendersNumbersThatAreNone) {
    Metrics metrics;
    const double infinity = std::numeric_limits<double>::infinity();
    metrics.add_reader("a", "a", Metrics::ReadAs::gauge, [=] { return infinity; });
    metrics.add_reader("b", "b", Metrics::ReadAs::gauge, [=] { return -infinity; });
    metrics.add_reader("c", "c", Metrics::ReadAs::gauge, [=] { return infinity - infinity; });
    const std::string page = metrics.render();
    EXPECT_THAT(page, HasSubstr("\na +Inf\n"));
    EXPECT_THAT(page, HasSubstr("\nb -Inf\n"));
    EXPECT_THAT(page, HasSubstr("\nc NaN\n"));
}

using MetricsDeathTest = ::testing::Test;

TEST(MetricsDeathTest, WrongNamesAreBugs) {
    ::testing::FLAGS_gtest_death_test_style = "threadsafe";
    Metrics metrics;
    for (const std::string_view name : {"", "9lives", "with-hyphen", "with space", "größe"})
        EXPECT_DEATH(metrics.counter(name, "h"), "valid name") << name;
    for (const std::string name : {"", "le", "__name__", "a:b", "1"})
        EXPECT_DEATH(metrics.counter("c_total", "h", {{name, "v"}}), "valid name") << name;
    EXPECT_DEATH(metrics.counter("c_total", "h", {{"a", "1"}, {"a", "2"}}), "given once");
    metrics.gauge("ns:sub_9", "a valid name");
    EXPECT_DEATH(metrics.counter("ns:sub_9", "h"), "one type");
    metrics.add_reader("r", "h", Metrics::ReadAs::gauge, [] { return 0.0; });
    EXPECT_DEATH(metrics.gauge("r", "h"), "kept or read");
}

}  // namespace
}  // namespace lodestone
