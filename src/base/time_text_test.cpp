// RFC 3339 text: known instants, the cache of the second, and the edges of the calendar.
#include "base/time_text.hpp"

#include <gtest/gtest.h>

namespace lodestone {
namespace {

using std::chrono::microseconds;

TEST(TimeText, RendersKnownInstants) {
    const struct {
        std::int64_t micros;
        std::string_view text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000000Z"},
        {1'800'000'000'000'000, "2027-01-15T08:00:00.000000Z"},
        {1'800'000'000'000'001, "2027-01-15T08:00:00.000001Z"},
        {1'800'000'000'999'999, "2027-01-15T08:00:00.999999Z"},
        {1'800'000'001'000'000, "2027-01-15T08:00:01.000000Z"},
        {1'709'251'199'000'000, "2024-02-29T23:59:59.000000Z"},
        {-1, "1969-12-31T23:59:59.999999Z"},
        {253'402'300'799'999'999, "9999-12-31T23:59:59.999999Z"},
        {253'402'300'800'000'000, "9999-12-31T23:59:59.999999Z"},
        {std::numeric_limits<std::int64_t>::min(), "0000-01-01T00:00:00.000000Z"},
    };
    for (const auto& c : cases) EXPECT_EQ(render_rfc3339(Time{microseconds{c.micros}}), c.text) << c.micros;
}

TEST(TimeText, ReadsWhatItWritesAndOtherOffsets) {
    const struct {
        std::string_view text;
        std::int64_t micros;
    } cases[] = {
        {"1970-01-01T00:00:00.000000Z", 0},
        {"2027-01-15T08:00:00Z", 1'800'000'000'000'000},
        {"2027-01-15t08:00:00.5z", 1'800'000'000'500'000},
        {"2027-01-15T09:30:00+01:30", 1'800'000'000'000'000},
        {"2027-01-14T22:00:00.000001-10:00", 1'800'000'000'000'001},
        {"2024-02-29T23:59:59Z", 1'709'251'199'000'000},
        {"1969-12-31T23:59:59.999999Z", -1},
    };
    for (const auto& c : cases) {
        const auto time = parse_rfc3339(c.text);
        ASSERT_TRUE(time.has_value()) << c.text;
        EXPECT_EQ(time->time_since_epoch().count(), c.micros) << c.text;
    }
}

TEST(TimeText, ReadsNothingElse) {
    for (const char* text :
         {"", "noon", "2027-01-15", "2027-01-15T08:00:00", "2027-01-15 08:00:00Z", "2027-02-29T00:00:00Z",
          "2027-13-01T00:00:00Z", "2027-01-00T00:00:00Z", "2027-01-15T24:00:00Z", "2027-01-15T08:60:00Z",
          "2016-12-31T23:59:60Z", "2027-01-15T08:00:00.Z", "2027-01-15T08:00:00.1234567Z",
          "2027-01-15T08:00:00+24:00", "2027-01-15T08:00:00Zx", "+027-01-15T08:00:00Z",
          "2027-1-15T08:00:00Z"})
        EXPECT_FALSE(parse_rfc3339(text).has_value()) << text;
}

}  // namespace
}  // namespace lodestone
