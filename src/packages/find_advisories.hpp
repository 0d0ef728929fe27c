// What is known to be wrong with versions, for formats and the API: by one statement for thousands of names.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "packages/advisories/affected.hpp"
#include "packages/advisory.hpp"
#include "packages/format.hpp"

namespace lodestone::packages {

struct AskedPackage {
    std::string name;
    std::vector<std::string> versions;
};

// An advisory, and which of the versions that were asked about it is about: always one at least.
struct AdvisoryHit {
    std::string name;  // as it was asked about
    std::vector<std::string> versions;
    FoundAdvisory advisory;
    std::vector<VersionStretch> stretches;
    std::vector<std::string> version_keys;  // that it names one by one
};

// Nothing of a format that advisories say nothing about. In the order in which they were asked about, and by
// id; names that fold alike are one, called as the first of them. Throws Problem(invalid_input) where that is
// too much at once.
std::vector<AdvisoryHit> find_advisories(db::Tx& tx, const Format& format,
                                         std::span<const AskedPackage> asked, AdvisoryText text);

// The same in its parts, for who asks about many: only the second is about the database, and the third, which
// compares, takes longest. All of them have the limits of the whole.

// Their names as they are folded, each once, in order.
std::vector<std::string> list_name_keys(const Format& format, std::span<const AskedPackage> asked);
std::vector<FoundAdvisory> list_found_advisories(db::Tx& tx, const Format& format,
                                                 std::span<const std::string> name_keys, AdvisoryText text);
std::vector<AdvisoryHit> match_advisories(const Format& format, std::span<const AskedPackage> asked,
                                          std::vector<FoundAdvisory> found);

}  // namespace lodestone::packages
