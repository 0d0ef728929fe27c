// Bytes that were uploaded to repositories and that no version has named so far: layers before their
// manifest, and uploads that have not come to their end. They take room, though they count towards no usage.
#pragma once

#include <cstdint>

#include "db/tx.hpp"
#include "packages/ids.hpp"

namespace lodestone::packages {

// Each blob once, for as long as it was promised; and what uploads have so far, until they are gone.
std::int64_t find_unclaimed_bytes(db::Tx& tx, const RepositoryPlace& place);
std::int64_t find_unclaimed_bytes(db::Tx& tx, const TenantId& tenant, const AppId& app);
std::int64_t find_unclaimed_bytes(db::Tx& tx, const TenantId& tenant);

}  // namespace lodestone::packages
