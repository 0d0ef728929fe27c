// When a number of number_id.hpp was made, and which ones were made at a time.
#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace lodestone {

// By the clock of the machine that made it; a little later where many were made at once.
Time time_of_number(std::int64_t number);
// What was made before has a smaller one, what is made then or later none that is smaller.
std::int64_t first_number_at(Time time);

}  // namespace lodestone
