// Limits on advisories: what is imported of them, and what is asked about them at once.
#pragma once

#include <chrono>

#include "base/limits.hpp"

namespace lodestone::limits {

// One record, and what is kept of it. What people read is cut; what decides is refused.
inline constexpr std::size_t advisory_record_bytes = 4 * mib;
inline constexpr std::size_t advisory_id_bytes = 128;
inline constexpr std::size_t advisory_summary_bytes = 1 * kib;
inline constexpr std::size_t advisory_details_bytes = 64 * kib;
inline constexpr std::size_t advisory_url_bytes = 1 * kib;
inline constexpr std::size_t advisory_vector_bytes = 256;
inline constexpr std::size_t advisory_aliases = 100;
inline constexpr std::size_t advisory_cwes = 50;
inline constexpr std::size_t advisory_packages = 2'000;
inline constexpr std::size_t advisory_events = 5'000;     // of one package
inline constexpr std::size_t advisory_versions = 20'000;  // likewise, named one by one
inline constexpr std::size_t advisory_name_bytes = 512;
inline constexpr std::size_t advisory_version_bytes = 256;
// What was modified later than that from now would be the newest copy for ever.
inline constexpr std::chrono::hours advisory_time_ahead{24};

// An import: all of it, what is stored by one transaction, and how many broken records it names.
inline constexpr std::uint64_t advisory_import_bytes = 16 * gib;
inline constexpr std::uint64_t advisory_archive_entries = 2'000'000;
inline constexpr std::size_t advisory_batch_records = 500;
inline constexpr std::size_t advisory_batch_bytes = 1 * mib;
inline constexpr std::size_t named_faults = 20;
inline constexpr std::int64_t kept_imports = 100;  // of which the status tells
inline constexpr std::int64_t shown_imports = 10;

// Look-ups: names in one statement, and of all that is asked at once what is found, how many versions that is
// about, counted anew for each advisory, and how often versions are compared for that.
inline constexpr std::size_t asked_advisory_names = 2'000;
inline constexpr std::int64_t found_advisories = 5'000;
inline constexpr std::size_t advised_versions = 20'000;
inline constexpr std::uint64_t advisory_comparisons = 1'000'000;
inline constexpr std::size_t compared_version_bytes = 32;  // each so many more count as one more comparison

}  // namespace lodestone::limits
