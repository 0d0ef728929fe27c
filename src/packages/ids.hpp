// The ids of what repositories hold, and where it is: each means something only together with its tenant's.
#pragma once

#include <cstdint>

#include "base/tenant_id.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::packages {

using identity::AppId;
using identity::RepositoryId;
using PackageId = Id<struct PackageTag>;
using VersionId = Id<struct VersionTag>;

// Whose a row is: the first argument after `tx`, in place of a tenant, an id and another id.
struct RepositoryPlace {
    TenantId tenant;
    RepositoryId repository;
};
struct PackagePlace {
    TenantId tenant;
    RepositoryId repository;
    PackageId package;

    RepositoryPlace in_repository() const { return {tenant, repository}; }
};

}  // namespace lodestone::packages
