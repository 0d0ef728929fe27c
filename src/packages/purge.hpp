// Removing repositories for good, with all that they held: those that were deleted before a deadline, and
// those of tenants and apps that are purged.
#pragma once

#include <span>

#include "db/tx.hpp"
#include "identity/nouns/purge_steps.hpp"

namespace lodestone::packages {

// For identity::purge_tenants() and purge_apps().
std::span<const identity::PurgeStep> tenant_purge_steps();
std::span<const identity::PurgeStep> app_purge_steps();

// A bounded number of rows; answers how many, and zero when nothing is left to do.
std::int64_t purge_repositories(db::Tx& tx, Time deadline);
// Versions that were deleted by themselves or with their packages: their bytes are given to the collector.
// Packages go when none of their versions is left.
std::int64_t purge_versions(db::Tx& tx, Time deadline);
std::int64_t purge_packages(db::Tx& tx, Time deadline);

}  // namespace lodestone::packages
