// Which versions an advisory is about: as it is stored, and as stretches of versions in their order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "packages/advisories/ecosystem.hpp"
#include "packages/advisories/osv_record.hpp"

namespace lodestone::packages {

// Of one package.
struct AffectedVersions {
    std::vector<EventRange> ranges;
    std::vector<std::string> version_keys;  // as the format folds them

    bool operator==(const AffectedVersions&) const = default;
};

// {"ranges":[[{"introduced":"0"},{"fixed":"1.2.3"}]],"versions":["1.0"]}
std::string render_affected(const AffectedVersions& affected);
// What was rendered; of anything else, nothing.
AffectedVersions parse_affected_versions(std::string_view text);

// From one version on, up to another.
struct VersionStretch {
    enum class End : std::uint8_t { none, before, through };
    std::string from;  // empty: from the first there was
    End end = End::none;
    std::string to;
    bool is_fixed = false;  // `to` is a version that is well again

    bool operator==(const VersionStretch&) const = default;
};
// In order, each range by itself. Events that do not say a version are taken for the worse: what is
// introduced there, in the first; what is fixed there, never.
std::vector<VersionStretch> list_stretches(const AffectedVersions& affected, CompareVersions compare);

bool is_within(const VersionStretch& stretch, std::string_view version, CompareVersions compare);
// Also when the last version of the stretch is the one of which this one was built, though it is higher.
bool is_within(const VersionStretch& stretch, std::string_view version, const Ecosystem& ecosystem);
// Nothing: there is none, or the ecosystem knows no such versions.
std::optional<std::string> find_public_version(const Ecosystem& ecosystem, std::string_view version);

// The versions that are well again, each once, in order.
std::vector<std::string> list_fixed(const std::vector<VersionStretch>& stretches, CompareVersions compare);

}  // namespace lodestone::packages
