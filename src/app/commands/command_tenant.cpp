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

template <auto verb>
int run_verb(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    Arguments named = arguments;
    named.add("--tenant", {need(arguments, "TENANT")});
    const TenantId id = find_given_tenant(target, named);
    const Tenant tenant = target.write([&](db::Tx& tx) { return verb(tx, id); });
    print_one(
        console, arguments.has("--json"), make_row(tenant),
        "The tenant " + tenant.name + " is " + boost::describe::enum_to_string(tenant.status, "") + " now.");
    return 0;
}

}  // namespace

CommandSpec make_tenant_command() {
    const OperandSpec which{"TENANT", "Its id or name.", {}};
    CommandSpec tenant{.name = "tenant",
                       .about = "Make, list and suspend tenants: organisations that share nothing"};
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
    return tenant;
}

}  // namespace lodestone::app
