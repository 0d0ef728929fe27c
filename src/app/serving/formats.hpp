// The list of formats: the one place that knows which there are.
#pragma once

#include "packages/format.hpp"

namespace lodestone::app {

packages::Formats program_formats();

}  // namespace lodestone::app
