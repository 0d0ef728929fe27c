// What a format has to say so that advisories are about its packages.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace lodestone::packages {

// Of two versions as people write them. Nothing: one of them is none.
using CompareVersions = std::optional<std::strong_ordering> (*)(std::string_view one, std::string_view other);

// A version as its project published it, of one that somebody has built once more and named for that: "2.0.0"
// of "2.0.0+cu118". Nothing: it is no such version.
using FindPublicVersion = std::optional<std::string> (*)(std::string_view version);

struct Ecosystem {
    // As records have it: https://ossf.github.io/osv-schema/#defined-ecosystems.
    std::string_view name;
    CompareVersions compare_versions = nullptr;
    // What is said of the one version is true of the other, too. Null: no version is built once more.
    FindPublicVersion find_public_version = nullptr;
};

}  // namespace lodestone::packages
