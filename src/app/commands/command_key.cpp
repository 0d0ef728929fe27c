// `lodestone key …`: what programs show instead of a password. A key's text is printed once, when it is made.
#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_minting.hpp"
#include "app/commands/admin_people.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "app/config/config_values.hpp"
#include "base/limits.hpp"
#include "base/problem.hpp"
#include "identity/nouns/key.hpp"
#include "identity/secrets/token_text.hpp"

namespace lodestone::app {
namespace {

using identity::IssuedKey;
using identity::Key;

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end != 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

// "package:read,package:download@repository:main/*#stable": actions, then resources, then tags.
identity::Scope read_scope(std::string_view text) {
    identity::Scope scope;
    const auto take_behind = [&text](char mark) {
        const std::size_t at = text.find(mark);
        if (at == text.npos) return std::vector<std::string>();
        auto parts = split(text.substr(at + 1), ',');
        text = text.substr(0, at);
        return parts;
    };
    scope.tags = take_behind('#');
    scope.resources = take_behind('@');
    scope.actions = split(text, ',');
    if (scope.actions.empty())
        throw WrongUsage("--scope begins with actions, such as package:read,package:publish.");
    return scope;
}

std::chrono::milliseconds need_duration(const Arguments& arguments, std::string_view name) {
    const auto duration = parse_duration(arguments.last(name));
    if (!duration) throw WrongUsage(std::string(name) + " must be a duration such as 30d or 12h.");
    return *duration;
}

// The key as it is to be shown: with --hf as tools of that kind want it.
std::string render_issued(const Arguments& arguments, const IssuedKey& issued) {
    if (!arguments.has("--hf")) return issued.text;
    const auto token = identity::parse_token(issued.text);
    // An app's has no such form: rotating one prints what there is.
    return token->kind == identity::TokenKind::personal_key ? identity::render_hf_alias(*token) : issued.text;
}

// --quiet: the key and nothing else.
int print_issued(Console& console, const Arguments& arguments, const IssuedKey& issued) {
    const std::string text = render_issued(arguments, issued);
    if (arguments.has("--quiet")) {
        console.out << text << '\n';
        return 0;
    }
    boost::json::object row = make_row(issued.key);
    row["key"] = text;
    const std::string until = std::string(row.at("expires_at").as_string());
    print_one(console, arguments.has("--json"), row,
              text + "\nIt is shown only now. It expires at " + until + "; its id is " +
                  issued.key.id.text() + ".");
    return 0;
}

identity::NewKey describe_key(AdminTarget& target, const TenantId& tenant, const Arguments& arguments) {
    identity::NewKey wanted;
    const auto user = find_given(arguments, "--user");
    const auto app = find_given(arguments, "--app");
    if (user.has_value() == app.has_value())
        throw WrongUsage("Say whose key it is: --user for a person's, or --app for an app's.");
    if (user) wanted.user_id = find_user_named(target, tenant, *user).id;
    if (app) wanted.app_id = find_app_named(target, tenant, *app);
    wanted.name = arguments.last("--name", "made at a shell");
    wanted.networks = arguments.all("--network");
    if (arguments.has("--scope")) {
        wanted.scopes.emplace();
        for (const std::string& text : arguments.all("--scope")) wanted.scopes->push_back(read_scope(text));
    }
    if (arguments.has("--test")) wanted.environment = identity::KeyEnvironment::test;
    if (arguments.has("--expires-in"))
        wanted.expires_at = target.context().clock.now() + need_duration(arguments, "--expires-in");
    return wanted;
}

int run_create(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::NewKey wanted = describe_key(target, tenant, arguments);
    if (arguments.has("--hf") && !wanted.user_id)
        throw Problem(problems::invalid_input, "--hf is for a person's key; an app's has no such form.");
    const Minting minting(target);
    const IssuedKey issued =
        target.write([&](db::Tx& tx) { return identity::issue_key(tx, tenant, wanted, minting.mint()); });
    return print_issued(console, arguments, issued);
}

int run_list(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    db::ListRequest request;
    if (const auto user = find_given(arguments, "--user"))
        request.filters.emplace_back("user_id", find_user_named(target, tenant, *user).id.text());
    if (const auto app = find_given(arguments, "--app"))
        request.filters.emplace_back("app_id", find_app_named(target, tenant, *app).text());
    print_all(RowPrinter(console, arguments.has("--json"), "keys",
                         {"id", "name", "user_id", "app_id", "expires_at", "last_used_at", "revoked_at"}),
              request, [&](const db::ListRequest& page) {
                  return target.read([&](db::Tx& tx) { return identity::list_keys(tx, tenant, page); });
              });
    return 0;
}

identity::KeyId need_key(const Arguments& arguments) {
    const auto id = parse_id<identity::KeyId>(need(arguments, "KEY"));
    if (!id) throw WrongUsage("KEY is the id of a key, as `lodestone key list` shows it.");
    return *id;
}

int run_revoke(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::KeyId id = need_key(arguments);
    const std::string reason = arguments.last("--reason", "revoked at a shell");
    const Key key = target.write([&](db::Tx& tx) { return identity::revoke_key(tx, tenant, id, reason); });
    print_one(console, arguments.has("--json"), make_row(key),
              "The key " + key.id.text() + " is good for nothing now.");
    return 0;
}

int run_rotate(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const TenantId tenant = find_given_tenant(target, arguments);
    const identity::KeyId id = need_key(arguments);
    const std::chrono::seconds overlap =
        arguments.has("--overlap")
            ? std::chrono::floor<std::chrono::seconds>(need_duration(arguments, "--overlap"))
            : std::chrono::seconds(std::chrono::hours(24));
    const Minting minting(target);
    const IssuedKey issued = target.write(
        [&](db::Tx& tx) { return identity::rotate_key(tx, tenant, id, overlap, minting.mint()); });
    return print_issued(console, arguments, issued);
}

OptionSpec make_quiet_option() {
    return {.name = "--quiet", .about = "Print the key and nothing else, for scripts."};
}

OptionSpec make_hf_option() {
    return {.name = "--hf", .about = "Print it beginning with hf_, for tools that take nothing else."};
}

std::vector<OptionSpec> make_owner_options() {
    return {{.name = "--user", .placeholder = "USER", .about = "A person's, by user name or id."},
            {.name = "--app", .placeholder = "APP", .about = "An app's, by its id or name: for pipelines."}};
}

std::vector<OptionSpec> make_create_options() {
    std::vector<OptionSpec> options = make_owner_options();
    options.insert(
        options.end(),
        {{.name = "--name", .placeholder = "NAME", .about = "What it is for; lists show it."},
         {.name = "--scope",
          .placeholder = "SCOPE",
          .about = "What it is good for at most: ACTIONS, ACTIONS@RESOURCES or ACTIONS@RESOURCES#TAGS, each "
                   "with commas between. Without one: whatever its owner may do.",
          .is_repeatable = true},
         {.name = "--network",
          .placeholder = "NETWORK",
          .about = "From where it may be shown, as 10.0.0.0/8; from everywhere without one.",
          .is_repeatable = true},
         {.name = "--expires-in",
          .placeholder = "DURATION",
          .about = "How long it is good; as the tenant's settings say without it, 90 days at first."},
         {.name = "--test", .about = "A key for tests, which its text shows."},
         make_hf_option(),
         make_quiet_option()});
    return options;
}

}  // namespace

CommandSpec make_key_command() {
    const OperandSpec which{"KEY", "Its id, as `lodestone key list` shows it.", {}};
    CommandSpec key{.name = "key",
                    .about = "Make, list, rotate and revoke keys: what programs show instead of a password"};
    key.commands = {
        make_tenant_scoped({.name = "create",
                            .about = "Make a key and print it, this once",
                            .example = {"lodestone key create --user alice --scope package:read --quiet",
                                        "For a script, also while a server runs"},
                            .options = make_create_options()},
                           run_create),
        make_tenant_scoped({.name = "list",
                            .about = "List keys, without their secrets",
                            .example = {"lodestone key list --app main", "Those of one app"},
                            .options = make_owner_options()},
                           run_list),
        make_tenant_scoped(
            {.name = "rotate",
             .about = "Make a new key like an old one, which ends a little later",
             .example = {"lodestone key rotate 01890a5d-ac96-774b-bcce-b302099a8057 --overlap 1h",
                         "An hour to change over"},
             .operands = {which},
             .options = {{.name = "--overlap",
                          .placeholder = "DURATION",
                          .about = "How long the old one still works; 24h without it."},
                         make_hf_option(),
                         make_quiet_option()}},
            run_rotate),
        make_tenant_scoped(
            {.name = "revoke",
             .about = "Make a key good for nothing, at once and for good",
             .example = {"lodestone key revoke 01890a5d-ac96-774b-bcce-b302099a8057 --reason leaked",
                         "The audit log keeps the reason"},
             .operands = {which},
             .options = {{.name = "--reason", .placeholder = "TEXT", .about = "Why."}}},
            run_revoke)};
    return key;
}

}  // namespace lodestone::app
