// The audit log and the outbox: what units of work changed, written down in the same transaction. Rows are
// added and never changed; audit rows stay, outbox rows wait for whoever brings the events out. An entry gets
// its number, and its place in the chain of hashes, a moment later (ledger/chain.hpp).
#pragma once

#include <span>
#include <vector>

#include "base/context.hpp"
#include "db/database.hpp"
#include "db/page.hpp"
#include "ledger/audit_entry.hpp"

namespace lodestone::ledger {

// For Database::keep_records(): each change becomes a row in both, by this context's clock and chance.
db::Database::RecordKeeper make_record_keeper(Context& context);
void record_changes(db::Tx& tx, const std::vector<db::Change>& changes, Context& context);

// Entries that tell of no change, and so of no event: refusals. Ids are made, and details made canonical,
// here.
void append_entries(db::Tx& tx, std::vector<AuditEntry> entries, Context& context);

// Lists, the newest first. Filters: actor, action, subject, key_id, session_id, address, request_id, result,
// since and until (times, the second not included). Sorts: -at, at.
db::Page<AuditEntry> list_audit(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);
// What belongs to no tenant.
db::Page<AuditEntry> list_installation_audit(db::Tx& tx, const db::ListRequest& request);
// Everything, for whoever runs the installation.
db::Page<AuditEntry> list_whole_audit(db::Tx& tx, const db::ListRequest& request);

}  // namespace lodestone::ledger
