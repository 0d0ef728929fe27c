// Limits on what is read of stored files, and on what is kept of them in memory.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::size_t stored_piece_bytes = 256 * kib;  // read at once of what is looked into again

// Small files that are asked for again and again stay in memory, with what is to be said of them.
inline constexpr std::int64_t remembered_file_bytes = 64 * kib;
inline constexpr std::size_t file_memory_bytes = 32 * mib;
// Of so many, by the hash of their names, it is known that somebody has asked for them before.
inline constexpr std::size_t noted_files = 4'096;

}  // namespace lodestone::limits
