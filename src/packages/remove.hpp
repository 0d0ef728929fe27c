// Taking back what was published: marks on a version, and deleting. What is deleted is gone for everybody at
// once, leaves tombstones and takes its tags along; versions and packages can be restored until they are
// purged.
#pragma once

#include <string>
#include <string_view>

#include "packages/directory.hpp"
#include "packages/package.hpp"
#include "packages/version.hpp"

namespace lodestone::packages {

// Where the version or package stands; both numbers are in the rows.
struct Removing {
    TenantId tenant;
    std::shared_ptr<const RepositoryEntry> repository;
    std::string reason;  // for the audit log, the tombstone or the mark
};

// These answer with what is stored now; what has the mark already is answered as it is.
Version yank_version(db::Tx& tx, const Removing& removing, const Package& package, Version version);
Version unyank_version(db::Tx& tx, const Removing& removing, const Package& package, Version version);
// The reason is what people are told; an empty one takes the mark away.
Version deprecate_version(db::Tx& tx, const Removing& removing, const Package& package, Version version);

Version delete_version(db::Tx& tx, const Removing& removing, const Package& package, Version version);
// Refused when there is another one of that name, or no room, or when it needs one that is deleted.
Version restore_version(db::Tx& tx, const Removing& removing, const Package& package, const VersionId& id);
// One file of a version; for good, since others of the version stay. False: there is none of that name.
bool delete_version_file(db::Tx& tx, const Removing& removing, const Package& package, Version version,
                         std::string_view name);

// With all its versions.
Package delete_package(db::Tx& tx, const Removing& removing, Package package);
// With those that were deleted with it.
Package restore_package(db::Tx& tx, const Removing& removing, const PackageId& id);

}  // namespace lodestone::packages
