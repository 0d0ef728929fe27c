// `lodestone app …` and `lodestone branch …`: products or teams of a tenant, and the places where they run.
#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_people.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "base/ensure.hpp"
#include "identity/nouns/app.hpp"
#include "identity/nouns/branch.hpp"

namespace lodestone::app {
namespace {

using identity::App;
using identity::Branch;

template <class Enum>
Enum find_choice(const Arguments& arguments, std::string_view name, Enum otherwise) {
    if (!arguments.has(name)) return otherwise;
    Enum value{};
    ensure(boost::describe::enum_from_string(arguments.last(name).c_str(), value), "a choice of the option");
    return value;
}

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

int run_branch_create(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId app = find_app_named(target, tenant, need(arguments, "--app"));
    const std::string code = need(arguments, "CODE");
    Branch branch;
    branch.id = find_chosen_id<identity::BranchId>(arguments).value_or(target.new_id<identity::BranchId>());
    branch.code = code;
    branch.name = arguments.last("NAME", code);
    branch.type = find_choice(arguments, "--type", identity::BranchType::other);
    branch = target.write([&](db::Tx& tx) { return identity::insert_branch(tx, tenant, app, branch); });
    print_one(console, arguments.has("--json"), make_row(branch),
              "The branch " + branch.code + " is there, with the id " + branch.id.text() + ".");
    return 0;
}

int run_branch_list(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId app = find_app_named(target, tenant, need(arguments, "--app"));
    print_all(
        RowPrinter(console, arguments.has("--json"), "branches",
                   {"id", "code", "name", "type", "status", "created_at"}),
        {}, [&](const db::ListRequest& page) {
            return target.read([&](db::Tx& tx) { return identity::list_branches(tx, tenant, app, page); });
        });
    return 0;
}

template <auto verb>
int run_branch_verb(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId app = find_app_named(target, tenant, need(arguments, "--app"));
    const std::string code = need(arguments, "CODE");
    const Branch branch = target.write([&](db::Tx& tx) {
        const auto found = identity::find_branch_by_code(tx, tenant, app, code);
        if (!found) db::refuse_absent("branch", code);
        return verb(tx, tenant, app, found->id);
    });
    print_one(
        console, arguments.has("--json"), make_row(branch),
        "The branch " + branch.code + " is " + boost::describe::enum_to_string(branch.status, "") + " now.");
    return 0;
}

OptionSpec make_app_option() {
    return {.name = "--app", .placeholder = "APP", .about = "The app that it belongs to, by its id or name."};
}

}  // namespace

CommandSpec make_app_command() {
    const OperandSpec which{"APP", "Its id or name.", {}};
    CommandSpec app{.name = "app", .about = "Make, list and disable apps: products or teams of a tenant"};
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
    return app;
}

CommandSpec make_branch_command() {
    const OperandSpec which{"CODE", "Its code.", {}};
    CommandSpec branch{.name = "branch",
                       .about = "Make, list and disable branches: the sites where an app runs"};
    branch.commands = {
        make_tenant_scoped(
            {.name = "create",
             .about = "Make a branch",
             .example = {"lodestone branch create BER-1 Berlin --app main --type store", "A shop"},
             .operands = {{"CODE", "Short, and its own in the app.", {}},
                          {"NAME", "What people call it; the code without it.", {}}},
             .options = {make_app_option(),
                         make_id_option(),
                         {.name = "--type",
                          .placeholder = "TYPE",
                          .about = "What it is; `other` without it.",
                          .choices = {"headquarters", "regional", "store", "warehouse", "franchise", "office",
                                      "other"}}}},
            run_branch_create),
        make_tenant_scoped({.name = "list",
                            .about = "List the branches of an app",
                            .example = {"lodestone branch list --app main", "All sites"},
                            .options = {make_app_option()}},
                           run_branch_list),
        make_tenant_scoped(
            {.name = "disable",
             .about = "Take a branch out of use",
             .example = {"lodestone branch disable BER-1 --app main", "Until it is activated again"},
             .operands = {which},
             .options = {make_app_option()}},
            run_branch_verb<identity::disable_branch>),
        make_tenant_scoped(
            {.name = "activate",
             .about = "Take it into use again",
             .example = {"lodestone branch activate BER-1 --app main", "After it was disabled"},
             .operands = {which},
             .options = {make_app_option()}},
            run_branch_verb<identity::activate_branch>)};
    return branch;
}

}  // namespace lodestone::app
