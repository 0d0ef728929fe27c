// Names are folded when they are compared: rows have them as they were written.
#include "packages/file_alike.hpp"

#include <algorithm>
#include <utility>

#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "packages/package.hpp"
#include "packages/version.hpp"

namespace lodestone::packages {

using db::Tx;

std::optional<std::string> find_file_alike(Tx& tx, const VersionPlace& place, std::string_view name,
                                           FoldFile fold) {
    if (fold == nullptr) return std::nullopt;
    const std::string wanted = fold(name);
    for (File& file : list_files(tx, place))
        if (file.name != name && fold(file.name) == wanted) return std::move(file.name);
    return std::nullopt;
}

std::optional<std::string> find_file_alike(Tx& tx, const RepositoryPlace& place, const FileKey& key,
                                           FoldFile fold) {
    const auto package = find_package_by_key(tx, place, key.package);
    if (!package) return std::nullopt;
    const PackagePlace in{place.tenant, place.repository, package->id};
    const auto version = find_version_by_key(tx, in, key.version);
    if (!version) return std::nullopt;
    return find_file_alike(tx, {in, version->id}, key.name, fold);
}

bool is_buried_otherwise(Tx& tx, const RepositoryPlace& place, const FileKey& key, const Sha256& sha256,
                         FoldFile fold) {
    if (const auto buried = find_tombstone(tx, place, key)) return *buried != sha256;
    if (fold == nullptr) return false;
    const auto buried = list_tombstones(tx, place, key, limits::files_per_version + 1);
    if (std::cmp_greater(buried.size(), limits::files_per_version))
        throw Problem(problems::conflict, "Too many files were removed from version " + key.version +
                                              ": publish another version.");
    const std::string wanted = fold(key.name);
    const auto is_alike = [&](const Tombstone& one) { return fold(one.file_name) == wanted; };
    const auto is_this = [&](const Tombstone& one) { return is_alike(one) && one.sha256 == sha256; };
    return std::ranges::any_of(buried, is_alike) && std::ranges::none_of(buried, is_this);
}

}  // namespace lodestone::packages
