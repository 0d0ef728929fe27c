// The built-in roles as a table, and what roles allow.
#include "identity/rules/roles.hpp"

#include <algorithm>
#include <array>

#include "identity/rules/patterns.hpp"
#include "identity/rules/permissions.hpp"
#include "identity/rules/text_list.hpp"

namespace lodestone::identity {

namespace {

constexpr auto owner_permissions = std::to_array<std::string_view>({"*"});

// Everything but the tenant's own fate, which is its owner's.
constexpr auto admin_permissions = std::to_array<std::string_view>(
    {"tenant:read",  "tenant:update",   "app:*",       "branch:*",   "user:*",       "role:*",
     "membership:*", "user_identity:*", "policy:*",    "decision:*", "key:*",        "session:*",
     "invitation:*", "provider:*",      "publisher:*", "audit:*",    "repository:*", "package:*",
     "service:*",    "template:*",      "project:*"});

constexpr auto maintainer_permissions = std::to_array<std::string_view>(
    {"tenant:read",       "app:list",          "app:read",          "app:update",      "branch:*",
     "user:list",         "user:read",         "membership:create", "membership:list", "membership:read",
     "membership:update", "membership:delete", "role:list",         "role:read",       "key:create",
     "key:list",          "key:read",          "key:update",        "key:rotate",      "key:revoke",
     "publisher:*",       "repository:*",      "package:*",         "service:*",       "template:*",
     "project:*"});

constexpr auto developer_permissions = std::to_array<std::string_view>(
    {"tenant:read",     "app:list",       "app:read",        "branch:list",      "branch:read",
     "user:list",       "user:read",      "membership:list", "membership:read",  "repository:list",
     "repository:read", "package:list",   "package:read",    "package:download", "package:stage",
     "package:publish", "package:update", "service:list",    "service:read",     "service:create",
     "service:update",  "template:list",  "template:read",   "template:publish", "template:update",
     "project:create",  "project:list",   "project:read",    "project:update",   "publisher:list"});

constexpr auto viewer_permissions = std::to_array<std::string_view>(
    {"tenant:read", "app:list", "app:read", "branch:list", "branch:read", "repository:list",
     "repository:read", "package:list", "package:read", "package:download", "service:list", "service:read",
     "template:list", "template:read", "project:list", "project:read"});

// Sees how everything is set up and what happened, and neither changes it nor takes it away.
constexpr auto auditor_permissions = std::to_array<std::string_view>(
    {"tenant:read",      "app:list",        "app:read",           "branch:list",        "branch:read",
     "user:list",        "user:read",       "user_identity:list", "user_identity:read", "membership:list",
     "membership:read",  "role:list",       "role:read",          "policy:list",        "policy:read",
     "decision:explain", "key:list",        "key:read",           "session:list",       "session:read",
     "invitation:list",  "invitation:read", "provider:list",      "provider:read",      "publisher:list",
     "publisher:read",   "audit:list",      "audit:export",       "repository:list",    "repository:read",
     "package:list",     "package:read",    "service:list",       "service:read",       "template:list",
     "template:read",    "project:list"});

constexpr auto robot_permissions = std::to_array<std::string_view>(
    {"app:read", "branch:list", "branch:read", "repository:list", "repository:read", "package:list",
     "package:read", "package:download", "package:stage", "package:publish", "package:update", "service:list",
     "service:read", "service:create", "service:update", "template:read"});

constexpr BuiltInRole roles[] = {
    {owner_role, "May do everything in the tenant. There is exactly one.", owner_permissions},
    {"admin", "Manages everything in the tenant but the tenant itself.", admin_permissions},
    {"maintainer", "Manages apps: their repositories, services, members and keys.", maintainer_permissions},
    {"developer", "Publishes and uses what apps hold.", developer_permissions},
    {"viewer", "Sees and fetches what apps hold.", viewer_permissions},
    {"auditor", "Sees how everything is set up and what happened, and changes nothing.", auditor_permissions},
    {robot_role, "Publishes and fetches; for programs.", robot_permissions},
};

}  // namespace

std::span<const BuiltInRole> built_in_roles() {
    return roles;
}

const BuiltInRole* find_built_in_role(std::string_view name) {
    const auto* found = std::ranges::find(roles, name, &BuiltInRole::name);
    return found == std::end(roles) ? nullptr : found;
}

bool Role::allows(std::string_view permission) const {
    return std::ranges::any_of(permissions,
                               [&](const std::string& pattern) { return is_text_in(permission, pattern); });
}

Role make_role(const BuiltInRole& role) {
    return {.name = std::string(role.name),
            .permissions = {role.permissions.begin(), role.permissions.end()}};
}

std::optional<std::vector<std::string>> parse_role_permissions(std::string_view json, std::string& fault) {
    return parse_text_list(json, is_action_pattern,
                           "a permission like \"package:read\", \"package:*\" or \"*\"", fault);
}

bool is_within(const Role& role, std::span<const Role> held) {
    return std::ranges::all_of(role.permissions, [&](const std::string& narrow) {
        return std::ranges::any_of(held, [&](const Role& one) {
            return std::ranges::any_of(one.permissions,
                                       [&](const std::string& wide) { return is_pattern_in(narrow, wide); });
        });
    });
}

}  // namespace lodestone::identity
