// Custom roles: sets of permissions that a tenant names for itself, beside the built-in ones
// (rules/roles.hpp).
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "db/noun.hpp"
#include "db/page.hpp"
#include "identity/rules/ids.hpp"
#include "identity/rules/roles.hpp"

namespace lodestone::identity {

enum class RoleStatus : std::uint8_t { active, inactive };
BOOST_DESCRIBE_ENUM(RoleStatus, active, inactive)

struct CustomRole : db::Noun {
    RoleId id;  // made by make_id(), never chosen: a built-in role's is its name
    std::string name;
    std::string description;
    RoleStatus status = RoleStatus::active;  // an inactive one gives nothing to whoever has it
    std::string permissions = "[]";          // a JSON list of patterns: "package:read", "package:*"
    std::string metadata = "{}";             // a JSON object of the client's own

    bool operator==(const CustomRole&) const = default;
};
BOOST_DESCRIBE_STRUCT(CustomRole, (db::Noun), (id, name, description, status, permissions, metadata))

// Two roles of a tenant never have the same name, case aside, and none has a built-in one's.
std::optional<CustomRole> find_role(db::Tx& tx, const TenantId& tenant, const RoleId& id);
std::optional<CustomRole> find_role_by_name(db::Tx& tx, const TenantId& tenant, std::string_view name);
// Filters: status, name (what it begins with), search (what it holds). Sorts: name, created_at, -created_at.
db::Page<CustomRole> list_roles(db::Tx& tx, const TenantId& tenant, const db::ListRequest& request);
// For the gate: all that are active.
std::vector<CustomRole> list_active_roles(db::Tx& tx, const TenantId& tenant);

// These answer with what is stored now, and refuse with a Problem as a tenant's do.
CustomRole insert_role(db::Tx& tx, const TenantId& tenant, CustomRole role);
CustomRole update_role(db::Tx& tx, const TenantId& tenant, CustomRole role);
// Whoever has it still has it, but it gives nothing until it is restored.
CustomRole delete_role(db::Tx& tx, const TenantId& tenant, CustomRole role);
CustomRole restore_role(db::Tx& tx, const TenantId& tenant, const RoleId& id);

// Refuses a role that is neither built in nor one of the tenant's (not_found), and the owner's, which comes
// with the tenant and with nothing else (conflict).
void check_role_may_be_given(db::Tx& tx, const TenantId& tenant, const RoleId& role);

// As somebody has it who is given this role, built in or the tenant's own; nothing when there is none such,
// which gives nothing.
std::optional<Role> find_given_role(db::Tx& tx, const TenantId& tenant, const RoleId& id);

}  // namespace lodestone::identity
