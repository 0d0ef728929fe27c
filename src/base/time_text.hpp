// Times as RFC 3339 text with microseconds: "2027-01-15T08:00:00.000000Z".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace lodestone {

// Cheap when many times of one second are rendered on one thread, as in logs. The text has four digits for
// the year: times outside 0000–9999 are shown as the nearest one inside.
void append_rfc3339(std::string& out, Time time);
std::string render_rfc3339(Time time);

// "2027-01-15T08:00:00Z", with up to six digits of a second's fraction, and any offset instead of "Z".
// Nothing for what is no such text, for leap seconds, and for finer fractions: nothing is rounded.
std::optional<Time> parse_rfc3339(std::string_view text);

}  // namespace lodestone
