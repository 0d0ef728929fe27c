// Lists of the audit log: a tenant's, the installation's own, and all of it.
#include <algorithm>

#include "db/listing.hpp"
#include "ledger/audit.hpp"

namespace lodestone::ledger {

using db::Tx;

struct AuditFilters {
    std::optional<std::string> actor;
    std::optional<std::string> action;
    std::optional<std::string> subject;
    std::optional<std::string> key_id;
    std::optional<std::string> session_id;
    std::optional<std::string> address;
    std::optional<std::string> request_id;
    std::optional<db::ActionResult> result;
    std::optional<Time> since;
    std::optional<Time> until;
};
BOOST_DESCRIBE_STRUCT(AuditFilters, (),
                      (actor, action, subject, key_id, session_id, address, request_id, result, since, until))

struct WholeAuditFilters {
    std::optional<TenantId> tenant;
    std::optional<std::string> actor;
    std::optional<std::string> action;
    std::optional<std::string> subject;
    std::optional<std::string> key_id;
    std::optional<std::string> session_id;
    std::optional<std::string> address;
    std::optional<std::string> request_id;
    std::optional<db::ActionResult> result;
    std::optional<Time> since;
    std::optional<Time> until;
};
BOOST_DESCRIBE_STRUCT(WholeAuditFilters, (),
                      (tenant, actor, action, subject, key_id, session_id, address, request_id, result, since,
                       until))

namespace {

// The walk begins and ends at the times that are asked for.
const db::ListQuery<AuditEntry, AuditFilters, Time, TenantId> list_newest_first{
    "audit.list",
    "SELECT id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details "
    "FROM audit WHERE tenant_id = $1 AND ($2 IS NULL OR actor = $2) AND ($3 IS NULL OR action = $3) "
    "  AND ($4 IS NULL OR subject = $4) AND ($5 IS NULL OR key_id = $5) "
    "  AND ($6 IS NULL OR session_id = $6) AND ($7 IS NULL OR address = $7) "
    "  AND ($8 IS NULL OR request_id = $8) AND ($9 IS NULL OR result = $9) "
    "  AND at >= coalesce($10, -9223372036854775807) AND at < coalesce($11, 9223372036854775807) "
    "  AND (at, id) < ($12, $13) ORDER BY at DESC, id DESC LIMIT $14"};

const db::ListQuery<AuditEntry, AuditFilters, Time, TenantId> list_oldest_first{
    "audit.list_oldest_first",
    "SELECT id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details "
    "FROM audit WHERE tenant_id = $1 AND ($2 IS NULL OR actor = $2) AND ($3 IS NULL OR action = $3) "
    "  AND ($4 IS NULL OR subject = $4) AND ($5 IS NULL OR key_id = $5) "
    "  AND ($6 IS NULL OR session_id = $6) AND ($7 IS NULL OR address = $7) "
    "  AND ($8 IS NULL OR request_id = $8) AND ($9 IS NULL OR result = $9) "
    "  AND at >= coalesce($10, -9223372036854775807) AND at < coalesce($11, 9223372036854775807) "
    "  AND (at, id) > ($12, $13) ORDER BY at, id LIMIT $14"};

// What one key has done: after a leak, nobody waits for a walk over everything.
const db::ListQuery<AuditEntry, AuditFilters, Time, TenantId> list_of_key_newest{
    "audit.list_of_key",
    "SELECT id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details "
    "FROM audit WHERE tenant_id = $1 AND ($2 IS NULL OR actor = $2) AND ($3 IS NULL OR action = $3) "
    "  AND ($4 IS NULL OR subject = $4) AND key_id = $5 AND ($6 IS NULL OR session_id = $6) "
    "  AND ($7 IS NULL OR address = $7) AND ($8 IS NULL OR request_id = $8) "
    "  AND ($9 IS NULL OR result = $9) "
    "  AND at >= coalesce($10, -9223372036854775807) AND at < coalesce($11, 9223372036854775807) "
    "  AND (at, id) < ($12, $13) ORDER BY at DESC, id DESC LIMIT $14"};

const db::ListQuery<AuditEntry, AuditFilters, Time, TenantId> list_of_key_oldest{
    "audit.list_of_key_oldest",
    "SELECT id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details "
    "FROM audit WHERE tenant_id = $1 AND ($2 IS NULL OR actor = $2) AND ($3 IS NULL OR action = $3) "
    "  AND ($4 IS NULL OR subject = $4) AND key_id = $5 AND ($6 IS NULL OR session_id = $6) "
    "  AND ($7 IS NULL OR address = $7) AND ($8 IS NULL OR request_id = $8) "
    "  AND ($9 IS NULL OR result = $9) "
    "  AND at >= coalesce($10, -9223372036854775807) AND at < coalesce($11, 9223372036854775807) "
    "  AND (at, id) > ($12, $13) ORDER BY at, id LIMIT $14"};

const db::ListQuery<AuditEntry, AuditFilters, Time> list_installation_newest{
    "audit.list_installation",
    "SELECT id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details "
    "FROM audit WHERE tenant_id IS NULL AND ($1 IS NULL OR actor = $1) AND ($2 IS NULL OR action = $2) "
    "  AND ($3 IS NULL OR subject = $3) AND ($4 IS NULL OR key_id = $4) "
    "  AND ($5 IS NULL OR session_id = $5) AND ($6 IS NULL OR address = $6) "
    "  AND ($7 IS NULL OR request_id = $7) AND ($8 IS NULL OR result = $8) "
    "  AND at >= coalesce($9, -9223372036854775807) AND at < coalesce($10, 9223372036854775807) "
    "  AND (at, id) < ($11, $12) ORDER BY at DESC, id DESC LIMIT $13"};

const db::ListQuery<AuditEntry, AuditFilters, Time> list_installation_oldest{
    "audit.list_installation_oldest",
    "SELECT id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details "
    "FROM audit WHERE tenant_id IS NULL AND ($1 IS NULL OR actor = $1) AND ($2 IS NULL OR action = $2) "
    "  AND ($3 IS NULL OR subject = $3) AND ($4 IS NULL OR key_id = $4) "
    "  AND ($5 IS NULL OR session_id = $5) AND ($6 IS NULL OR address = $6) "
    "  AND ($7 IS NULL OR request_id = $7) AND ($8 IS NULL OR result = $8) "
    "  AND at >= coalesce($9, -9223372036854775807) AND at < coalesce($10, 9223372036854775807) "
    "  AND (at, id) > ($11, $12) ORDER BY at, id LIMIT $13"};

const db::ListQuery<AuditEntry, WholeAuditFilters, Time> list_whole_newest{
    "audit.list_whole",
    "SELECT id, at, tenant_id, actor, actor_tenant_id, source, address, agent, key_id, session_id, "
    "       request_id, action, subject, result, details "
    "FROM audit WHERE ($1 IS NULL OR tenant_id = $1) AND ($2 IS NULL OR actor = $2) "
    "  AND ($3 IS NULL OR action = $3) AND ($4 IS NULL OR subject = $4) AND ($5 IS NULL OR key_id = $5) "
    "  AND ($6 IS NULL OR session_id = $6) AND ($7 IS NULL OR address = $7) "
    "  AND ($8 IS NULL OR request_id = $8) AND ($9 IS NULL OR result = $9) "
    "  AND at >= coalesce($10, -9223372036854775807) AND at < coalesce($11, 9223372036854775807) "
    "  AND (at, id) < ($12, $13) ORDER BY at DESC, id DESC LIMIT $14"};

constexpr std::tuple sorts{
    db::Sort{"-at", list_newest_first, &AuditEntry::at},
    db::Sort{"at", list_oldest_first, &AuditEntry::at},
};
constexpr std::tuple key_sorts{
    db::Sort{"-at", list_of_key_newest, &AuditEntry::at},
    db::Sort{"at", list_of_key_oldest, &AuditEntry::at},
};
constexpr std::tuple installation_sorts{
    db::Sort{"-at", list_installation_newest, &AuditEntry::at},
    db::Sort{"at", list_installation_oldest, &AuditEntry::at},
};
constexpr std::tuple whole_sorts{db::Sort{"-at", list_whole_newest, &AuditEntry::at}};

}  // namespace

db::Page<AuditEntry> list_audit(Tx& tx, const TenantId& tenant, const db::ListRequest& request) {
    const bool is_of_key =
        std::ranges::any_of(request.filters, [](const auto& filter) { return filter.first == "key_id"; });
    if (is_of_key) return db::list_page<AuditFilters>(tx, request, key_sorts, tenant);
    return db::list_page<AuditFilters>(tx, request, sorts, tenant);
}

db::Page<AuditEntry> list_installation_audit(Tx& tx, const db::ListRequest& request) {
    return db::list_page<AuditFilters>(tx, request, installation_sorts);
}

db::Page<AuditEntry> list_whole_audit(Tx& tx, const db::ListRequest& request) {
    return db::list_page<WholeAuditFilters>(tx, request, whole_sorts);
}

}  // namespace lodestone::ledger
