// Trace context: the specification's grammar held strictly, traces carried on or begun.
#include "http/message/trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace lodestone::http {
namespace {

constexpr std::string_view good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// Zeros for a while, then ones: a generator that has bad luck.
class UnluckyRandom final : public Random {
  public:
    explicit UnluckyRandom(int zeros) : zeros_(zeros) {}
    void fill(std::span<std::uint8_t> bytes) override {
        std::fill(bytes.begin(), bytes.end(), zeros_-- > 0 ? std::uint8_t{0} : std::uint8_t{1});
    }

  private:
    int zeros_;
};

TEST(ParseTraceparent, TakesWhatIsWellFormed) {
    const struct {
        std::string_view text;
        bool is_sampled;
    } rows[] = {
        {good, true},
        {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false},
        {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02", false},
        {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff", true},
        {"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true},
        {"cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", true},
        {"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", true},
    };
    for (const auto& row : rows) {
        const auto trace = parse_traceparent(row.text);
        ASSERT_TRUE(trace) << row.text;
        EXPECT_EQ(trace->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
        EXPECT_EQ(trace->parent_id, "00f067aa0ba902b7");
        EXPECT_EQ(trace->is_sampled, row.is_sampled) << row.text;
        EXPECT_EQ(trace->span_id, "");
    }
}

TEST(ParseTraceparent, RefusesEverythingElse) {
    for (const std::string_view text : {
             "",
             "00",
             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011",
             "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.x",
             "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
             "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
             "0A-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
             "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
             "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A",
             "00-4bf92f3577b34da6a3ce929d0e0e473.-00f067aa0ba902b7-01",
             "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
             "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
             "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
             "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
             " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
         })
        EXPECT_FALSE(parse_traceparent(text)) << text;
}

TEST(ContinueTrace, CarriesTheCallersTraceOn) {
    SeededRandom random(1);
    const TraceContext trace = continue_trace(good, random);
    EXPECT_EQ(trace.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(trace.parent_id, "00f067aa0ba902b7");
    EXPECT_TRUE(trace.is_sampled);
    EXPECT_EQ(trace.span_id.size(), 16u);
    EXPECT_NE(trace.span_id, trace.parent_id);
    EXPECT_EQ(render_traceparent(trace), "00-4bf92f3577b34da6a3ce929d0e0e4736-" + trace.span_id + "-01");
}

TEST(ContinueTrace, BeginsOneWhereNoneCame) {
    SeededRandom random(1);
    for (const std::optional<std::string_view> received : {std::optional<std::string_view>(), {"nonsense"}}) {
        const TraceContext trace = continue_trace(received, random);
        EXPECT_EQ(trace.trace_id.size(), 32u);
        EXPECT_EQ(trace.parent_id, "");
        EXPECT_FALSE(trace.is_sampled);
        const auto again = parse_traceparent(render_traceparent(trace));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->trace_id, trace.trace_id);
        EXPECT_EQ(again->parent_id, trace.span_id);
    }
}

TEST(ContinueTrace, NeverMakesAnIdOfZerosOrTheCallersOwn) {
    UnluckyRandom zeros(1);
    EXPECT_EQ(continue_trace({}, zeros).trace_id, "01010101010101010101010101010101");
    UnluckyRandom more_zeros(1);
    EXPECT_EQ(continue_trace(good, more_zeros).span_id, "0101010101010101");
}

}  // namespace
}  // namespace lodestone::http
