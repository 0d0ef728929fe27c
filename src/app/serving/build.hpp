// Which build this is.
#pragma once

#include "base/process_metrics.hpp"

namespace lodestone::app {

BuildInfo build();

}  // namespace lodestone::app
