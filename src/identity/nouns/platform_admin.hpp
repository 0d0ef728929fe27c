// Platform administrators: users who manage the installation's tenants, and see nothing of what is inside
// them.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "db/page.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

struct PlatformAdmin {
    TenantId tenant_id;  // whose user it is
    UserId user_id;
    Time granted_at{};
    std::string granted_by;

    bool operator==(const PlatformAdmin&) const = default;
};
BOOST_DESCRIBE_STRUCT(PlatformAdmin, (), (tenant_id, user_id, granted_at, granted_by))

// Whether the user is one now: neither deleted nor suspended, nor the tenant.
bool is_platform_admin(db::Tx& tx, const TenantId& tenant, const UserId& user);
// Whether any of the tenant's users has the right, used or not: such a tenant cannot be suspended or deleted.
std::optional<PlatformAdmin> find_platform_admin(db::Tx& tx, const TenantId& tenant, const UserId& user);
bool has_platform_admins(db::Tx& tx, const TenantId& tenant);
// Filter: tenant_id. Sort: granted_at.
db::Page<PlatformAdmin> list_platform_admins(db::Tx& tx, const db::ListRequest& request);

// The user must be there (not_found), and neither suspended nor of a suspended tenant (conflict). Who is one
// already stays one, as granted.
PlatformAdmin grant_platform_admin(db::Tx& tx, const TenantId& tenant, const UserId& user);
// not_found when the user is none; conflict when nobody would be left.
void revoke_platform_admin(db::Tx& tx, const TenantId& tenant, const UserId& user);

}  // namespace lodestone::identity
