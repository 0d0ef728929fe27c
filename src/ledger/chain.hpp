// The audit log's chain: every entry gets a number, without gaps, and a hash over itself and all before it.
//
// Numbers are given a moment after the commit, in bounded batches. Giving them at the commit would make every
// transaction that writes wait for the one before it; so entries are noted in audit_pending with their hash,
// in their own transaction, and whoever has the turn (the row of audit_head) moves them to audit_chain. What
// is changed between the two is found as well, since the hash is older.
//
// One node after another may call this, as often as they like; a crash in between undoes a batch or nothing.
#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <string>

#include "db/tx.hpp"
#include "ledger/audit_entry.hpp"

namespace lodestone::ledger {

// Where the chain ends, and up to where it was removed after its time (zero: nothing was).
struct ChainHead {
    std::int64_t sequence = 0;
    std::string head;
    std::int64_t purged_sequence = 0;
    std::string purged_head;

    bool operator==(const ChainHead&) const = default;
};
BOOST_DESCRIBE_STRUCT(ChainHead, (), (sequence, head, purged_sequence, purged_head))

struct ChainLink {
    std::int64_t sequence = 0;
    AuditId entry_id;
    Time at{};
    std::string leaf;
    std::string head;
};
BOOST_DESCRIBE_STRUCT(ChainLink, (), (sequence, entry_id, at, leaf, head))

ChainHead read_chain_head(db::Tx& tx);

// How many entries wait for their number; counted up to limits::audit_batch.
std::int64_t count_pending(db::Tx& tx);

// Numbers the oldest that wait, limits::audit_batch at most; answers how many. A write.
std::int64_t sequence_entries(db::Tx& tx);

// Removes the oldest entries that are older than `deadline`, limits::purge_rows at most, as long as no
// younger one stands between them; answers how many. What is left can still be verified: the head remembers
// the last one's hash. It is recorded itself. A write.
std::int64_t purge_audit(db::Tx& tx, Time deadline);

}  // namespace lodestone::ledger
