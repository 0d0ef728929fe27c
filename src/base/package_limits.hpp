// Limits on what repositories hold, and on how it is called.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::size_t repository_name_bytes = 100;
inline constexpr std::int64_t repositories_per_tenant = 100'000;
inline constexpr std::int64_t repository_bytes_most = 1ll << 60;  // the largest quotas that can be set
inline constexpr std::int64_t repository_packages_most = 1'000'000'000;

// What is remembered of repositories, and how long when nobody says that it changed.
inline constexpr std::size_t cached_repositories = 65'536;
inline constexpr std::size_t repository_groups =
    4'096;  // of tenants, that are told apart when something changes
inline constexpr auto repository_lifetime = 30s;

inline constexpr std::size_t package_name_bytes = 200;
inline constexpr std::int64_t files_per_version = 10'000;
inline constexpr std::size_t announced_files = 20;  // whose names stand in an entry of the audit log
inline constexpr std::size_t content_type_bytes = 255;
inline constexpr std::uint64_t generic_file_bytes = 1024 * gib;
inline constexpr std::int64_t purged_versions = 50;  // of one transaction, each with its files

}  // namespace lodestone::limits
