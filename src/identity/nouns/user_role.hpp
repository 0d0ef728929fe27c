// Roles that a user has in the whole tenant; those in one app are memberships.
#pragma once

#include <boost/describe/class.hpp>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "db/tx.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::identity {

struct UserRole {
    UserId user_id;
    RoleId role;  // a built-in role's name, or the id of one of the tenant's own
    Time granted_at{};
    std::string granted_by;

    bool operator==(const UserRole&) const = default;
};
BOOST_DESCRIBE_STRUCT(UserRole, (), (user_id, role, granted_at, granted_by))

// All that the user has, at most limits::roles_per_user, by name.
std::vector<UserRole> list_user_roles(db::Tx& tx, const TenantId& tenant, const UserId& user);
// Who has the role; no more than `limit`.
std::vector<UserRole> list_users_with_role(db::Tx& tx, const TenantId& tenant, const RoleId& role,
                                           std::int64_t limit);
// Who has any; no more than `limit`.
std::vector<UserId> list_role_holders(db::Tx& tx, const TenantId& tenant, std::int64_t limit);

// User and role must be there (not_found); the owner's role is nobody's to give, and a user has a bounded
// number (conflict). Who has it already keeps it as it was given.
UserRole grant_role(db::Tx& tx, const TenantId& tenant, const UserId& user, const RoleId& role);
// Takes it away; not_found when the user does not have it.
void revoke_role(db::Tx& tx, const TenantId& tenant, const UserId& user, const RoleId& role);
// Exactly these and no others: what a provider says of a user replaces what it said before.
std::vector<UserRole> replace_roles(db::Tx& tx, const TenantId& tenant, const UserId& user,
                                    const std::vector<RoleId>& roles);

}  // namespace lodestone::identity
