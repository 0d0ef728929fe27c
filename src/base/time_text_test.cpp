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

}  // namespace
}  // namespace lodestone
