// One page of the export.
#include "ledger/export.hpp"

#include "base/limits.hpp"
#include "ledger/canonical.hpp"

namespace lodestone::ledger {

using db::Tx;

namespace {

struct ExportedEntry : AuditEntry {
    std::optional<std::int64_t> sequence;
    std::optional<std::string> leaf;
    std::optional<std::string> head;
};
BOOST_DESCRIBE_STRUCT(ExportedEntry, (AuditEntry), (sequence, leaf, head))

const db::Query<ExportedEntry, Time, Time, std::string, std::int64_t> export_whole{
    "audit.export_whole",
    "SELECT id, audit.at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details, sequence, leaf, head "
    "FROM audit LEFT JOIN audit_chain ON entry_id = id "
    "WHERE audit.at < $2 AND (audit.at, id) > ($1, $3) ORDER BY audit.at, id LIMIT $4"};

const db::Query<ExportedEntry, TenantId, Time, Time, std::string, std::int64_t> export_tenant{
    "audit.export_tenant",
    "SELECT id, audit.at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details, sequence, leaf, head "
    "FROM audit LEFT JOIN audit_chain ON entry_id = id "
    "WHERE tenant_id = $1 AND audit.at < $3 AND (audit.at, id) > ($2, $4) "
    "ORDER BY audit.at, id LIMIT $5"};

std::string quoted(const std::optional<std::string>& hash) {
    return hash ? '"' + *hash + '"' : "null";
}

void append_line(std::string& out, const ExportedEntry& entry) {
    out.append("{\"entry\":").append(canonical_entry(entry));
    out.append(",\"sequence\":").append(entry.sequence ? std::to_string(*entry.sequence) : "null");
    out.append(",\"leaf\":").append(quoted(entry.leaf));
    out.append(",\"head\":").append(quoted(entry.head)).append("}\n");
}

}  // namespace

ExportPage export_audit(Tx& tx, const ExportPlace& place) {
    const auto entries = place.tenant ? tx.all(export_tenant, *place.tenant, place.since, place.until,
                                               place.after.text(), limits::audit_batch)
                                      : tx.all(export_whole, place.since, place.until, place.after.text(),
                                               limits::audit_batch);
    ExportPage page{.lines = {}, .next = place};
    for (const ExportedEntry& entry : entries) append_line(page.lines, entry);
    page.next.is_done = static_cast<std::int64_t>(entries.size()) < limits::audit_batch;
    if (!entries.empty()) {
        page.next.since = entries.back().at;
        page.next.after = entries.back().id;
    }
    return page;
}

}  // namespace lodestone::ledger
