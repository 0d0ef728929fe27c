// Names go to the database, and versions are compared here: only the format knows their order.
#include "packages/find_advisories.hpp"

#include <algorithm>
#include <map>

#include "base/advisory_limits.hpp"

namespace lodestone::packages {

namespace {

bool is_about(const AdvisoryHit& hit, const Format& format, const std::string& version) {
    const auto is_in = [&](const VersionStretch& stretch) {
        return is_within(stretch, version, format.advisories->compare_versions);
    };
    return std::ranges::any_of(hit.stretches, is_in) ||
           std::ranges::binary_search(hit.version_keys, fold_version_name(format, version));
}

}  // namespace

std::vector<AdvisoryHit> find_advisories(db::Tx& tx, const Format& format,
                                         std::span<const AskedPackage> asked, AdvisoryText text) {
    std::vector<AdvisoryHit> hits;
    if (format.advisories == nullptr) return hits;
    while (!asked.empty()) {
        const auto some = asked.first(std::min(asked.size(), limits::asked_advisory_names));
        asked = asked.subspan(some.size());
        std::vector<std::string> keys;
        for (const AskedPackage& one : some) keys.push_back(fold_package_name(format, one.name));
        std::vector<std::string> distinct = keys;
        std::ranges::sort(distinct);
        const auto [first, last] = std::ranges::unique(distinct);
        distinct.erase(first, last);
        std::multimap<std::string, FoundAdvisory> found;
        for (FoundAdvisory& one : list_advisories_of(tx, format.advisories->name, distinct, text))
            found.emplace(one.name_key, std::move(one));
        for (std::size_t i = 0; i < some.size(); ++i) {
            const auto [begin, end] = found.equal_range(keys[i]);
            for (auto it = begin; it != end; ++it) {
                AffectedVersions affected = parse_affected_versions(it->second.affected);
                AdvisoryHit hit{.name = some[i].name,
                                .versions = {},
                                .advisory = it->second,
                                .stretches = list_stretches(affected, format.advisories->compare_versions),
                                .version_keys = std::move(affected.version_keys)};
                for (const std::string& version : some[i].versions)
                    if (is_about(hit, format, version)) hit.versions.push_back(version);
                if (!hit.versions.empty()) hits.push_back(std::move(hit));
            }
        }
    }
    return hits;
}

}  // namespace lodestone::packages
