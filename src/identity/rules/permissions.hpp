// The catalogue of everything that somebody can be allowed to do: "resource:action", each with a sentence for
// people. Routes, roles, scopes and policies name permissions of this list; what is not in it, nobody may do.
#pragma once

#include <span>
#include <string_view>

namespace lodestone::identity {

struct Permission {
    std::string_view name;     // "user:read"
    std::string_view meaning;  // "See a user."
    // Who may do this may do the other, too, without being given it; empty: there is no such.
    std::string_view contained_in = {};

    constexpr std::string_view type() const { return name.substr(0, name.find(':')); }
};

// In the order in which documents show them: by type.
std::span<const Permission> all_permissions();
// Those that something asks for by now. The rest is for what is still to come, so that roles need not change.
std::span<const Permission> permissions_in_use();
const Permission* find_permission(std::string_view name);

// Whether permissions on things of this type exist: "user", "repository" …
bool is_resource_type(std::string_view type);
// The part of a permission before its colon.
constexpr std::string_view type_of(std::string_view permission) {
    return permission.substr(0, permission.find(':'));
}

// What anybody may be allowed to do with something public without saying who they are.
bool is_public_reading(std::string_view permission);
// What people may do with what is their own (their user, their keys and sessions) without a role.
std::span<const std::string_view> permissions_for_oneself();
bool is_for_oneself(std::string_view permission);

}  // namespace lodestone::identity
