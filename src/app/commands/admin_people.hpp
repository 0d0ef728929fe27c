// What several commands need of people, apps and ids: finding them by the names that are given, and passwords
// for a first sign-in.
#pragma once

#include <boost/describe/enum_from_string.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "app/commands/admin_target.hpp"
#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "db/noun.hpp"
#include "identity/nouns/user.hpp"
#include "identity/rules/ids.hpp"

namespace lodestone::app {

struct NewPassword {
    std::string text;  // printed once
    std::string hash;
};
// Takes a core for some tens of milliseconds.
NewPassword make_new_password(Random& random);

// By id or name; these refuse what is not there.
identity::AppId find_app_named(AdminTarget& target, const TenantId& tenant, const std::string& name);
identity::User find_user_named(AdminTarget& target, const TenantId& tenant, const std::string& name);
// A built-in role's name, or one of the tenant's own by its id or name.
identity::RoleId find_role_named(AdminTarget& target, const TenantId& tenant, const std::string& name);

OptionSpec make_id_option();

// A choice that the option has, or what it is without the option.
template <class Enum>
Enum find_choice(const Arguments& arguments, std::string_view name, Enum otherwise) {
    if (!arguments.has(name)) return otherwise;
    Enum value{};
    ensure(boost::describe::enum_from_string(arguments.last(name).c_str(), value), "a choice of the option");
    return value;
}

// What was deleted has no name any more, so it is brought back by its id.
template <class IdType>
IdType need_deleted(const Arguments& arguments, std::string_view operand, std::string_view kind) {
    const auto id = parse_id<IdType>(need(arguments, operand));
    if (!id) db::refuse_absent(std::string("deleted ").append(kind), need(arguments, operand));
    return *id;
}

// Of --id; refuses what cannot be one.
template <class IdType>
std::optional<IdType> find_chosen_id(const Arguments& arguments) {
    if (!arguments.has("--id")) return std::nullopt;
    const auto id = parse_id<IdType>(arguments.last("--id"));
    if (!id)
        throw WrongUsage("--id is made of 1 to 64 letters, digits and hyphens, and begins with no hyphen.");
    return id;
}

}  // namespace lodestone::app
