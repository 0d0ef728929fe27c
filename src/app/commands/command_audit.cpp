// `lodestone audit …`: reads the log of who did what, takes it out, and checks that nobody changed it.
#include <fmt/core.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "base/problem.hpp"
#include "base/time_text.hpp"
#include "ledger/audit.hpp"
#include "ledger/export.hpp"
#include "ledger/verify.hpp"

namespace lodestone::app {
namespace {

constexpr int failed = 1;

std::optional<Time> find_time(const Arguments& arguments, std::string_view name) {
    if (!arguments.has(name)) return std::nullopt;
    const auto time = parse_rfc3339(arguments.last(name));
    if (!time) throw WrongUsage(std::string(name) + " is a time such as 2027-01-15T08:00:00Z.");
    return time;
}

std::int64_t find_limit(const Arguments& arguments) {
    const std::string text = arguments.last("--limit", "100");
    std::int64_t limit = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (fault != std::errc() || end != text.data() + text.size() || limit < 1)
        throw WrongUsage("--limit is a number of at least 1.");
    return limit;
}

int run_list(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    db::ListRequest request;
    if (arguments.has("--tenant"))
        request.filters.emplace_back("tenant", find_given_tenant(target, arguments).text());
    for (const std::string_view filter :
         {"actor", "action", "subject", "key", "session", "address", "request", "result", "since", "until"}) {
        const bool is_id = filter == "key" || filter == "session" || filter == "request";
        if (const auto given = find_given(arguments, std::string("--").append(filter)))
            request.filters.emplace_back(std::string(filter) + (is_id ? "_id" : ""), *given);
    }
    print_all(
        RowPrinter(console, arguments.has("--json"), "entries",
                   {"at", "tenant_id", "actor", "source", "address", "action", "subject", "result"}),
        request,
        [&](const db::ListRequest& page) {
            return target.read([&](db::Tx& tx) { return ledger::list_whole_audit(tx, page); });
        },
        find_limit(arguments));
    return 0;
}

int run_export(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    ledger::ExportPlace place;
    if (arguments.has("--tenant")) place.tenant = find_given_tenant(target, arguments);
    place.since = find_time(arguments, "--since").value_or(place.since);
    place.until = find_time(arguments, "--until").value_or(place.until);
    while (!place.is_done && console.out.good()) {
        ledger::ExportPage page = target.read([&](db::Tx& tx) { return ledger::export_audit(tx, place); });
        console.out << page.lines;
        place = std::move(page.next);
    }
    return 0;
}

// "SEQUENCE:HEAD", as `audit verify` prints it.
std::optional<ledger::KnownHead> find_expected(const Arguments& arguments) {
    if (!arguments.has("--expect")) return std::nullopt;
    const std::string text = arguments.last("--expect");
    ledger::KnownHead known;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), known.sequence);
    const auto colon = static_cast<std::size_t>(end - text.data());
    const bool is_good = fault == std::errc() && colon + 65 == text.size() && text[colon] == ':' &&
                         text.find_first_not_of("0123456789abcdef", colon + 1) == text.npos;
    if (!is_good)
        throw WrongUsage(
            "--expect is a number, a colon and a hash, as `lodestone audit verify` printed them.");
    known.head = text.substr(colon + 1);
    return known;
}

boost::json::object render(const ledger::AuditCheck& check) {
    boost::json::array faults;
    for (const ledger::AuditFault& fault : check.faults)
        faults.push_back({{"kind", boost::describe::enum_to_string(fault.kind, "")},
                          {"sequence", fault.sequence},
                          {"entry", fault.entry},
                          {"message", fault.sentence}});
    return {{"is_sound", check.fault_count == 0},
            {"checked", check.checked},
            {"waiting", check.pending},
            {"sequence", check.end.sequence},
            {"head", check.end.head},
            {"removed_through", check.end.purged_sequence},
            {"fault_count", check.fault_count},
            {"faults", std::move(faults)}};
}

void print_check(const ledger::AuditCheck& check, Console& console) {
    for (const ledger::AuditFault& fault : check.faults) console.out << fault.sentence << '\n';
    if (check.fault_count > static_cast<std::int64_t>(check.faults.size()))
        console.out << fmt::format("… and {} more.\n",
                                   check.fault_count - static_cast<std::int64_t>(check.faults.size()));
    if (check.end.purged_sequence != 0)
        console.out << fmt::format("Entries up to {} were removed after their time.\n",
                                   check.end.purged_sequence);
    console.out << fmt::format(
        "{} entries checked, {} without a number yet: {}.\n", check.checked, check.pending,
        check.fault_count == 0 ? "all as they were written" : "something was tampered with");
    console.out << fmt::format("{}:{}\n", check.end.sequence, check.end.head);
}

int run_verify(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const auto expected = find_expected(arguments);
    ledger::AuditCheck check =
        target.read([&](db::Tx& tx) { return ledger::begin_audit_check(tx, expected); });
    const bool shows_progress = console.err_is_terminal && !arguments.has("--json");
    while (!check.is_done) {
        check = target.read([&](db::Tx& tx) { return ledger::continue_audit_check(tx, check); });
        if (shows_progress) console.err << fmt::format("\rChecked {} entries", check.checked) << std::flush;
    }
    if (shows_progress) console.err << '\n';
    if (arguments.has("--json"))
        console.out << boost::json::serialize(render(check)) << '\n';
    else
        print_check(check, console);
    return check.fault_count == 0 ? 0 : failed;
}

OptionSpec make_tenant_filter() {
    return {.name = "--tenant",
            .placeholder = "TENANT",
            .about = "Only what belongs to this tenant, by its id or name."};
}

std::vector<OptionSpec> make_time_options() {
    return {
        {.name = "--since", .placeholder = "TIME", .about = "From this time on, as 2027-01-15T08:00:00Z."},
        {.name = "--until", .placeholder = "TIME", .about = "Before this time."}};
}

std::vector<OptionSpec> make_filter_options() {
    std::vector<OptionSpec> options = {
        make_tenant_filter(),
        {.name = "--actor", .placeholder = "ID", .about = "Only what this user or key did, or `operator`."},
        {.name = "--action",
         .placeholder = "ACTION",
         .about = "Only this action, such as user.create, access.refuse or request.fail."},
        {.name = "--subject", .placeholder = "ID", .about = "Only what happened to this thing."},
        {.name = "--key", .placeholder = "ID", .about = "Only what was done with this key."},
        {.name = "--session", .placeholder = "ID", .about = "Only what was done in this session."},
        {.name = "--address", .placeholder = "ADDRESS", .about = "Only what came from this address."},
        {.name = "--request", .placeholder = "ID", .about = "Only what this request did."},
        {.name = "--result",
         .placeholder = "RESULT",
         .about = "Only what ended so.",
         .choices = {"ok", "refused", "failed"}}};
    for (OptionSpec& option : make_time_options()) options.push_back(std::move(option));
    options.push_back(
        {.name = "--limit", .placeholder = "COUNT", .about = "The newest so many; 100 without it."});
    return options;
}

}  // namespace

CommandSpec make_audit_command() {
    std::vector<OptionSpec> export_options = make_time_options();
    export_options.insert(export_options.begin(), make_tenant_filter());
    CommandSpec audit{.name = "audit",
                      .about = "Read the log of who did what, and check that nobody changed it",
                      .details = "See docs/user/audit.md for what an entry says and how the chain works."};
    audit.commands = {
        make_admin_command(
            {.name = "list",
             .about = "List entries, the newest first",
             .example = {"lodestone audit list --tenant acme --result refused", "Who was turned away"},
             .options = make_filter_options()},
            make_admin_options(), run_list),
        make_admin_command({.name = "export",
                            .about = "Print entries as JSON lines with their hashes, the oldest first",
                            .example = {"lodestone audit export --since 2027-01-01T00:00:00Z > january.jsonl",
                                        "For an archive that this server cannot change"},
                            .options = std::move(export_options)},
                           make_admin_options(), run_export),
        make_admin_command(
            {.name = "verify",
             .about = "Check every entry and the chain; exit code 1 when something was tampered with",
             .example = {"lodestone audit verify", "Keep the last line for --expect"},
             .options =
                 {{.name = "--expect",
                   .placeholder = "SEQUENCE:HASH",
                   .about =
                       "The last line of an earlier check: finds a log that was cut off or made anew."}}},
            make_admin_options(), run_verify)};
    return audit;
}

}  // namespace lodestone::app
