// Roles: named sets of permissions. Some are built in and the same everywhere; a tenant adds its own, whose
// ids are none of these names.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lodestone::identity {

struct BuiltInRole {
    std::string_view name;
    std::string_view meaning;
    std::span<const std::string_view> permissions;  // patterns: "user:*"
};

std::span<const BuiltInRole> built_in_roles();
const BuiltInRole* find_built_in_role(std::string_view name);

inline constexpr std::string_view owner_role =
    "owner";  // had by exactly one person of each tenant; never given
inline constexpr std::string_view robot_role = "robot";  // had by apps' keys and pipelines, in their app

// A role as somebody has it.
struct Role {
    std::string name;                      // "developer", or the id of a tenant's own
    std::vector<std::string> permissions;  // patterns that were checked

    bool allows(std::string_view permission) const;
};

Role make_role(const BuiltInRole& role);

// The permissions of a tenant's own role as they are stored: a JSON list of patterns, each once. Nothing when
// it is none, and `fault` says why.
std::optional<std::vector<std::string>> parse_role_permissions(std::string_view json, std::string& fault);

// Whether whoever has these roles may do everything that `role` allows: nobody gives away more than they
// have.
bool is_within(const Role& role, std::span<const Role> roles);

}  // namespace lodestone::identity
