// Quotas: how much a repository may hold, and how much its app and its tenant in all of theirs.
#pragma once

#include "db/tx.hpp"
#include "packages/repository.hpp"
#include "packages/usage.hpp"

namespace lodestone::packages {

// Whether the repository, its app and its tenant may grow by so much; throws Problem(conflict) that says what
// to do. Whoever asks changes the usage afterwards in the same transaction: of two who do, be it in different
// repositories, one is repeated and counts again.
void check_quota(db::Tx& tx, const TenantId& tenant, const Repository& repository, const Usage& difference);

// The same of bytes that nobody has sent yet, with all that was uploaded before and is named by nothing yet.
// They may turn out to be there already: as many as a blob of the repository has are let through, unless what
// was uploaded before is too much by itself. Nothing is changed.
void foresee_quota(db::Tx& tx, const TenantId& tenant, const Repository& repository, std::int64_t bytes);

// Whether a deleted repository has room to come back, with what it holds.
void check_room_to_return(db::Tx& tx, const TenantId& tenant, const Repository& repository);

}  // namespace lodestone::packages
