// Audit and outbox rows, all of a transaction's with one statement each.
#include "ledger/audit.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "db/bulk.hpp"
#include "ledger/canonical.hpp"

namespace lodestone::ledger {

using db::Tx;

namespace {

const db::BulkCommand<AuditEntry> insert_audit{
    "audit.insert",
    {"INSERT INTO audit (id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, "
     "                   session_id, request_id, action, subject, result, details) "
     "SELECT id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, "
     "       session_id, request_id, action, subject, result, details "
     "FROM json_to_recordset($1::json) AS entry(id text, at bigint, tenant_id text, actor text, "
     "     actor_tenant_id text, source text, address text, agent text, key_id text, session_id text, "
     "     request_id text, action text, subject text, result text, details text)",
     "INSERT INTO audit (id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, "
     "                   session_id, request_id, action, subject, result, details) "
     "SELECT value->>'id', value->>'at', value->>'tenant_id', value->>'actor', "
     "       value->>'actor_tenant_id', value->>'source', value->>'address', value->>'agent', "
     "       value->>'key_id', value->>'session_id', value->>'request_id', value->>'action', "
     "       value->>'subject', value->>'result', value->>'details' "
     "FROM json_each($1)"}};

// Of an entry, what the chain will hold of it.
struct PendingEntry {
    AuditId id;
    Time at{};
    std::string leaf;
};
BOOST_DESCRIBE_STRUCT(PendingEntry, (), (id, at, leaf))

const db::BulkCommand<PendingEntry> insert_pending{
    "audit.insert_pending",
    {"INSERT INTO audit_pending (id, at, leaf) SELECT id, at, leaf "
     "FROM json_to_recordset($1::json) AS entry(id text, at bigint, leaf text)",
     "INSERT INTO audit_pending (id, at, leaf) "
     "SELECT value->>'id', value->>'at', value->>'leaf' FROM json_each($1)"}};

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

// In the order of the changes: ids of one microsecond would be in none.
std::vector<AuditId> make_ids(std::size_t count, Context& context) {
    std::vector<AuditId> ids;
    while (ids.size() < count) ids.push_back(make_id<AuditId>(context.clock, context.random));
    std::ranges::sort(ids);
    return ids;
}

// What clients call themselves is not ours to trust: no controls, no bytes that are not UTF-8, not too long.
std::string printable(std::string_view agent) {
    std::string shown(agent.substr(0, limits::logged_agent_bytes));
    for (char& c : shown)
        if (c < 0x20 || c > 0x7E) c = '?';
    return shown;
}

std::optional<std::string> unless_empty(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<TenantId> tenant_of(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(TenantId::trusted(text));
}

AuditEntry make_entry(const Tx& tx, const db::Change& change) {
    const db::Unit& unit = tx.unit();
    return {.id = {},
            .at = tx.now(),
            .tenant_id = tenant_of(change.tenant),
            .actor = unit.actor,
            .actor_tenant_id = tenant_of(unit.actor_tenant),
            .source = unit.source,
            .address = unit.address,
            .agent = unit.agent,
            .key_id = unless_empty(unit.key),
            .session_id = unless_empty(unit.session),
            .request_id = unit.request_id,
            .action = change.action,
            .subject = change.subject,
            .result = change.result,
            .details = change.details};
}

void complete(std::vector<AuditEntry>& entries, Context& context) {
    const std::vector<AuditId> ids = make_ids(entries.size(), context);
    for (std::size_t at = 0; at < entries.size(); ++at) {
        entries[at].id = ids[at];
        entries[at].agent = printable(entries[at].agent);
        entries[at].details = canonical_json(entries[at].details);
    }
}

void insert(Tx& tx, const std::vector<AuditEntry>& entries) {
    std::vector<PendingEntry> pending;
    for (const AuditEntry& entry : entries)
        pending.push_back({.id = entry.id, .at = entry.at, .leaf = leaf_hash(entry)});
    // They leave with COMMIT.
    db::send_bulk<AuditEntry>(tx, insert_audit, entries);
    db::send_bulk<PendingEntry>(tx, insert_pending, pending);
}

}  // namespace

void record_changes(Tx& tx, const std::vector<db::Change>& changes, Context& context) {
    std::vector<AuditEntry> entries;
    for (const db::Change& change : changes) entries.push_back(make_entry(tx, change));
    complete(entries, context);
    insert(tx, entries);
    // What was refused changed nothing that anybody would have to hear of.
    std::erase_if(entries, [](const AuditEntry& entry) { return entry.result != db::ActionResult::ok; });
    db::send_bulk<AuditEntry>(tx, insert_outbox, entries);
}

void append_entries(Tx& tx, std::vector<AuditEntry> entries, Context& context) {
    complete(entries, context);
    insert(tx, entries);
}

db::Database::RecordKeeper make_record_keeper(Context& context) {
    return
        [&context](Tx& tx, const std::vector<db::Change>& changes) { record_changes(tx, changes, context); };
}

}  // namespace lodestone::ledger
