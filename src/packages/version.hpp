// Versions: what is published at one time under one name, and never changes; marks on it do.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

// yanked: who asks for exactly this version still gets it; it is offered to nobody.
enum class VersionState : std::uint8_t { published, yanked };
BOOST_DESCRIBE_ENUM(VersionState, published, yanked)

struct Version : db::Noun {
    VersionId id;
    std::int64_t number = 0;  // make_number(); the owner of its blobs (blobs/use.hpp)
    std::string name;         // "1.0.2"; `version` is the row's, as of every noun
    std::string name_key;
    VersionState state = VersionState::published;
    std::string yank_reason;
    std::string deprecation;      // why nobody should begin to use it; empty: it is not deprecated
    std::int64_t size_bytes = 0;  // of its files
    std::int64_t file_count = 0;
    std::string facts = "{}";     // JSON: what its format found in it
    std::string metadata = "{}";  // a JSON object of the client's own
    Time published_at{};
    std::string published_by;
    Time first_published_at{};  // something of that name: earlier, where that was deleted since

    bool operator==(const Version&) const = default;
};
BOOST_DESCRIBE_STRUCT(Version, (db::Noun),
                      (id, number, name, name_key, state, yank_reason, deprecation, size_bytes, file_count,
                       facts, metadata, published_at, published_by, first_published_at))

std::optional<Version> find_version(db::Tx& tx, const PackagePlace& place, const VersionId& id);
std::optional<Version> find_version_by_key(db::Tx& tx, const PackagePlace& place, std::string_view key);
// The same, refused with Problem(not_found) where there is none.
Version need_version(db::Tx& tx, const PackagePlace& place, std::string_view key);
std::optional<Version> find_deleted_version(db::Tx& tx, const PackagePlace& place, const VersionId& id);
// Filters: state, name (what its key begins with). Sorts: -published_at, published_at, name (as text).
db::Page<Version> list_versions(db::Tx& tx, const PackagePlace& place, const db::ListRequest& request);

// These write the row and nothing else, as those of packages do.
bool insert_version(db::Tx& tx, const PackagePlace& place, Version& version);
void update_version(db::Tx& tx, const PackagePlace& place, Version& version);
void mark_version_deleted(db::Tx& tx, const PackagePlace& place, Version& version);
// False: there is another one of that name by now.
bool mark_version_restored(db::Tx& tx, const PackagePlace& place, Version& version);

// Of a whole package: those that were there are marked with it, and come back with it. Answers how many.
std::int64_t mark_versions_deleted(db::Tx& tx, const PackagePlace& place);
// The files of those that are there.
std::int64_t count_files(db::Tx& tx, const PackagePlace& place);
std::vector<Version> list_versions_deleted_at(db::Tx& tx, const PackagePlace& place, Time deleted_at);

}  // namespace lodestone::packages
