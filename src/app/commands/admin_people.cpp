// Finding people and things by what administrators call them.
#include "app/commands/admin_people.hpp"

#include "app/serving/first_start.hpp"
#include "identity/nouns/app.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/rules/roles.hpp"
#include "identity/secrets/password_hash.hpp"

namespace lodestone::app {

NewPassword make_new_password(Random& random) {
    NewPassword made{.text = make_one_time_password(random), .hash = {}};
    auto hash = identity::hash_password(made.text, {});
    if (!hash) throw Problem(problems::unavailable, "There is not enough memory to hash a password.");
    made.hash = *std::move(hash);
    return made;
}

identity::AppId find_app_named(AdminTarget& target, const TenantId& tenant, const std::string& name) {
    const auto found = target.read([&](db::Tx& tx) {
        if (const auto id = parse_id<identity::AppId>(name))
            if (auto app = identity::find_app(tx, tenant, *id)) return app;
        return identity::find_app_by_name(tx, tenant, name);
    });
    if (!found) db::refuse_absent("app", name);
    return found->id;
}

identity::User find_user_named(AdminTarget& target, const TenantId& tenant, const std::string& name) {
    auto found = target.read([&](db::Tx& tx) {
        auto user = identity::find_user_by_username(tx, tenant, name);
        if (const auto id = parse_id<identity::UserId>(name); id && !user)
            user = identity::find_user(tx, tenant, *id);
        return user;
    });
    if (!found) db::refuse_absent("user", name);
    return *std::move(found);
}

identity::RoleId find_role_named(AdminTarget& target, const TenantId& tenant, const std::string& name) {
    if (identity::find_built_in_role(name) != nullptr) return identity::RoleId::trusted(name);
    const auto found = target.read([&](db::Tx& tx) {
        if (const auto id = parse_id<identity::RoleId>(name))
            if (auto role = identity::find_role(tx, tenant, *id)) return role;
        return identity::find_role_by_name(tx, tenant, name);
    });
    if (!found) db::refuse_absent("role", name);
    return found->id;
}

OptionSpec make_id_option() {
    return {.name = "--id",
            .placeholder = "ID",
            .about = "The id that it gets, for good; one is made without it."};
}

}  // namespace lodestone::app
