// Limits on the indexes of packages: on what publications say there, and on what a node remembers of their
// changes.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

// Of all versions of a package in one index; less than what is rendered of it (index_bytes), since short
// fragments are measured in one of so many publications only.
inline constexpr std::int64_t published_index_bytes = 240 * mib;
inline constexpr std::size_t unmeasured_fragment_bytes = 16 * kib;
inline constexpr std::int64_t unmeasured_publications = 64;

// Of the groups by which nodes tell each other what changed (index_groups), so many are told apart in memory:
// a number each, which a server has from its start.
inline constexpr std::size_t remembered_index_groups = 8'192;

// Indexes of so many bytes lie in files of their own in memory, which are sent without being copied: with
// what may be kept of all together (index_memory_bytes) that is a few hundred descriptors.
inline constexpr std::size_t index_file_bytes = 256 * kib;

}  // namespace lodestone::limits
