// `lodestone branch …`: the sites where an app runs.
#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_people.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "identity/nouns/branch.hpp"

namespace lodestone::app {
namespace {

using identity::Branch;

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

Branch expect_branch(db::Tx& tx, const TenantId& tenant, const identity::AppId& app,
                     const std::string& code) {
    auto found = identity::find_branch_by_code(tx, tenant, app, code);
    if (!found) db::refuse_absent("branch", code);
    return *std::move(found);
}

int run_branch_show(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId app = find_app_named(target, tenant, need(arguments, "--app"));
    const std::string code = need(arguments, "CODE");
    const Branch branch = target.read([&](db::Tx& tx) { return expect_branch(tx, tenant, app, code); });
    print_whole(console, arguments.has("--json"), make_row(branch));
    return 0;
}

int run_branch_delete(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId app = find_app_named(target, tenant, need(arguments, "--app"));
    const std::string code = need(arguments, "CODE");
    const Branch branch = target.write([&](db::Tx& tx) {
        return identity::delete_branch(tx, tenant, app, expect_branch(tx, tenant, app, code));
    });
    print_one(console, arguments.has("--json"), make_row(branch),
              "The branch " + branch.code + " is deleted. Until it is purged, `lodestone branch restore " +
                  branch.id.text() + " --app " + app.text() + "` brings it back.");
    return 0;
}

int run_branch_restore(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId app = find_app_named(target, tenant, need(arguments, "--app"));
    const auto id = need_deleted<identity::BranchId>(arguments, "ID", "branch");
    const Branch branch =
        target.write([&](db::Tx& tx) { return identity::restore_branch(tx, tenant, app, id); });
    print_one(console, arguments.has("--json"), make_row(branch),
              "The branch " + branch.code + " is there again.");
    return 0;
}

template <auto verb>
int run_branch_verb(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::AppId app = find_app_named(target, tenant, need(arguments, "--app"));
    const std::string code = need(arguments, "CODE");
    const Branch branch = target.write(
        [&](db::Tx& tx) { return verb(tx, tenant, app, expect_branch(tx, tenant, app, code).id); });
    print_one(
        console, arguments.has("--json"), make_row(branch),
        "The branch " + branch.code + " is " + boost::describe::enum_to_string(branch.status, "") + " now.");
    return 0;
}

OptionSpec make_app_option() {
    return {.name = "--app", .placeholder = "APP", .about = "The app that it belongs to, by its id or name."};
}

std::vector<CommandSpec> make_branch_life() {
    const OperandSpec which{"CODE", "Its code.", {}};
    return {
        make_tenant_scoped({.name = "show",
                            .about = "Show a branch with its address and settings",
                            .example = {"lodestone branch show BER-1 --app main", "All that is known of it"},
                            .operands = {which},
                            .options = {make_app_option()}},
                           run_branch_show),
        make_tenant_scoped({.name = "delete",
                            .about = "Delete a branch; it can be restored until it is purged",
                            .example = {"lodestone branch delete BER-1 --app main", "When it has closed"},
                            .operands = {which},
                            .options = {make_app_option()}},
                           run_branch_delete),
        make_tenant_scoped({.name = "restore",
                            .about = "Bring a deleted branch back",
                            .example = {"lodestone branch restore ber --app main", "By its id"},
                            .operands = {{"ID", "The id that it had.", {}}},
                            .options = {make_app_option()}},
                           run_branch_restore)};
}

}  // namespace

CommandSpec make_branch_command() {
    const OperandSpec which{"CODE", "Its code.", {}};
    CommandSpec branch{.name = "branch",
                       .about = "Make, change and disable branches: the sites where an app runs"};
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
    for (CommandSpec& command : make_branch_life()) branch.commands.push_back(std::move(command));
    return branch;
}

}  // namespace lodestone::app
