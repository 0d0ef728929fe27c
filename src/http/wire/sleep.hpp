// Waiting for a time to come, and for nothing else.
#pragma once

#include "base/clock.hpp"
#include "base/task.hpp"

namespace lodestone::http {

Task<> sleep_until(SteadyTime time);

}  // namespace lodestone::http
