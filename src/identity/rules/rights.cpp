// Rights: small questions about them.
#include "identity/rules/rights.hpp"

#include <algorithm>

#include "identity/rules/policy.hpp"

namespace lodestone::identity {

PolicySet::PolicySet() = default;
PolicySet::~PolicySet() = default;

bool Rights::is_owner() const {
    return std::ranges::any_of(roles, [](const Role& role) { return role.name == owner_role; });
}

const std::vector<Role>* Rights::find_app_roles(const AppId& app) const {
    if (app.is_empty()) return nullptr;
    const auto found = app_roles.find(app);
    return found == app_roles.end() ? nullptr : &found->second;
}

bool has_all_of(const Rights& rights, const std::optional<AppId>& app, const Role& role) {
    std::vector<Role> held = rights.roles;
    const auto* in_app = app ? rights.find_app_roles(*app) : nullptr;
    if (in_app != nullptr) held.insert(held.end(), in_app->begin(), in_app->end());
    return is_within(role, held);
}

AppId app_of(const Resource& resource) {
    if (resource.type == "app" && !resource.id.empty()) return AppId::trusted(resource.id);
    return resource.app;
}

}  // namespace lodestone::identity
