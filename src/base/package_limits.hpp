// Limits on what repositories hold, and on how it is called.
#pragma once

#include "base/limits.hpp"

namespace lodestone::limits {

inline constexpr std::size_t repository_name_bytes = 100;
inline constexpr std::int64_t repositories_per_tenant = 100'000;
inline constexpr std::int64_t repository_bytes_most = 1ll << 60;  // the largest quotas that can be set
inline constexpr std::int64_t repository_packages_most = 1'000'000'000;

// What a proxy may be told to believe its upstream, and how many repositories a group shows as one.
inline constexpr std::int64_t upstream_belief_seconds_most = 30 * 86'400ll;
inline constexpr std::size_t upstream_username_bytes = 255;
inline constexpr std::size_t group_members = 50;

// What is remembered of repositories, and how long when nobody says that it changed.
inline constexpr std::size_t cached_repositories = 65'536;
inline constexpr std::size_t repository_groups =
    4'096;  // of tenants, that are told apart when something changes
inline constexpr auto repository_lifetime = 30s;

inline constexpr std::size_t package_name_bytes = 200;
inline constexpr std::int64_t files_per_version = 10'000;
inline constexpr std::size_t fragment_bytes = 1 * mib;  // what one says in one index of its package
inline constexpr std::size_t announced_files = 20;      // whose names stand in an entry of the audit log
inline constexpr std::size_t content_type_bytes = 255;
inline constexpr std::uint64_t generic_file_bytes = 1024 * gib;
// Of bodies that are no larger, nobody asks beforehand whether there is room for them, until so much has come
// to their repository.
inline constexpr std::uint64_t unasked_body_bytes = 64 * kib;
inline constexpr std::int64_t purged_versions = 50;  // of one transaction, each with its files

// Downloads that wait in memory to be written: of so many versions, and for so long.
inline constexpr std::size_t counted_versions = 65'536;
inline constexpr auto download_write_interval = 10s;

// Rendered indexes: how much of them is kept in memory, and how long one is believed when nobody says that it
// changed.
inline constexpr std::size_t index_memory_bytes = 64 * mib;
inline constexpr std::int64_t index_bytes = 256 * mib;  // what is larger is not rendered
inline constexpr std::size_t index_groups = 65'536;     // that are told apart when something changes
inline constexpr std::size_t told_index_groups = 200;   // in one transaction; of more, all are meant
inline constexpr std::size_t least_compressed_bytes = 512;
inline constexpr auto index_lifetime = 60s;

// Archives that are looked into: their entries, what they hold unpacked, how many times larger than the
// archive that may be (of what is small, nobody asks), and the names in them.
inline constexpr std::uint64_t archive_entries = 100'000;
inline constexpr std::uint64_t archive_unpacked_bytes = 4 * gib;
inline constexpr std::uint64_t archive_ratio = 200;
inline constexpr std::uint64_t archive_unasked_bytes = 8 * mib;
inline constexpr std::size_t archive_links = 10'000;
inline constexpr std::size_t archive_path_bytes = 2 * kib;
inline constexpr std::size_t archive_directory_bytes = 32 * mib;  // of a zip: where its files are named

// Words by which packages are found, and with which they are asked for.
inline constexpr std::size_t search_word_bytes = 64;  // what is longer is cut
inline constexpr std::size_t package_words = 1'000;
inline constexpr std::size_t asked_words = 32;
inline constexpr std::int64_t searched_repositories = 10'000;  // in which something is found at once
inline constexpr std::int64_t judged_results = 5'000;          // for one page of what may be seen

// What a package is described by. Of a publication's, what is too much is left out.
inline constexpr std::size_t package_keywords = 50;
inline constexpr std::size_t keyword_bytes = 100;
inline constexpr std::size_t package_traits = 100;  // of all its versions together
inline constexpr std::size_t trait_bytes = 200;

// What rules of retention may say, and how much they are looked at in one piece.
inline constexpr std::int64_t retention_versions_most = 1'000'000;
inline constexpr std::int64_t retention_days_most = 36'500;
inline constexpr std::size_t retention_patterns = 50;
inline constexpr std::size_t retention_pattern_bytes = 200;
inline constexpr std::int64_t judged_versions = 10'000;  // of a package: of more, the oldest
inline constexpr std::int64_t judged_packages = 200;
inline constexpr std::int64_t retired_versions = 50;  // deleted in one transaction

}  // namespace lodestone::limits
