// Fragments: what a version says in an index of its package, rendered once, when it is published. An index is
// made by joining them, so that its cost is that of copying, however many versions there are.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packages/file.hpp"
#include "packages/ids.hpp"
#include "packages/version.hpp"

namespace lodestone::packages {

struct Fragment {
    std::string kind;  // which of the format's indexes it is for, as the format says: "full"
    std::string name;  // the file that it is about; empty: the version itself
    std::string body;  // limits::fragment_bytes
    // With those of all versions, whose size together is bounded (limits::published_index_bytes); false: it
    // is read alone. Not stored.
    bool is_joined = true;

    bool operator==(const Fragment&) const = default;
};
BOOST_DESCRIBE_STRUCT(Fragment, (), (kind, name, body))

// With what may have changed of its version since it was rendered.
struct FoundFragment {
    std::string version_name;
    std::string version_key;
    std::string name;
    std::string body;
    VersionState state{};
    std::string yank_reason;
    std::string deprecation;
    Time published_at{};
};
BOOST_DESCRIBE_STRUCT(FoundFragment, (),
                      (version_name, version_key, name, body, state, yank_reason, deprecation, published_at))

// Refuses, with Problem(invalid_input), one that is too long.
void check_fragment(const Fragment& fragment);
// Sets it, whatever it was before. Whoever does this outside of publish() records a change with the indexes
// that grow stale by it (index_changes.hpp).
void put_fragment(db::Tx& tx, const VersionPlace& place, const Fragment& fragment);
// Those about a file; with an empty name all of the version.
void delete_fragments(db::Tx& tx, const VersionPlace& place, std::string_view name);
// The bytes of all of a kind, those of deleted versions too, which may be restored.
std::int64_t measure_fragments(db::Tx& tx, const PackagePlace& place, std::string_view kind);
// Of the versions that are there, in the order in which they were published.
std::vector<FoundFragment> list_fragments(db::Tx& tx, const PackagePlace& place, std::string_view kind);
// Of one version, by name.
std::vector<FoundFragment> list_version_fragments(db::Tx& tx, const VersionPlace& place,
                                                  std::string_view kind);
// What one says about a file of a version, without the rest.
std::optional<std::string> find_fragment(db::Tx& tx, const VersionPlace& place, std::string_view kind,
                                         std::string_view name);
// All of one version, by kind and name.
std::vector<Fragment> list_fragments_of(db::Tx& tx, const VersionPlace& place);

}  // namespace lodestone::packages
