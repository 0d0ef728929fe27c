// Marks: what lists of a package's versions tell of each, without what its format found in it, of which there
// may be a megabyte.
#pragma once

#include <boost/describe/class.hpp>
#include <string>
#include <vector>

#include "packages/version.hpp"

namespace lodestone::packages {

struct VersionMark {
    std::string name;
    std::string name_key;
    VersionState state = VersionState::published;
    std::string yank_reason;
    std::string deprecation;
    Time published_at{};

    bool operator==(const VersionMark&) const = default;
};
BOOST_DESCRIBE_STRUCT(VersionMark, (), (name, name_key, state, yank_reason, deprecation, published_at))

// Of all versions that are there, in the order in which they were published.
std::vector<VersionMark> list_version_marks(db::Tx& tx, const PackagePlace& place);

}  // namespace lodestone::packages
