// Limits on what publications say in the indexes of their packages.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

// Of all versions of a package in one index; less than what is rendered of it (index_bytes), since short
// fragments are measured in one of so many publications only.
inline constexpr std::int64_t published_index_bytes = 240 * mib;
inline constexpr std::size_t unmeasured_fragment_bytes = 16 * kib;
inline constexpr std::int64_t unmeasured_publications = 64;

}  // namespace lodestone::limits
