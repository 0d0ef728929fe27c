// The audit log and the outbox: what units of work changed, written down in the same transaction. Rows are
// added and never changed; audit rows stay, outbox rows wait for whoever brings the events out.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/context.hpp"
#include "base/tenant_id.hpp"
#include "db/database.hpp"
#include "db/page.hpp"

namespace lodestone::ledger {

using AuditId = Id<struct AuditEntry>;

struct AuditEntry {
    AuditId id;  // also the id of its event in the outbox
    Time at{};
    std::optional<TenantId> tenant_id;  // nothing: the whole installation's
    std::string actor;
    std::string request_id;
    std::string action;   // "tenant.create"
    std::string subject;  // the id of what changed
    std::string details;  // a JSON object

    bool operator==(const AuditEntry&) const = default;
};
BOOST_DESCRIBE_STRUCT(AuditEntry, (), (id, at, tenant_id, actor, request_id, action, subject, details))

// For Database::keep_records(): each change becomes a row in both, by this context's clock and chance.
db::Database::RecordKeeper make_record_keeper(Context& context);
void record_changes(db::Tx& tx, const std::vector<db::Change>& changes, Context& context);

// What happened in a tenant, the newest first. Filters: actor, action, subject. Sort: -id.
db::Page<AuditEntry> list_audit(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);

}  // namespace lodestone::ledger
