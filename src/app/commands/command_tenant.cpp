// `lodestone tenant …`: the organisations of an installation.
#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_people.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "identity/nouns/credentials.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/tenant_owner.hpp"

namespace lodestone::app {
namespace {

using identity::Tenant;

// A tenant has an owner from its first moment on.
int run_create(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    Tenant tenant;
    tenant.id = find_chosen_id<TenantId>(arguments).value_or(target.new_id<TenantId>());
    tenant.name = need(arguments, "NAME");
    tenant.domain = find_given(arguments, "--domain");
    const NewPassword password = make_new_password(target.context().random);
    identity::User owner;
    owner.id = target.new_id<identity::UserId>();
    owner.username = arguments.last("--owner", "admin");
    const auto transfer = target.new_id<identity::OwnershipTransferId>();
    target.write([&](db::Tx& tx) {
        tenant = identity::insert_tenant(tx, tenant);
        owner = identity::insert_user(tx, tenant.id, owner);
        identity::store_password(tx, tenant.id, owner.id, password.hash, identity::MustChange::yes);
        identity::OwnershipTransfer first;
        first.id = transfer;
        first.new_owner = owner.id;
        first.reason = "the first owner";
        identity::transfer_ownership(tx, tenant.id, first);
    });
    boost::json::object row = make_row(tenant);
    row["owner"] = owner.username;
    row["password"] = password.text;
    print_one(console, arguments.has("--json"), row,
              "The tenant " + tenant.name + " is there, with the id " + tenant.id.text() + ".\nIts owner " +
                  owner.username + " signs in with " + password.text +
                  " and has to choose another password.");
    return 0;
}

int run_list(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    print_all(RowPrinter(console, arguments.has("--json"), "tenants",
                         {"id", "name", "status", "domain", "created_at"}),
              {}, [&](const db::ListRequest& page) {
                  return target.read([&](db::Tx& tx) { return identity::list_tenants(tx, page); });
              });
    return 0;
}

// By the operand TENANT.
TenantId find_named(AdminTarget& target, const Arguments& arguments) {
    Arguments named = arguments;
    named.add("--tenant", {need(arguments, "TENANT")});
    return find_given_tenant(target, named);
}

Tenant expect_tenant(db::Tx& tx, const TenantId& id) {
    auto tenant = identity::find_tenant(tx, id);
    if (!tenant) db::refuse_absent("tenant", id.text());
    return *std::move(tenant);
}

int run_show(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId id = find_named(target, arguments);
    boost::json::object row;
    target.read([&](db::Tx& tx) {
        row = make_row(expect_tenant(tx, id));
        const auto owner = identity::find_tenant_owner(tx, id);
        row["owner_id"] = owner ? boost::json::value(owner->user_id.text()) : boost::json::value(nullptr);
    });
    print_whole(console, arguments.has("--json"), row);
    return 0;
}

// What keeps everybody out, the owner too, is mended here: config and settings are replaced as a whole.
int run_update(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId id = find_named(target, arguments);
    const bool changes = arguments.has("--name") || arguments.has("--domain") ||
                         arguments.has("--config-json") || arguments.has("--settings-json");
    if (!changes) throw WrongUsage("Say what changes: --name, --domain, --config-json or --settings-json.");
    const Tenant tenant = target.write([&](db::Tx& tx) {
        Tenant changed = expect_tenant(tx, id);
        changed.name = arguments.last("--name", changed.name);
        if (const auto domain = find_given(arguments, "--domain")) changed.domain = domain;
        changed.config = arguments.last("--config-json", changed.config);
        changed.settings = arguments.last("--settings-json", changed.settings);
        return identity::update_tenant(tx, changed);
    });
    print_one(console, arguments.has("--json"), make_row(tenant),
              "The tenant " + tenant.name + " is changed.");
    return 0;
}

int run_transfer(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId id = find_named(target, arguments);
    const identity::User heir = find_user_named(target, id, need(arguments, "USER"));
    identity::OwnershipTransfer transfer;
    transfer.id = target.new_id<identity::OwnershipTransferId>();
    transfer.new_owner = heir.id;
    transfer.reason = arguments.last("--reason");
    transfer = target.write([&](db::Tx& tx) { return identity::transfer_ownership(tx, id, transfer); });
    print_one(console, arguments.has("--json"), make_row(transfer),
              "The tenant " + id.text() + " belongs to " + heir.username + " now.");
    return 0;
}

int run_delete(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId id = find_named(target, arguments);
    const Tenant tenant =
        target.write([&](db::Tx& tx) { return identity::delete_tenant(tx, expect_tenant(tx, id)); });
    print_one(console, arguments.has("--json"), make_row(tenant),
              "The tenant " + tenant.name + " is deleted. Until it is purged, `lodestone tenant restore " +
                  id.text() + "` brings it back.");
    return 0;
}

int run_restore(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const auto id = need_deleted<TenantId>(arguments, "ID", "tenant");
    const Tenant tenant = target.write([&](db::Tx& tx) { return identity::restore_tenant(tx, id); });
    print_one(console, arguments.has("--json"), make_row(tenant),
              "The tenant " + tenant.name + " is there again.");
    return 0;
}

template <auto verb>
int run_verb(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId id = find_named(target, arguments);
    const Tenant tenant = target.write([&](db::Tx& tx) { return verb(tx, id); });
    print_one(
        console, arguments.has("--json"), make_row(tenant),
        "The tenant " + tenant.name + " is " + boost::describe::enum_to_string(tenant.status, "") + " now.");
    return 0;
}

std::vector<CommandSpec> make_tenant_changes() {
    const OperandSpec which{"TENANT", "Its id or name.", {}};
    return {make_admin_command({.name = "show",
                                .about = "Show a tenant with its configuration and settings",
                                .example = {"lodestone tenant show acme", "And who owns it"},
                                .operands = {which}},
                               make_admin_options(), run_show),
            make_admin_command(
                {.name = "update",
                 .about = "Change a tenant's name, domain, configuration or settings",
                 .example = {"lodestone tenant update acme --config-json '{}'",
                             "When its own lists keep everybody out"},
                 .operands = {which},
                 .options =
                     {{.name = "--name", .placeholder = "NAME", .about = "What people call it."},
                      {.name = "--domain", .placeholder = "DOMAIN", .about = "Where its people come from."},
                      {.name = "--config-json", .placeholder = "JSON", .about = "All of its configuration."},
                      {.name = "--settings-json", .placeholder = "JSON", .about = "All of its settings."}}},
                make_admin_options(), run_update),
            make_admin_command(
                {.name = "transfer",
                 .about = "Give a tenant to another of its users",
                 .example = {"lodestone tenant transfer acme bob --reason 'olga left'", "At once"},
                 .operands = {which, {"USER", "Their user name or id.", {}}},
                 .options = {{.name = "--reason", .placeholder = "TEXT", .about = "Why; it is kept."}}},
                make_admin_options(), run_transfer),
            make_admin_command(
                {.name = "delete",
                 .about = "Delete a tenant with all that it holds; it can be restored until it is purged",
                 .example = {"lodestone tenant delete acme", "Its people are not let in any more"},
                 .operands = {which}},
                make_admin_options(), run_delete),
            make_admin_command({.name = "restore",
                                .about = "Bring a deleted tenant back with all that it held",
                                .example = {"lodestone tenant restore acme", "By its id"},
                                .operands = {{"ID", "The id that it had.", {}}}},
                               make_admin_options(), run_restore)};
}

}  // namespace

CommandSpec make_tenant_command() {
    const OperandSpec which{"TENANT", "Its id or name.", {}};
    CommandSpec tenant{.name = "tenant",
                       .about = "Make, change and suspend tenants: organisations that share nothing"};
    tenant.commands = {
        make_admin_command(
            {.name = "create",
             .about = "Make a tenant and its owner, whose first password is printed",
             .example = {"lodestone tenant create Acme --id acme --owner alice", "For another company"},
             .operands = {{"NAME", "What people call it.", {}}},
             .options =
                 {make_id_option(),
                  {.name = "--owner", .placeholder = "USERNAME", .about = "Who owns it; `admin` without it."},
                  {.name = "--domain",
                   .placeholder = "DOMAIN",
                   .about = "The domain that its people come from."}}},
            make_admin_options(), run_create),
        make_admin_command({.name = "list",
                            .about = "List the tenants",
                            .example = {"lodestone tenant list --json", "For a script"}},
                           make_admin_options(), run_list),
        make_admin_command({.name = "suspend",
                            .about = "Let nobody of it in any more, from the next request on",
                            .example = {"lodestone tenant suspend acme", "Until it is activated again"},
                            .operands = {which}},
                           make_admin_options(), run_verb<identity::suspend_tenant>),
        make_admin_command({.name = "activate",
                            .about = "Let its people in again",
                            .example = {"lodestone tenant activate acme", "After it was suspended"},
                            .operands = {which}},
                           make_admin_options(), run_verb<identity::activate_tenant>)};
    for (CommandSpec& command : make_tenant_changes()) tenant.commands.push_back(std::move(command));
    return tenant;
}

}  // namespace lodestone::app
