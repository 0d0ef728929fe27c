// Which rendered indexes grow stale by a change: told with the change (db::Change::stale_indexes), as groups
// by the hash of what they are about.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/index_limits.hpp"
#include "cache/group_changes.hpp"
#include "packages/directory.hpp"

namespace lodestone::packages {

// What a process remembers of them.
using IndexChanges = cache::GroupChanges<limits::remembered_index_groups>;

// Of the indexes of a package; with an empty key, of those of the repository as a whole.
std::uint32_t index_group(std::int64_t repository_number, std::string_view package_key);

// Nothing where the format has no indexes.
std::vector<std::uint32_t> stale_indexes(const RepositoryEntry& repository, std::string_view package_key);
// Of a package that comes or goes, so that those of its repository change, too.
std::vector<std::uint32_t> stale_lists(const RepositoryEntry& repository, std::string_view package_key);

}  // namespace lodestone::packages
