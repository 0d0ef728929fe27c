// The URL that a person on this machine can open, made from the one that a listener has.
#pragma once

#include <string>
#include <string_view>

namespace lodestone::app {

// 0.0.0.0 and [::] mean every address of the machine and are none themselves: this machine's own stands for
// them.
std::string reachable_url(std::string_view listening_url);

}  // namespace lodestone::app
