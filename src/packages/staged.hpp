// Staged publications: what somebody has sent to be published, and nobody has approved yet. Each was checked
// like a publication, and is kept with all that publishing it needs; nobody finds it who looks for versions.
// What is done with one is in stage.hpp.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "db/tx.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

using StagedId = Id<struct StagedTag>;

struct Staged {
    StagedId id;
    std::int64_t number = 0;  // make_number(); the owner of its blobs, as a version's is
    std::string package_name;
    std::string package_key;
    std::string version_name;
    std::string version_key;
    std::string tags = "[]";   // a JSON list of texts
    std::string facts = "{}";  // JSON: what its format shows of it
    std::int64_t size_bytes = 0;
    std::int64_t file_count = 0;
    Time created_at{};
    std::string created_by;
    Time expires_at{};  // then it is as if it were not there

    bool operator==(const Staged&) const = default;
};
BOOST_DESCRIBE_STRUCT(Staged, (),
                      (id, number, package_name, package_key, version_name, version_key, tags, facts,
                       size_bytes, file_count, created_at, created_by, expires_at))

// None of these answers one that has expired.
std::optional<Staged> find_staged(db::Tx& tx, const RepositoryPlace& place, const StagedId& id);
// The same, refused with Problem(not_found) where there is none.
Staged need_staged(db::Tx& tx, const RepositoryPlace& place, const StagedId& id);
std::optional<Staged> find_staged_version(db::Tx& tx, const RepositoryPlace& place,
                                          std::string_view package_key, std::string_view version_key);
// What publishing it needs (staged_content.hpp).
std::optional<std::string> find_staged_content(db::Tx& tx, const RepositoryPlace& place, const StagedId& id);
// The oldest first, at most limits::staged_per_repository; of one package, or with an empty key of all.
std::vector<Staged> list_staged(db::Tx& tx, const RepositoryPlace& place, std::string_view package_key);
std::int64_t count_staged(db::Tx& tx, const RepositoryPlace& place, std::string_view package_key);

// These write the row and nothing else. False: there is one of that version, expired or not.
bool insert_staged(db::Tx& tx, const RepositoryPlace& place, const Staged& staged, std::string_view content);
// False: somebody else was quicker.
bool delete_staged(db::Tx& tx, const RepositoryPlace& place, const StagedId& id);

// One whose row is gone by its end, and what it takes to let go of its bytes.
struct EndedStaged {
    TenantId tenant_id;
    RepositoryId repository_id;
    StagedId id;
    std::int64_t number = 0;
    std::string package_name;
    std::string version_name;
};
BOOST_DESCRIBE_STRUCT(EndedStaged, (), (tenant_id, repository_id, id, number, package_name, version_name))
// Those that have expired by then, a bounded number.
std::vector<EndedStaged> delete_expired_staged(db::Tx& tx, Time deadline);
// That of one version, if it has expired.
std::optional<EndedStaged> delete_expired_staged(db::Tx& tx, const RepositoryPlace& place,
                                                 std::string_view package_key, std::string_view version_key);

}  // namespace lodestone::packages
