// Names go to the database, and versions are compared here: only the format knows their order.
#include "packages/find_advisories.hpp"

#include <algorithm>
#include <bit>
#include <iterator>
#include <map>
#include <set>
#include <string_view>

#include "base/advisory_limits.hpp"
#include "base/problem.hpp"

namespace lodestone::packages {

namespace {

// What is asked about one package, however it is spelled.
struct Group {
    std::string_view name;
    std::set<std::string_view> seen;
    std::vector<std::string_view> versions;  // each once
    std::vector<std::string> version_keys;   // of these
    std::uint64_t cost = 0;                  // of comparing all of them once
    std::vector<std::string> public_keys;    // likewise, of what they were built of; empty: of nothing else
    std::vector<FoundAdvisory> found;
};

std::vector<Group> list_groups(const Format& format, std::span<const AskedPackage> asked,
                               std::vector<FoundAdvisory> found) {
    std::vector<Group> groups;
    std::map<std::string, std::size_t> places;
    for (const AskedPackage& one : asked) {
        const auto [place, is_new] = places.emplace(fold_package_name(format, one.name), groups.size());
        if (is_new) groups.emplace_back().name = one.name;
        Group& group = groups[place->second];
        for (const std::string& version : one.versions)
            if (group.seen.insert(version).second) group.versions.push_back(version);
    }
    for (FoundAdvisory& one : found)
        if (const auto place = places.find(one.name_key); place != places.end())
            groups[place->second].found.push_back(std::move(one));
    return groups;
}

// Compares as long as the limits allow.
class Matching {
  public:
    explicit Matching(const Format& format) : format_(format) {}

    // Without versions where it is about none of them.
    AdvisoryHit match(const Group& group, FoundAdvisory advisory) {
        const Ecosystem& ecosystem = *format_.advisories;
        AffectedVersions affected = parse_affected_versions(advisory.affected);
        for (const EventRange& range : affected.ranges) spend(range.size() * std::bit_width(range.size()));
        AdvisoryHit hit{.name = std::string(group.name),
                        .versions = {},
                        .advisory = std::move(advisory),
                        .stretches = list_stretches(affected, ecosystem.compare_versions),
                        .version_keys = std::move(affected.version_keys)};
        spend(group.cost * (hit.stretches.size() + (hit.version_keys.empty() ? 0 : 1)));
        for (std::size_t i = 0; i < group.versions.size(); ++i) {
            const auto is_in = [&](const VersionStretch& stretch) {
                return is_within(stretch, group.versions[i], ecosystem);
            };
            const auto is_listed = [&](const std::string& key) {
                return !key.empty() && std::ranges::binary_search(hit.version_keys, key);
            };
            if (!std::ranges::any_of(hit.stretches, is_in) && !is_listed(group.version_keys[i]) &&
                !is_listed(group.public_keys[i]))
                continue;
            if (advised_++ == limits::advised_versions) refuse();
            hit.versions.emplace_back(group.versions[i]);
        }
        return hit;
    }

  private:
    [[noreturn]] static void refuse() {
        throw Problem(problems::invalid_input,
                      "There is too much known about these versions: ask about fewer at once.");
    }
    void spend(std::uint64_t comparisons) {
        if (comparisons > left_) refuse();
        left_ -= comparisons;
    }

    const Format& format_;
    std::uint64_t left_ = limits::advisory_comparisons;
    std::size_t advised_ = 0;
};

}  // namespace

std::vector<std::string> list_name_keys(const Format& format, std::span<const AskedPackage> asked) {
    std::vector<std::string> keys;
    for (const AskedPackage& one : asked) keys.push_back(fold_package_name(format, one.name));
    std::ranges::sort(keys);
    const auto [first, last] = std::ranges::unique(keys);
    keys.erase(first, last);
    return keys;
}

std::vector<FoundAdvisory> list_found_advisories(db::Tx& tx, const Format& format,
                                                 std::span<const std::string> name_keys, AdvisoryText text) {
    std::vector<FoundAdvisory> found;
    if (format.advisories == nullptr) return found;
    while (!name_keys.empty()) {
        const auto some = name_keys.first(std::min(name_keys.size(), limits::asked_advisory_names));
        name_keys = name_keys.subspan(some.size());
        auto more = list_advisories_of(tx, format.advisories->name, some, text);
        if (static_cast<std::int64_t>(found.size() + more.size()) > limits::found_advisories)
            refuse_many_advisories();
        std::ranges::move(more, std::back_inserter(found));
    }
    return found;
}

std::vector<AdvisoryHit> match_advisories(const Format& format, std::span<const AskedPackage> asked,
                                          std::vector<FoundAdvisory> found) {
    std::vector<AdvisoryHit> hits;
    if (found.empty()) return hits;
    Matching matching(format);
    for (Group& group : list_groups(format, asked, std::move(found))) {
        if (group.found.empty()) continue;
        for (const std::string_view version : group.versions) {
            group.version_keys.push_back(fold_version_name(format, version));
            group.cost += 1 + version.size() / limits::compared_version_bytes;
            const auto built_of = find_public_version(*format.advisories, version);
            group.public_keys.push_back(built_of ? fold_version_name(format, *built_of) : std::string());
        }
        for (FoundAdvisory& one : group.found) {
            AdvisoryHit hit = matching.match(group, std::move(one));
            if (!hit.versions.empty()) hits.push_back(std::move(hit));
        }
    }
    return hits;
}

std::vector<AdvisoryHit> find_advisories(db::Tx& tx, const Format& format,
                                         std::span<const AskedPackage> asked, AdvisoryText text) {
    return match_advisories(format, asked,
                            list_found_advisories(tx, format, list_name_keys(format, asked), text));
}

}  // namespace lodestone::packages
