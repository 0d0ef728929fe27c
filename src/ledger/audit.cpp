// Audit and outbox rows, all of a transaction's with one statement each.
#include "ledger/audit.hpp"

#include <algorithm>

#include "db/bulk.hpp"
#include "db/listing.hpp"

namespace lodestone::ledger {

using db::Tx;

struct AuditFilters {
    std::optional<std::string> actor;
    std::optional<std::string> action;
    std::optional<std::string> subject;
};
BOOST_DESCRIBE_STRUCT(AuditFilters, (), (actor, action, subject))

namespace {

const db::BulkCommand<AuditEntry> insert_audit{
    "audit.insert",
    {"INSERT INTO audit (id, at, tenant_id, actor, request_id, action, subject, details) "
     "SELECT id, at, tenant_id, actor, request_id, action, subject, details "
     "FROM json_to_recordset($1::json) AS entry(id text, at bigint, tenant_id text, actor text, "
     "                                          request_id text, action text, subject text, details text)",
     "INSERT INTO audit (id, at, tenant_id, actor, request_id, action, subject, details) "
     "SELECT value->>'id', value->>'at', value->>'tenant_id', value->>'actor', "
     "       value->>'request_id', value->>'action', value->>'subject', value->>'details' "
     "FROM json_each($1)"}};

const db::BulkCommand<AuditEntry> insert_outbox{
    "outbox.insert",
    {"INSERT INTO outbox (id, at, tenant_id, action, subject, details) "
     "SELECT id, at, tenant_id, action, subject, details "
     "FROM json_to_recordset($1::json) AS event(id text, at bigint, tenant_id text, action text, "
     "                                          subject text, details text)",
     "INSERT INTO outbox (id, at, tenant_id, action, subject, details) "
     "SELECT value->>'id', value->>'at', value->>'tenant_id', value->>'action', "
     "       value->>'subject', value->>'details' "
     "FROM json_each($1)"}};

// Ids grow with time: the id is the sort key as well.
const db::ListQuery<AuditEntry, AuditFilters, std::string, TenantId> list_newest_first{
    "audit.list",
    "SELECT id, at, tenant_id, actor, request_id, action, subject, details FROM audit "
    "WHERE tenant_id = $1 AND ($2 IS NULL OR actor = $2) AND ($3 IS NULL OR action = $3) "
    "  AND ($4 IS NULL OR subject = $4) AND (id, id) < ($5, $6) "
    "ORDER BY id DESC LIMIT $7"};

constexpr std::tuple sorts{
    db::Sort{"-id", list_newest_first, [](const AuditEntry& entry) { return entry.id.text(); }},
};

// In the order of the changes: ids of one microsecond would be in none.
std::vector<AuditId> make_ids(std::size_t count, Context& context) {
    std::vector<AuditId> ids;
    while (ids.size() < count) ids.push_back(make_id<AuditId>(context.clock, context.random));
    std::ranges::sort(ids);
    return ids;
}

}  // namespace

void record_changes(Tx& tx, const std::vector<db::Change>& changes, Context& context) {
    const std::vector<AuditId> ids = make_ids(changes.size(), context);
    std::vector<AuditEntry> entries;
    for (const db::Change& change : changes) {
        entries.push_back({.id = ids[entries.size()],
                           .at = tx.now(),
                           .tenant_id = {},
                           .actor = tx.unit().actor,
                           .request_id = tx.unit().request_id,
                           .action = change.action,
                           .subject = change.subject,
                           .details = change.details});
        if (!change.tenant.empty()) entries.back().tenant_id = TenantId::trusted(change.tenant);
    }
    db::run_bulk<AuditEntry>(tx, insert_audit, entries);
    db::run_bulk<AuditEntry>(tx, insert_outbox, entries);
}

db::Database::RecordKeeper make_record_keeper(Context& context) {
    return
        [&context](Tx& tx, const std::vector<db::Change>& changes) { record_changes(tx, changes, context); };
}

db::Page<AuditEntry> list_audit(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    return db::list_page<AuditFilters>(tx, request, sorts, tenant);
}

}  // namespace lodestone::ledger
