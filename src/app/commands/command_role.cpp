// `lodestone role …`: what people may do, in a tenant or in one app of it.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_people.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/membership.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "identity/nouns/user_role.hpp"
#include "identity/rules/roles.hpp"

namespace lodestone::app {
namespace {

using identity::CustomRole;

std::vector<boost::json::object> list_built_in() {
    std::vector<boost::json::object> rows;
    for (const identity::BuiltInRole& role : identity::built_in_roles()) {
        boost::json::array permissions;
        for (const std::string_view permission : role.permissions) permissions.emplace_back(permission);
        rows.push_back({{"id", role.name},
                        {"name", role.name},
                        {"status", "built-in"},
                        {"description", role.meaning},
                        {"permissions", std::move(permissions)}});
    }
    return rows;
}

// What somebody has: by ownership, in the whole tenant, and in apps.
int list_held(AdminTarget& target, const TenantId& tenant, const identity::User& user,
              const Arguments& arguments, Console& console) {
    std::vector<boost::json::object> rows;
    target.read([&](db::Tx& tx) {
        if (const auto owner = identity::find_tenant_owner(tx, tenant); owner && owner->user_id == user.id)
            rows.push_back(
                {{"role", identity::owner_role}, {"app_id", nullptr}, {"granted_by", owner->granted_by}});
        for (const identity::UserRole& had : identity::list_user_roles(tx, tenant, user.id))
            rows.push_back({{"role", had.role.text()}, {"app_id", nullptr}, {"granted_by", had.granted_by}});
        for (const identity::Membership& had : identity::list_active_memberships(tx, tenant, user.id))
            rows.push_back(
                {{"role", had.role.text()}, {"app_id", had.app_id.text()}, {"granted_by", had.granted_by}});
    });
    RowPrinter printer(console, arguments.has("--json"), "roles", {"role", "app_id", "granted_by"});
    printer.print(rows);
    printer.finish();
    return 0;
}

int run_list(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    if (const auto named = find_given(arguments, "--user"))
        return list_held(target, tenant, find_user_named(target, tenant, *named), arguments, console);
    RowPrinter printer(console, arguments.has("--json"), "roles", {"id", "name", "status", "description"});
    printer.print(list_built_in());
    print_all(std::move(printer), {}, [&](const db::ListRequest& page) {
        return target.read([&](db::Tx& tx) { return identity::list_roles(tx, tenant, page); });
    });
    return 0;
}

int run_create(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    CustomRole role;
    role.id = target.new_id<identity::RoleId>();
    role.name = need(arguments, "NAME");
    role.description = arguments.last("--description");
    boost::json::array permissions;
    for (const std::string& permission : arguments.all("--permission")) permissions.emplace_back(permission);
    role.permissions = boost::json::serialize(permissions);
    role = target.write([&](db::Tx& tx) { return identity::insert_role(tx, tenant, role); });
    print_one(console, arguments.has("--json"), make_row(role),
              "The role " + role.name + " is there, with the id " + role.id.text() + ".");
    return 0;
}

// In one app with --app, else in the whole tenant.
struct Grant {
    identity::User user;
    std::optional<identity::RoleId> role;
    std::optional<identity::AppId> app;
};

Grant find_grant(AdminTarget& target, const TenantId& tenant, const Arguments& arguments) {
    Grant grant{.user = find_user_named(target, tenant, need(arguments, "USER")), .role = {}, .app = {}};
    if (const auto role = find_given(arguments, "ROLE")) grant.role = find_role_named(target, tenant, *role);
    if (const auto app = find_given(arguments, "--app")) grant.app = find_app_named(target, tenant, *app);
    return grant;
}

int print_grant(Console& console, const Arguments& arguments, const Grant& grant, const std::string& verb) {
    const boost::json::object row{
        {"user_id", grant.user.id.text()},
        {"role", grant.role ? boost::json::value(grant.role->text()) : boost::json::value(nullptr)},
        {"app_id", grant.app ? boost::json::value(grant.app->text()) : boost::json::value(nullptr)}};
    print_one(console, arguments.has("--json"), row,
              grant.user.username + " " + verb +
                  (grant.role ? " the role " + grant.role->text() : " access") +
                  (grant.app ? " in the app " + grant.app->text() : std::string(" in the tenant")) + ".");
    return 0;
}

int run_grant(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    need(arguments, "ROLE");
    const Grant grant = find_grant(target, tenant, arguments);
    target.write([&](db::Tx& tx) {
        if (grant.app)
            identity::grant_membership(tx, tenant, *grant.app, grant.user.id, *grant.role);
        else
            identity::grant_role(tx, tenant, grant.user.id, *grant.role);
    });
    return print_grant(console, arguments, grant, "has");
}

int run_revoke(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    if (!arguments.has("--app")) need(arguments, "ROLE");
    const Grant grant = find_grant(target, tenant, arguments);
    target.write([&](db::Tx& tx) {
        if (grant.app)
            identity::revoke_membership(tx, tenant, *grant.app, grant.user.id);
        else
            identity::revoke_role(tx, tenant, grant.user.id, *grant.role);
    });
    return print_grant(console, arguments, grant, "no longer has");
}

OptionSpec make_app_option() {
    return {.name = "--app",
            .placeholder = "APP",
            .about = "In this app alone, by its id or name; in the whole tenant without it."};
}

}  // namespace

CommandSpec make_role_command() {
    const OperandSpec user{"USER", "Their user name or id.", {}};
    CommandSpec role{.name = "role", .about = "List and make roles, and give them to people"};
    role.commands = {
        make_tenant_scoped({.name = "list",
                            .about = "List the built-in roles and the tenant's own",
                            .example = {"lodestone role list --user alice", "What she has, and where"},
                            .options = {{.name = "--user",
                                         .placeholder = "USER",
                                         .about = "Only those that this user has, by user name or id."}}},
                           run_list),
        make_tenant_scoped(
            {.name = "create",
             .about = "Make a role of the tenant's own",
             .example = {"lodestone role create Releaser --permission package:read --permission "
                         "package:publish",
                         "Publishes, and administers nothing"},
             .operands = {{"NAME", "What people call it.", {}}},
             .options = {{.name = "--permission",
                          .placeholder = "PERMISSION",
                          .about = "What it allows, such as package:read or package:*.",
                          .is_repeatable = true},
                         {.name = "--description", .placeholder = "TEXT", .about = "What it is for."}}},
            run_create),
        make_tenant_scoped(
            {.name = "grant",
             .about = "Give a role to somebody",
             .example = {"lodestone role grant alice maintainer --app main", "In one app"},
             .operands = {user, {"ROLE", "A built-in role, or one of the tenant's by id or name.", {}}},
             .options = {make_app_option()}},
            run_grant),
        make_tenant_scoped({.name = "revoke",
                            .about = "Take a role from somebody, or with --app all access to that app",
                            .example = {"lodestone role revoke alice admin", "In the tenant"},
                            .operands = {user, {"ROLE", "Which one; not needed with --app.", {}}},
                            .options = {make_app_option()}},
                           run_revoke)};
    return role;
}

}  // namespace lodestone::app
