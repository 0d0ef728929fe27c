// What systemd (or anything that speaks its protocol) is told about our state: sd_notify(3), without its
// library.
#pragma once

#include <string_view>

namespace lodestone::http {

// "READY=1", "STOPPING=1" … Does nothing when nobody listens.
void notify_supervisor(std::string_view state);

}  // namespace lodestone::http
