// Each of the three tables that give roles, one after another.
#include "identity/nouns/held_roles.hpp"

#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/membership.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "identity/nouns/user_role.hpp"

namespace lodestone::identity {

using db::Tx;

std::shared_ptr<const Rights> find_held_roles(Tx& tx, const TenantId& tenant, const UserId& user,
                                              InactiveRoles inactive) {
    auto rights = std::make_shared<Rights>();
    const auto add = [&](std::vector<Role>& roles, const RoleId& id) {
        const auto own = find_role(tx, tenant, id);
        if (own && own->status == RoleStatus::inactive && inactive == InactiveRoles::left_out) return;
        if (auto role = find_given_role(tx, tenant, id)) roles.push_back(*std::move(role));
    };
    if (is_tenant_owner(tx, tenant, user))
        rights->roles.push_back(make_role(*find_built_in_role(owner_role)));
    for (const UserRole& had : list_user_roles(tx, tenant, user)) add(rights->roles, had.role);
    for (const Membership& had : list_active_memberships(tx, tenant, user))
        add(rights->app_roles[had.app_id], had.role);
    return rights;
}

}  // namespace lodestone::identity
