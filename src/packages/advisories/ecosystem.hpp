// What a format has to say so that advisories are about its packages.
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace lodestone::packages {

// Of two versions as people write them. Nothing: one of them is none.
using CompareVersions = std::optional<std::strong_ordering> (*)(std::string_view one, std::string_view other);

struct Ecosystem {
    // As records have it: https://ossf.github.io/osv-schema/#defined-ecosystems.
    std::string_view name;
    CompareVersions compare_versions = nullptr;
};

}  // namespace lodestone::packages
