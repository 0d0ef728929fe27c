// `lodestone app …`: products or teams of a tenant.
#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_people.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "identity/nouns/app.hpp"

namespace lodestone::app {
namespace {

using identity::App;

int run_app_create(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    App app;
    app.id = find_chosen_id<identity::AppId>(arguments).value_or(target.new_id<identity::AppId>());
    app.name = need(arguments, "NAME");
    app.type = find_choice(arguments, "--type", identity::AppType::service);
    app = target.write([&](db::Tx& tx) { return identity::insert_app(tx, tenant, app); });
    print_one(console, arguments.has("--json"), make_row(app),
              "The app " + app.name + " is there, with the id " + app.id.text() + ".");
    return 0;
}

int run_app_list(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    print_all(
        RowPrinter(console, arguments.has("--json"), "apps", {"id", "name", "type", "status", "created_at"}),
        {}, [&](const db::ListRequest& page) {
            return target.read([&](db::Tx& tx) { return identity::list_apps(tx, tenant, page); });
        });
    return 0;
}

App expect_app(db::Tx& tx, const TenantId& tenant, const identity::AppId& id) {
    auto app = identity::find_app(tx, tenant, id);
    if (!app) db::refuse_absent("app", id.text());
    return *std::move(app);
}

int run_app_show(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId id = find_app_named(target, tenant, need(arguments, "APP"));
    const App app = target.read([&](db::Tx& tx) { return expect_app(tx, tenant, id); });
    print_whole(console, arguments.has("--json"), make_row(app));
    return 0;
}

int run_app_delete(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId id = find_app_named(target, tenant, need(arguments, "APP"));
    const App app = target.write(
        [&](db::Tx& tx) { return identity::delete_app(tx, tenant, expect_app(tx, tenant, id)); });
    print_one(console, arguments.has("--json"), make_row(app),
              "The app " + app.name + " is deleted. Until it is purged, `lodestone app restore " + id.text() +
                  "` brings it back.");
    return 0;
}

int run_app_restore(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const auto id = need_deleted<identity::AppId>(arguments, "ID", "app");
    const App app = target.write([&](db::Tx& tx) { return identity::restore_app(tx, tenant, id); });
    print_one(console, arguments.has("--json"), make_row(app), "The app " + app.name + " is there again.");
    return 0;
}

template <auto verb>
int run_app_verb(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId id = find_app_named(target, tenant, need(arguments, "APP"));
    const App app = target.write([&](db::Tx& tx) { return verb(tx, tenant, id); });
    print_one(console, arguments.has("--json"), make_row(app),
              "The app " + app.name + " is " + boost::describe::enum_to_string(app.status, "") + " now.");
    return 0;
}

std::vector<CommandSpec> make_app_life() {
    const OperandSpec which{"APP", "Its id or name.", {}};
    return {make_tenant_scoped({.name = "show",
                                .about = "Show an app with its configuration",
                                .example = {"lodestone app show main", "In the tenant `default`"},
                                .operands = {which}},
                               run_app_show),
            make_tenant_scoped(
                {.name = "delete",
                 .about = "Delete an app with all that it holds; it can be restored until it is purged",
                 .example = {"lodestone app delete shop", "Its keys are good for nothing then"},
                 .operands = {which}},
                run_app_delete),
            make_tenant_scoped({.name = "restore",
                                .about = "Bring a deleted app back with all that it held",
                                .example = {"lodestone app restore shop", "By its id"},
                                .operands = {{"ID", "The id that it had.", {}}}},
                               run_app_restore)};
}

}  // namespace

CommandSpec make_app_command() {
    const OperandSpec which{"APP", "Its id or name.", {}};
    CommandSpec app{.name = "app", .about = "Make, change and disable apps: products or teams of a tenant"};
    app.commands = {
        make_tenant_scoped(
            {.name = "create",
             .about = "Make an app",
             .example = {"lodestone app create 'Web shop' --type web", "In the tenant `default`"},
             .operands = {{"NAME", "What people call it.", {}}},
             .options = {make_id_option(),
                         {.name = "--type",
                          .placeholder = "TYPE",
                          .about = "What it is; `service` without it.",
                          .choices = {"web", "mobile", "api", "desktop", "service"}}}},
            run_app_create),
        make_tenant_scoped({.name = "list",
                            .about = "List the apps of a tenant",
                            .example = {"lodestone app list", "Those of `default`"}},
                           run_app_list),
        make_tenant_scoped({.name = "disable",
                            .about = "Make its keys good for nothing, from the next request on",
                            .example = {"lodestone app disable main", "Until it is activated again"},
                            .operands = {which}},
                           run_app_verb<identity::disable_app>),
        make_tenant_scoped({.name = "activate",
                            .about = "Let its keys work again",
                            .example = {"lodestone app activate main", "After it was disabled"},
                            .operands = {which}},
                           run_app_verb<identity::activate_app>)};
    for (CommandSpec& command : make_app_life()) app.commands.push_back(std::move(command));
    return app;
}

}  // namespace lodestone::app
