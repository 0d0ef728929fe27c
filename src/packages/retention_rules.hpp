// Which versions of a package stay, and why: pure, so that what would go can be looked at before anything
// does. A version stays when one rule keeps it, or when one that stays needs it; without a rule that lets
// versions go, all stay.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "packages/ids.hpp"
#include "packages/repository_settings.hpp"

namespace lodestone::packages {

struct JudgedVersion {
    VersionId id;
    std::string name;
    std::string name_key;
    Time published_at{};
    std::optional<std::int64_t> last_download;  // a day (packages/download.hpp)

    bool operator==(const JudgedVersion&) const = default;
};
BOOST_DESCRIBE_STRUCT(JudgedVersion, (), (id, name, name_key, published_at, last_download))

// That a version needs another one of its package: the images of an index. Companions stay and go together,
// as an image and its signature do.
struct Bond {
    VersionId from;
    std::string from_name;
    std::string to_key;
    bool is_companion = false;
};
BOOST_DESCRIBE_STRUCT(Bond, (), (from, from_name, to_key, is_companion))

// A package, or of one with very many versions the oldest.
struct JudgedPackage {
    std::string name;
    std::vector<JudgedVersion> versions;  // the newest first
    std::int64_t newer = 0;               // versions that are not among these, all of which stay
    std::map<VersionId, std::string> tags;
    std::vector<Bond> bonds;
};

struct Verdict {
    JudgedVersion version;
    bool stays = true;
    std::string reason;  // "tagged latest"; "not among the last 5, published 40 days ago, never fetched"
};

// In the order of the versions.
std::vector<Verdict> judge_versions(const RepositoryRetention& rules, const JudgedPackage& package, Time now);

// A star stands for any text, a question mark for one byte; all else for itself.
bool is_glob_match(std::string_view text, std::string_view pattern);

}  // namespace lodestone::packages
