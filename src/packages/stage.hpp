// Staging: publishing in two steps, for every format. What is staged was checked as what is published is, its
// bytes are kept, and count; but nobody finds it, until somebody who may publish approves it. That is the
// publication then, and asks nothing of whoever sent it. What nobody approves goes by itself after
// limits::staged_lifetime. docs/adr/0028-staged-publications.md says why it is so.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "packages/fetch.hpp"
#include "packages/publish.hpp"
#include "packages/staged.hpp"

namespace lodestone::packages {

// Made before the transaction, which may run more than once.
struct StagingIds {
    StagedId id;
    std::int64_t number = 0;
};
StagingIds make_staging_ids(Context& context);

// In the transaction that enters the bytes. Refuses what publish() would, what is staged already, and what is
// too much. `facts` is JSON, for whoever looks at it (Staged::facts).
Staged stage(db::Tx& tx, const Publication& publication, const StagingIds& ids, std::string facts);

struct StagedIn {
    TenantId tenant;
    std::shared_ptr<const RepositoryEntry> repository;
    StagedId id;

    RepositoryPlace place() const { return {tenant, repository->id}; }
};

// What the format says of it that is no data: as in Publication.
struct Approval {
    FoldFile fold_file = nullptr;
    std::function<void(std::string_view permission)> check_may;
};
// It is published and staged no more, or both is not so: refuses what publish() does.
Published approve(db::Tx& tx, const StagedIn& staged, const Approval& approval, const PublicationIds& ids);
void reject(db::Tx& tx, const StagedIn& staged);

// Its first file, for whoever wants to look into it before.
FoundFile need_staged_file(db::Tx& tx, const StagedIn& staged);

// Those that have expired by then; a bounded number, of which it answers how many.
std::int64_t purge_staged(db::Tx& tx, Time deadline);

}  // namespace lodestone::packages
