// `lodestone user …`: the people of a tenant.
#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_minting.hpp"
#include "app/commands/admin_people.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "base/secret_file.hpp"
#include "identity/nouns/credentials.hpp"
#include "identity/nouns/membership.hpp"
#include "identity/nouns/platform_admin.hpp"
#include "identity/nouns/reset_link.hpp"
#include "identity/nouns/session.hpp"
#include "identity/nouns/user_role.hpp"
#include "identity/secrets/password_hash.hpp"
#include "web/console.hpp"

namespace lodestone::app {
namespace {

using identity::User;

int print_password(Console& console, const Arguments& arguments, const User& user,
                   const NewPassword& password, const std::string& sentence) {
    boost::json::object row = make_row(user);
    row["password"] = password.text;
    print_one(console, arguments.has("--json"), row,
              sentence + "\nThe password is " + password.text + "; another one has to be chosen with it.");
    return 0;
}

// Of another system, so that nobody has to choose another password: bcrypt or argon2id, as its line in a
// file.
std::optional<std::string> find_imported_hash(const Arguments& arguments) {
    const auto path = find_given(arguments, "--password-hash-file");
    if (!path) return std::nullopt;
    FileText file = read_secret_file(*path);
    if (!file.text) throw Problem(problems::invalid_input, *path + " " + file.fault + ".");
    if (!identity::parse_password_hash(*file.text))
        throw Problem(problems::invalid_input,
                      *path +
                          " holds no hash of bcrypt or argon2id, or one that would take "
                          "seconds to check.");
    return std::move(file.text);
}

int run_create(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    User user;
    user.id = find_chosen_id<identity::UserId>(arguments).value_or(target.new_id<identity::UserId>());
    user.username = need(arguments, "USERNAME");
    user.email = find_given(arguments, "--email");
    user.full_name = arguments.last("--full-name");
    std::optional<identity::AppId> app;
    if (const auto named = find_given(arguments, "--app")) app = find_app_named(target, tenant, *named);
    std::optional<identity::RoleId> role;
    if (const auto named = find_given(arguments, "--role")) role = find_role_named(target, tenant, *named);
    if (app && !role) role = identity::RoleId::trusted("developer");
    const std::optional<std::string> imported = find_imported_hash(arguments);
    const NewPassword password =
        imported ? NewPassword{.text = {}, .hash = *imported} : make_new_password(target.context().random);
    const auto must_change = imported ? identity::MustChange::no : identity::MustChange::yes;
    target.write([&](db::Tx& tx) {
        user = identity::insert_user(tx, tenant, user);
        identity::store_password(tx, tenant, user.id, password.hash, must_change);
        if (app)
            identity::grant_membership(tx, tenant, *app, user.id, *role);
        else if (role)
            identity::grant_role(tx, tenant, user.id, *role);
        if (arguments.has("--platform-admin")) identity::grant_platform_admin(tx, tenant, user.id);
    });
    const std::string sentence =
        "The user " + user.username + " is there, with the id " + user.id.text() + ".";
    if (!imported) return print_password(console, arguments, user, password, sentence);
    print_one(console, arguments.has("--json"), make_row(user),
              sentence + " The password is the one they had.");
    return 0;
}

int run_list(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    print_all(RowPrinter(console, arguments.has("--json"), "users",
                         {"id", "username", "email", "full_name", "status", "created_at"}),
              {}, [&](const db::ListRequest& page) {
                  return target.read([&](db::Tx& tx) { return identity::list_users(tx, tenant, page); });
              });
    return 0;
}

// The password that they have stays good until the link is used.
int reset_by_link(AdminTarget& target, const TenantId& tenant, const User& user, const Arguments& arguments,
                  Console& console) {
    const Minting minting(target);
    const identity::IssuedResetLink issued = target.write([&](db::Tx& tx) {
        if (arguments.has("--second-factor")) identity::remove_second_factor(tx, tenant, user.id);
        return identity::create_reset_link(tx, tenant, user.id, minting.mint());
    });
    if (arguments.has("--quiet")) {
        console.out << issued.text << '\n';
        return 0;
    }
    const std::string& server = target.config().server.public_url;
    const std::string url = server + std::string(web::reset_page) + "#" + issued.text;
    boost::json::object row = make_row(issued.link);
    row["link"] = issued.text;
    row["url"] = url;
    const std::string_view place =
        server.empty() ? " It belongs behind the server's address, which server.public_url does not say."
                       : "";
    print_one(console, arguments.has("--json"), row,
              url + "\nIt is shown only now, and works once, until " +
                  std::string(row.at("expires_at").as_string()) + "." + std::string(place) + " " +
                  user.username + " opens it and chooses a password; the one of now is good until then.");
    return 0;
}

// Whoever had the old password is signed out at once.
int reset_by_password(AdminTarget& target, const TenantId& tenant, const User& user,
                      const Arguments& arguments, Console& console) {
    const NewPassword password = make_new_password(target.context().random);
    target.write([&](db::Tx& tx) {
        identity::store_password(tx, tenant, user.id, password.hash, identity::MustChange::yes);
        if (arguments.has("--second-factor")) identity::remove_second_factor(tx, tenant, user.id);
        identity::revoke_sessions_of_user(tx, tenant, user.id, "the password was reset");
    });
    return print_password(console, arguments, user, password,
                          "The password of " + user.username + " was reset, and all sessions have ended.");
}

int run_reset_password(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const User user = find_user_named(target, tenant, need(arguments, "USER"));
    return arguments.has("--print-password") ? reset_by_password(target, tenant, user, arguments, console)
                                             : reset_by_link(target, tenant, user, arguments, console);
}

int run_show(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    print_whole(console, arguments.has("--json"),
                make_row(find_user_named(target, tenant, need(arguments, "USER"))));
    return 0;
}

int run_delete(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    User user = find_user_named(target, tenant, need(arguments, "USER"));
    user = target.write([&](db::Tx& tx) { return identity::delete_user(tx, tenant, user); });
    print_one(console, arguments.has("--json"), make_row(user),
              "The user " + user.username + " is deleted. Until that is purged, `lodestone user restore " +
                  user.id.text() + "` brings them back.");
    return 0;
}

int run_restore(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const auto id = need_deleted<identity::UserId>(arguments, "ID", "user");
    const User user = target.write([&](db::Tx& tx) { return identity::restore_user(tx, tenant, id); });
    print_one(console, arguments.has("--json"), make_row(user),
              "The user " + user.username + " is there again.");
    return 0;
}

template <auto verb>
int run_verb(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::UserId id = find_user_named(target, tenant, need(arguments, "USER")).id;
    const User user = target.write([&](db::Tx& tx) { return verb(tx, tenant, id); });
    print_one(
        console, arguments.has("--json"), make_row(user),
        "The user " + user.username + " is " + boost::describe::enum_to_string(user.status, "") + " now.");
    return 0;
}

std::vector<OptionSpec> make_create_options() {
    return {
        make_id_option(),
        {.name = "--email", .placeholder = "ADDRESS", .about = "Where mail reaches them."},
        {.name = "--full-name", .placeholder = "NAME", .about = "What people call them."},
        {.name = "--role",
         .placeholder = "ROLE",
         .about =
             "What they may do in the tenant, or with --app in that app alone: admin, maintainer, developer, "
             "viewer, auditor, or a role of the tenant's own."},
        {.name = "--app",
         .placeholder = "APP",
         .about = "An app that they work on, by its id or name; as `developer` unless --role says else."},
        {.name = "--password-hash-file",
         .placeholder = "FILE",
         .about =
             "Instead of a new password, the hash of the one they have: bcrypt or argon2id, from another "
             "system. The file may be read by its owner alone.",
         .takes = OptionSpec::Takes::file},
        {.name = "--platform-admin", .about = "Whether they administer the tenants of this installation."}};
}

std::vector<OptionSpec> make_reset_options() {
    return {
        {.name = "--print-password",
         .about = "Print a new password instead, which has to be changed; the old one and all sessions end "
                  "at once. For whoever stands at the shell, or when somebody else knows the old one."},
        {.name = "--second-factor", .about = "Remove the second factor as well, when that is lost, too."},
        {.name = "--quiet",
         .about = "Print what stands behind the # of the link and nothing else, for scripts."}};
}

std::vector<CommandSpec> make_user_life() {
    const OperandSpec which{"USER", "Their user name or id.", {}};
    return {make_tenant_scoped({.name = "show",
                                .about = "Show a user",
                                .example = {"lodestone user show alice", "In the tenant `default`"},
                                .operands = {which}},
                               run_show),
            make_tenant_scoped({.name = "delete",
                                .about = "Delete a user; they can be restored until that is purged",
                                .example = {"lodestone user delete alice", "Her keys and sessions end"},
                                .operands = {which}},
                               run_delete),
            make_tenant_scoped({.name = "restore",
                                .about = "Bring a deleted user back",
                                .example = {"lodestone user restore alice", "By the id"},
                                .operands = {{"ID", "The id that they had.", {}}}},
                               run_restore)};
}

}  // namespace

CommandSpec make_user_command() {
    const OperandSpec which{"USER", "Their user name or id.", {}};
    CommandSpec user{.name = "user", .about = "Make, change and suspend users, and reset their passwords"};
    user.commands = {
        make_tenant_scoped({.name = "create",
                            .about = "Make a user, whose first password is printed",
                            .example = {"lodestone user create alice --app main --role maintainer",
                                        "In the tenant `default`"},
                            .operands = {{"USERNAME", "What they sign in with.", {}}},
                            .options = make_create_options()},
                           run_create),
        make_tenant_scoped({.name = "list",
                            .about = "List the users of a tenant",
                            .example = {"lodestone user list --tenant acme --json", "For a script"}},
                           run_list),
        make_tenant_scoped({.name = "reset-password",
                            .about = "Print a link, this once, with which a user chooses a password",
                            .example = {"lodestone user reset-password alice", "When she has lost hers"},
                            .operands = {which},
                            .options = make_reset_options()},
                           run_reset_password),
        make_tenant_scoped({.name = "suspend",
                            .about = "Let them do nothing any more, from the next request on",
                            .example = {"lodestone user suspend alice", "Until they are activated again"},
                            .operands = {which}},
                           run_verb<identity::suspend_user>),
        make_tenant_scoped({.name = "activate",
                            .about = "Let them in again",
                            .example = {"lodestone user activate alice", "After they were suspended"},
                            .operands = {which}},
                           run_verb<identity::activate_user>)};
    for (CommandSpec& command : make_user_life()) user.commands.push_back(std::move(command));
    return user;
}

}  // namespace lodestone::app
