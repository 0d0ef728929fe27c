// Limits on what repositories hold, and on how it is called.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::size_t repository_name_bytes = 100;
inline constexpr std::int64_t repositories_per_tenant = 100'000;
inline constexpr std::int64_t repository_bytes_most = 1ll << 60;  // the largest quotas that can be set
inline constexpr std::int64_t repository_packages_most = 1'000'000'000;

inline constexpr std::int64_t files_per_version = 10'000;
inline constexpr std::int64_t purged_versions = 50;  // of one transaction, each with its files

}  // namespace lodestone::limits
