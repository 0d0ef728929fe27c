// Limits on Python packages: what uploads may hold, and what is told of them.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::size_t python_version_bytes = 200;
inline constexpr std::size_t python_file_name_bytes = 255;
inline constexpr std::uint64_t python_file_bytes = 16 * gib;
inline constexpr std::uint64_t python_sdist_bytes = 1 * gib;                      // unpacked
inline constexpr std::uint64_t python_form_bytes = python_file_bytes + 16 * mib;  // with all of its fields
inline constexpr std::size_t python_field_bytes = 4 * kib;  // of one that is heeded, but for attestations
inline constexpr std::size_t python_metadata_bytes =
    1 * mib;  // of METADATA or PKG-INFO, with the description
inline constexpr std::size_t python_metadata_fields = 20'000;
inline constexpr std::size_t python_specifier_bytes = 1 * kib;  // of Requires-Python
inline constexpr std::size_t python_specifier_clauses = 50;
inline constexpr std::size_t python_attestations_bytes = 1 * mib;  // of one file
inline constexpr std::size_t python_attestations = 20;
inline constexpr std::size_t python_mint_bytes = 64 * kib;   // of what a pipeline shows for a key
inline constexpr std::size_t python_facts = 500;             // of one list, that are kept as facts
inline constexpr std::size_t python_fact_bytes = 1 * kib;    // of one text among them
inline constexpr std::size_t python_facts_bytes = 64 * kib;  // of all together

}  // namespace lodestone::limits
