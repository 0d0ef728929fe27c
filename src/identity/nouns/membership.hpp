// Memberships: which user may use which app, and as what. One for each pair, kept when it is revoked.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "db/page.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

enum class MembershipStatus : std::uint8_t { active, revoked };
BOOST_DESCRIBE_ENUM(MembershipStatus, active, revoked)

struct Membership {
    AppId app_id;
    UserId user_id;
    RoleId role;  // a built-in role's name, or the id of one of the tenant's own
    MembershipStatus status = MembershipStatus::active;
    Time granted_at{};
    std::string granted_by;
    std::optional<Time> revoked_at;
    std::optional<std::string> revoked_by;

    bool operator==(const Membership&) const = default;
};
BOOST_DESCRIBE_STRUCT(Membership, (),
                      (app_id, user_id, role, status, granted_at, granted_by, revoked_at, revoked_by))

// Also what was revoked: the status tells.
std::optional<Membership> find_membership(db::Tx& tx, const TenantId& tenant, const AppId& app,
                                          const UserId& user);
// Whether the user has the app now: the membership is active, and neither app nor user is deleted, disabled
// or suspended.
bool has_access(db::Tx& tx, const TenantId& tenant, const AppId& app, const UserId& user);
// Filters: role, status. Sort: user_id, or app_id.
db::Page<Membership> list_members(db::Tx& tx, const TenantId& tenant, const AppId& app,
                                  const db::ListRequest& request);
db::Page<Membership> list_memberships(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                      const db::ListRequest& request);
// For the gate: what counts, all of it.
std::vector<Membership> list_active_memberships(db::Tx& tx, const TenantId& tenant, const UserId& user);

// Gives the app to the user as `role`, whatever was before: the last word counts. App, user and role must be
// there (not_found), and the owner's role is nobody's to give (conflict).
Membership grant_membership(db::Tx& tx, const TenantId& tenant, const AppId& app, const UserId& user,
                            const RoleId& role);
// Takes it away; not_found when there is none, or none any more.
Membership revoke_membership(db::Tx& tx, const TenantId& tenant, const AppId& app, const UserId& user);

}  // namespace lodestone::identity
