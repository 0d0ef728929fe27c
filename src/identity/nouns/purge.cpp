// Purging in bounded pieces: the steps of what goes along, then the rows themselves, whose ids are spent.
#include "identity/nouns/purge.hpp"

#include <boost/describe/class.hpp>
#include <string>
#include <vector>

#include "base/limits.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

using db::Tx;

// What is gone: whose it was, its id, and how spent_ids knows it.
struct PurgedRow {
    TenantId tenant_id;
    std::string id;
    std::string spent_id;
};
BOOST_DESCRIBE_STRUCT(PurgedRow, (), (tenant_id, id, spent_id))

namespace {

using PurgeQuery = db::Query<PurgedRow, Time, std::int64_t>;

// Purging begins by touching the row and spending its id: from then on it cannot be restored, and a unit that
// restores it at the same moment has changed the same row.
const PurgeQuery begin_tenants{"tenant.begin_purge",
                               "UPDATE tenants SET status = status WHERE id IN "
                               "(SELECT o.id FROM tenants AS o WHERE o.deleted_at < $1 AND NOT EXISTS "
                               " (SELECT 1 FROM spent_ids AS s WHERE s.kind = 'tenant' AND s.id = o.id) "
                               " ORDER BY o.deleted_at LIMIT $2) "
                               "RETURNING id AS tenant_id, id, id AS spent_id"};

const PurgeQuery begin_apps{
    "app.begin_purge",
    "UPDATE apps SET status = status WHERE (tenant_id, id) IN "
    "(SELECT o.tenant_id, o.id FROM apps AS o WHERE o.deleted_at < $1 AND NOT EXISTS "
    " (SELECT 1 FROM spent_ids AS s WHERE s.kind = 'app' AND s.id = o.tenant_id || '/' || o.id) "
    " ORDER BY o.deleted_at LIMIT $2) "
    "RETURNING tenant_id, id, tenant_id || '/' || id AS spent_id"};

const PurgeQuery begin_users{
    "user.begin_purge",
    "UPDATE users SET status = status WHERE (tenant_id, id) IN "
    "(SELECT o.tenant_id, o.id FROM users AS o WHERE o.deleted_at < $1 AND NOT EXISTS "
    " (SELECT 1 FROM spent_ids AS s WHERE s.kind = 'user' AND s.id = o.tenant_id || '/' || o.id) "
    " ORDER BY o.deleted_at LIMIT $2) "
    "RETURNING tenant_id, id, tenant_id || '/' || id AS spent_id"};

const PurgeQuery begin_branches{
    "branch.begin_purge",
    "UPDATE branches SET status = status WHERE (tenant_id, app_id, id) IN "
    "(SELECT o.tenant_id, o.app_id, o.id FROM branches AS o WHERE o.deleted_at < $1 AND NOT EXISTS "
    " (SELECT 1 FROM spent_ids AS s WHERE s.kind = 'branch' AND s.id = o.tenant_id || '/' || o.app_id || '/' "
    "|| o.id) "
    " ORDER BY o.deleted_at LIMIT $2) "
    "RETURNING tenant_id, id, tenant_id || '/' || app_id || '/' || id AS spent_id"};

const PurgeQuery remove_tenants{
    "tenant.purge",
    "DELETE FROM tenants WHERE id IN (SELECT id FROM tenants WHERE deleted_at < $1 "
    "                                 ORDER BY deleted_at, id LIMIT $2) "
    "RETURNING id AS tenant_id, id, id AS spent_id"};

const PurgeQuery remove_apps{
    "app.purge",
    "DELETE FROM apps WHERE (tenant_id, id) IN "
    "(SELECT tenant_id, id FROM apps WHERE deleted_at < $1 ORDER BY deleted_at, tenant_id, id LIMIT $2) "
    "RETURNING tenant_id, id, tenant_id || '/' || id AS spent_id"};

const PurgeQuery remove_users{
    "user.purge",
    "DELETE FROM users WHERE (tenant_id, id) IN "
    "(SELECT tenant_id, id FROM users WHERE deleted_at < $1 ORDER BY deleted_at, tenant_id, id LIMIT $2) "
    "RETURNING tenant_id, id, tenant_id || '/' || id AS spent_id"};

const PurgeQuery remove_branches{
    "branch.purge",
    "DELETE FROM branches WHERE (tenant_id, app_id, id) IN "
    "(SELECT tenant_id, app_id, id FROM branches WHERE deleted_at < $1 "
    " ORDER BY deleted_at, tenant_id, app_id, id LIMIT $2) "
    "RETURNING tenant_id, id, tenant_id || '/' || app_id || '/' || id AS spent_id"};

const PurgeQuery remove_roles{
    "role.purge",
    "DELETE FROM roles WHERE (tenant_id, id) IN "
    "(SELECT tenant_id, id FROM roles WHERE deleted_at < $1 ORDER BY deleted_at, tenant_id, id LIMIT $2) "
    "RETURNING tenant_id, id, id AS spent_id"};

const PurgeQuery remove_policies{
    "policy.purge",
    "DELETE FROM policies WHERE (tenant_id, id) IN "
    "(SELECT tenant_id, id FROM policies WHERE deleted_at < $1 ORDER BY deleted_at, tenant_id, id LIMIT $2) "
    "RETURNING tenant_id, id, id AS spent_id"};

const PurgeQuery remove_identities{"user_identity.purge",
                                   "DELETE FROM user_identities WHERE (tenant_id, id) IN "
                                   "(SELECT tenant_id, id FROM user_identities WHERE deleted_at < $1 "
                                   " ORDER BY deleted_at, tenant_id, id LIMIT $2) "
                                   "RETURNING tenant_id, id, id AS spent_id"};

const db::Command<std::string_view, std::string> spend_id{
    "purge.spend_id", "INSERT INTO spent_ids (kind, id) VALUES ($1, $2) ON CONFLICT DO NOTHING"};

struct Purge {
    const char* kind;    // as spent_ids has it
    const char* action;  // as the audit log has it
    const PurgeQuery& begin;
    const PurgeQuery& remove;
};

std::int64_t run_steps(Tx& tx, Time deadline, std::span<const PurgeStep> steps, std::int64_t room) {
    std::int64_t removed = 0;
    for (const PurgeStep& step : steps)
        if (removed < room) removed += tx.run(step.remove, deadline, room - removed);
    return removed;
}

std::int64_t remove_rows(Tx& tx, Time deadline, const PurgeQuery& remove, const char* action,
                         std::int64_t room) {
    const std::vector<PurgedRow> gone = tx.all(remove, deadline, room);
    for (const PurgedRow& row : gone)
        tx.record({.action = action, .tenant = row.tenant_id.text(), .subject = row.id, .details = "{}"});
    return static_cast<std::int64_t>(gone.size());
}

std::int64_t run_purge(Tx& tx, Time deadline, std::span<const PurgeStep> others,
                       std::span<const PurgeStep> own, const Purge& purge) {
    const std::vector<PurgedRow> begun = tx.all(purge.begin, deadline, limits::purge_rows);
    for (const PurgedRow& row : begun) tx.send(spend_id, purge.kind, row.spent_id);
    auto done = static_cast<std::int64_t>(begun.size());
    // No step may touch what has not begun, so as long as there may be more of that, none runs.
    if (done == limits::purge_rows) return done;
    done += run_steps(tx, deadline, others, limits::purge_rows - done);
    done += run_steps(tx, deadline, own, limits::purge_rows - done);
    if (done == limits::purge_rows) return done;
    return done + remove_rows(tx, deadline, purge.remove, purge.action, limits::purge_rows - done);
}

}  // namespace

std::int64_t purge_tenants(Tx& tx, Time deadline, std::span<const PurgeStep> others) {
    return run_purge(
        tx, deadline, others, tenant_purge_steps(),
        {.kind = "tenant", .action = "tenant.purge", .begin = begin_tenants, .remove = remove_tenants});
}

std::int64_t purge_apps(Tx& tx, Time deadline, std::span<const PurgeStep> others) {
    return run_purge(tx, deadline, others, app_purge_steps(),
                     {.kind = "app", .action = "app.purge", .begin = begin_apps, .remove = remove_apps});
}

std::int64_t purge_users(Tx& tx, Time deadline, std::span<const PurgeStep> others) {
    return run_purge(tx, deadline, others, user_purge_steps(),
                     {.kind = "user", .action = "user.purge", .begin = begin_users, .remove = remove_users});
}

std::int64_t purge_branches(Tx& tx, Time deadline, std::span<const PurgeStep> others) {
    return run_purge(
        tx, deadline, others, {},
        {.kind = "branch", .action = "branch.purge", .begin = begin_branches, .remove = remove_branches});
}

std::int64_t purge_roles(Tx& tx, Time deadline) {
    return remove_rows(tx, deadline, remove_roles, "role.purge", limits::purge_rows);
}

std::int64_t purge_policies(Tx& tx, Time deadline) {
    return remove_rows(tx, deadline, remove_policies, "policy.purge", limits::purge_rows);
}

std::int64_t purge_user_identities(Tx& tx, Time deadline) {
    return remove_rows(tx, deadline, remove_identities, "user_identity.purge", limits::purge_rows);
}

}  // namespace lodestone::identity
