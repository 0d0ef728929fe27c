// Python packages: projects, their releases, and the wheels and sdists of those.
#pragma once

#include "packages/format.hpp"

namespace lodestone::formats::pypi {

const packages::Format& format();

}  // namespace lodestone::formats::pypi
