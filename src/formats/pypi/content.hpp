// The metadata that a wheel or an sdist has in it, found without unpacking anything else.
#pragma once

#include <string>

#include "formats/pypi/distribution.hpp"
#include "packages/archive/archive.hpp"

namespace lodestone::formats::pypi {

// METADATA of a wheel, PKG-INFO of an sdist, as they stand there. Throws Problem(invalid_input) for what is
// no such archive, or has none, or has it twice. On a worker thread.
std::string read_metadata(const packages::ReadAt& read_at, std::uint64_t size_bytes,
                          const Distribution& distribution);

}  // namespace lodestone::formats::pypi
