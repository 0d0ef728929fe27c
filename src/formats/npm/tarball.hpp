// A package's tarball, read in place for what has to agree with what is said of it.
#pragma once

#include <string_view>

#include "formats/npm/version_manifest.hpp"
#include "packages/archive/archive.hpp"

namespace lodestone::formats::npm {

// Refuses with Problem(invalid_input) what is no gzip-compressed tar, has links or names that lead elsewhere,
// unpacks to too much, or holds another package than the one of that name and version. Not the digests, which
// are known to whoever took the bytes.
TarballFacts check_tarball(packages::ReadAt read_at, std::uint64_t size_bytes, std::string_view name,
                           std::string_view version);

}  // namespace lodestone::formats::npm
