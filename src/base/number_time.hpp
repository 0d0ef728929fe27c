// When a number of number_id.hpp was made.
#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace lodestone {

// By the clock of the machine that made it; a little later where many were made at once.
Time time_of_number(std::int64_t number);

}  // namespace lodestone
