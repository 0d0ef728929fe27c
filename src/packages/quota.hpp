// Quotas: how much a repository may hold.
#pragma once

#include "db/tx.hpp"
#include "packages/repository.hpp"
#include "packages/usage.hpp"

namespace lodestone::packages {

// Whether the repository may grow by so much; throws Problem(conflict) that says what to do. Whoever asks
// changes the usage afterwards in the same transaction: of two who do, one is repeated and counts again.
void check_quota(db::Tx& tx, const TenantId& tenant, const Repository& repository, const Usage& difference);

}  // namespace lodestone::packages
