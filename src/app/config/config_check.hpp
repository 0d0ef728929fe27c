// What only a look at the machine can tell: whether the files that the configuration names are there, parse
// and belong together, and settings that contradict each other.
#pragma once

#include <vector>

#include "app/config/config_load.hpp"

namespace lodestone::app {

std::vector<ConfigFault> check_config(const Config& config);

}  // namespace lodestone::app
