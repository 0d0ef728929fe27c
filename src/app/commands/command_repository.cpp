// `lodestone repository …`: the named feeds of an app, each of one format.
#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_people.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "base/number_id.hpp"
#include "identity/gate/principal_records.hpp"
#include "identity/rules/policy.hpp"
#include "packages/repository.hpp"

namespace lodestone::app {
namespace {

using packages::Repository;
using packages::RepositoryId;
using packages::RepositoryVisibility;

// The API refuses that. Whoever has the database may, and is told what it means.
void warn_of_evaded_policy(AdminTarget& target, Console& console, const TenantId& tenant,
                           const Repository& repository) {
    if (repository.visibility != RepositoryVisibility::everybody) return;
    const auto policies = target.read([&](db::Tx& tx) { return identity::load_policies(tx, tenant); });
    if (const auto* evaded = identity::find_evaded_policy(*policies, repository.name, repository.app_id))
        console.complain("The policy \"" + evaded->name + "\" denies some of what is in the repository " +
                         repository.name +
                         " to people who can read it as strangers now: have it deny \"anonymous\", too.");
}

int run_repository_create(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    packages::NewRepository made{.repository = {},
                                 .number = make_number(target.context().clock, target.context().random),
                                 .formats = packages::served_formats()};
    made.repository.id = target.new_id<RepositoryId>();
    made.repository.app_id = find_app_named(target, tenant, need(arguments, "--app"));
    made.repository.name = need(arguments, "NAME");
    made.repository.format = need(arguments, "--format");
    made.repository.description = find_given(arguments, "--description").value_or("");
    if (arguments.has("--public")) made.repository.visibility = RepositoryVisibility::everybody;
    const Repository repository =
        target.write([&](db::Tx& tx) { return packages::insert_repository(tx, tenant, made); });
    print_one(console, arguments.has("--json"), make_row(repository),
              "The repository " + repository.name + " is there, with the id " + repository.id.text() + ".");
    warn_of_evaded_policy(target, console, tenant, repository);
    return 0;
}

int run_repository_list(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    db::ListRequest request;
    if (const auto app = find_given(arguments, "--app"))
        request.filters.emplace_back("app_id", find_app_named(target, tenant, *app).text());
    if (const auto format = find_given(arguments, "--format"))
        request.filters.emplace_back("format", *format);
    print_all(
        RowPrinter(console, arguments.has("--json"), "repositories",
                   {"id", "name", "format", "kind", "visibility", "created_at"}),
        request, [&](const db::ListRequest& page) {
            return target.read([&](db::Tx& tx) { return packages::list_repositories(tx, tenant, page); });
        });
    return 0;
}

int run_repository_delete(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const std::string called = need(arguments, "REPOSITORY");
    const Repository repository = target.write([&](db::Tx& tx) {
        const auto found = packages::find_repository_called(tx, tenant, called);
        if (!found) db::refuse_absent("repository", called);
        return packages::delete_repository(tx, tenant, *found);
    });
    print_one(console, arguments.has("--json"), make_row(repository),
              "The repository " + repository.name + " is deleted; `lodestone repository restore " +
                  repository.id.text() + "` brings it back until it is purged.");
    return 0;
}

int run_repository_restore(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const std::string text = need(arguments, "ID");
    const auto id = parse_id<RepositoryId>(text);
    if (!id) db::refuse_absent("deleted repository", text);
    const Repository repository =
        target.write([&](db::Tx& tx) { return packages::restore_repository(tx, tenant, *id); });
    print_one(console, arguments.has("--json"), make_row(repository),
              "The repository " + repository.name + " is there again.");
    warn_of_evaded_policy(target, console, tenant, repository);
    return 0;
}

CommandSpec make_create_command() {
    return make_tenant_scoped(
        {.name = "create",
         .about = "Make a repository",
         .example = {"lodestone repository create files --app main --format generic", "For any files"},
         .operands = {{"NAME", "What stands in its address.", {}}},
         .options = {{.name = "--app",
                      .placeholder = "APP",
                      .about = "The app that it belongs to, by its id or name."},
                     {.name = "--format",
                      .placeholder = "FORMAT",
                      .about = "What it holds, such as generic."},
                     {.name = "--description", .placeholder = "TEXT", .about = "What it is for."},
                     {.name = "--public", .about = "Everybody may read it, without saying who they are."}}},
        run_repository_create);
}

CommandSpec make_list_command() {
    return make_tenant_scoped(
        {.name = "list",
         .about = "List the repositories of a tenant",
         .example = {"lodestone repository list --format generic", "Those of one format"},
         .options = {{.name = "--app", .placeholder = "APP", .about = "Only those of this app."},
                     {.name = "--format", .placeholder = "FORMAT", .about = "Only those of this format."}}},
        run_repository_list);
}

}  // namespace

CommandSpec make_repository_command() {
    CommandSpec repository{.name = "repository",
                           .about = "Make, list and delete repositories: the feeds that clients use"};
    repository.commands = {
        make_create_command(), make_list_command(),
        make_tenant_scoped({.name = "delete",
                            .about = "Take a repository away with what it holds, until it is restored",
                            .example = {"lodestone repository delete files", "By its name"},
                            .operands = {{"REPOSITORY", "Its name or id.", {}}}},
                           run_repository_delete),
        make_tenant_scoped(
            {.name = "restore",
             .about = "Bring a deleted repository back",
             .example = {"lodestone repository restore 0190b2c4-7a1e-7b3c-8d4e-5f6a7b8c9d0e", "By its id"},
             .operands = {{"ID", "Its id.", {}}}},
            run_repository_restore)};
    return repository;
}

}  // namespace lodestone::app
