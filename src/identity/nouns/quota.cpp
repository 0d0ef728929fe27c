// Quotas: the tenant's row is touched before what it has is counted, so that of two units that do so at one
// time the second is repeated, and counts what the first has added.
#include "identity/nouns/quota.hpp"

#include "base/problem.hpp"
#include "db/noun.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/tenant_settings.hpp"

namespace lodestone::identity {

using db::Tx;

namespace {

const db::Query<std::string, TenantId> find_quota{
    "tenant.find_quota", "SELECT settings FROM tenants WHERE id = $1 AND deleted_at IS NULL"};

const db::Command<TenantId> touch{"tenant.touch", "UPDATE tenants SET status = status WHERE id = $1"};

// No more than it takes to know that the quota is used up.
const db::Query<std::int64_t, TenantId, std::int64_t> count_users{
    "user.count",
    "SELECT count(*) FROM (SELECT 1 FROM users WHERE tenant_id = $1 AND deleted_at IS NULL LIMIT $2) AS "
    "counted"};

const db::Query<std::int64_t, TenantId, std::int64_t> count_apps{
    "app.count",
    "SELECT count(*) FROM (SELECT 1 FROM apps WHERE tenant_id = $1 AND deleted_at IS NULL LIMIT $2) AS "
    "counted"};

struct Quota {
    std::optional<std::int64_t> TenantSettings::* most;
    const db::Query<std::int64_t, TenantId, std::int64_t>& count;
    const char* what;
    const char* setting;
};

void check_room(Tx& tx, const TenantId& tenant, const Quota& quota) {
    check_is_organisation(tenant, "no users and no apps are made in it; choose another tenant");
    const std::optional<std::string> settings = tx.maybe(find_quota, tenant);
    if (!settings) db::refuse_absent("tenant", tenant.text());
    const std::optional<std::int64_t> most = parse_tenant_settings(*settings).*quota.most;
    if (!most) return;
    tx.run(touch, tenant);
    if (tx.one(quota.count, tenant, *most) < *most) return;
    throw Problem(problems::conflict, "The tenant " + tenant.text() + " has all the " + quota.what +
                                          " that it may have, " + std::to_string(*most) +
                                          ": delete one, or raise " + quota.setting + " in its settings.");
}

}  // namespace

void check_room_for_user(Tx& tx, const TenantId& tenant) {
    check_room(tx, tenant, {&TenantSettings::max_users, count_users, "users", "max_users"});
}

void check_room_for_app(Tx& tx, const TenantId& tenant) {
    check_room(tx, tenant, {&TenantSettings::max_apps, count_apps, "apps", "max_apps"});
}

void check_room_for_more(std::int64_t had, std::int64_t most, std::string_view what) {
    if (had < most) return;
    throw Problem(problems::conflict, "There are " + std::to_string(had) + " " + std::string(what) +
                                          " already, which is the most: take some away first.");
}

}  // namespace lodestone::identity
