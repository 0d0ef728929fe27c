// Waiting for a connection's socket with an end, and with a way to be called off.
#pragma once

#include "base/clock.hpp"

namespace lodestone {

// The events that happened, of poll(2); 0 when `until` passed, or when `stop` (an eventfd) became readable. A
// time that has passed already asks without waiting.
short wait_for_socket(int socket, short events, const Clock& clock, SteadyTime until, int stop = -1);

}  // namespace lodestone
