// The catalogue of permissions and the built-in roles, for whoever composes a role, a scope or a policy.
#include "api/permissions.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/rules/roles.hpp"

namespace lodestone::api {

struct PermissionView {
    std::string name;
    std::string meaning;
};
BOOST_DESCRIBE_STRUCT(PermissionView, (), (name, meaning))

struct PermissionsView {
    std::vector<PermissionView> permissions;
};
BOOST_DESCRIBE_STRUCT(PermissionsView, (), (permissions))

struct BuiltInRoleView {
    std::string name;
    std::string meaning;
    std::vector<std::string> permissions;
};
BOOST_DESCRIBE_STRUCT(BuiltInRoleView, (), (name, meaning, permissions))

struct BuiltInRolesView {
    std::vector<BuiltInRoleView> roles;
};
BOOST_DESCRIBE_STRUCT(BuiltInRolesView, (), (roles))

namespace {

Task<Shown<PermissionsView>> list_permissions(Call&) {
    Shown<PermissionsView> shown;
    for (const identity::Permission& one : identity::permissions_in_use())
        shown.view.permissions.push_back({std::string(one.name), std::string(one.meaning)});
    co_return shown;
}

Task<Shown<BuiltInRolesView>> list_built_in_roles(Call&) {
    Shown<BuiltInRolesView> shown;
    for (const identity::BuiltInRole& one : identity::built_in_roles())
        shown.view.roles.push_back({std::string(one.name),
                                    std::string(one.meaning),
                                    {one.permissions.begin(), one.permissions.end()}});
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_permissions>(get, "/api/v1/permissions", Access::open, "listPermissions",
                               "Lists everything that somebody can be allowed to do."),
    endpoint<list_built_in_roles>(get, "/api/v1/built-in-roles", Access::open, "listBuiltInRoles",
                                  "Lists the roles that every tenant has."),
};

}  // namespace

std::span<const Endpoint> permission_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
