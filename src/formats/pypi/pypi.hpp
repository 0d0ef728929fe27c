// Python packages: files of versions, published, fetched, listed and deleted by name.
#pragma once

#include "packages/format.hpp"

namespace lodestone::formats::pypi {

const packages::Format& format();

}  // namespace lodestone::formats::pypi
