// By the hash of what they are about, indexes are told apart in groups, the same in every node.
#include "packages/index_changes.hpp"

#include "base/package_limits.hpp"

namespace lodestone::packages {

// FNV-1a: the library's own hash may differ from one program to the next.
std::uint32_t index_group(std::int64_t repository_number, std::string_view package_key) {
    std::uint64_t hash = 0xcbf29ce484222325 ^ static_cast<std::uint64_t>(repository_number);
    hash *= 0x100000001b3;
    for (const char c : package_key) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3;
    }
    return static_cast<std::uint32_t>((hash ^ (hash >> 32)) % limits::index_groups);
}

std::vector<std::uint32_t> stale_indexes(const RepositoryEntry& repository, std::string_view package_key) {
    if (repository.described == nullptr || !repository.described->has_indexes) return {};
    return {index_group(repository.number, package_key)};
}

std::vector<std::uint32_t> stale_lists(const RepositoryEntry& repository, std::string_view package_key) {
    std::vector<std::uint32_t> groups = stale_indexes(repository, package_key);
    if (!groups.empty()) groups.push_back(index_group(repository.number, {}));
    return groups;
}

}  // namespace lodestone::packages
