// `lodestone storage …`: what there is in bytes, what is damaged, and the two that look after them, for once
// and at once instead of now and then.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "app/serving/blob_storage.hpp"
#include "base/hex.hpp"
#include "base/time_text.hpp"
#include "blobs/collect_step.hpp"
#include "http/wire/loop.hpp"
#include "packages/needing.hpp"

namespace lodestone::app {
namespace {

constexpr int failed = 1;
constexpr std::int64_t listed_blobs = 100;   // at a time
constexpr std::int64_t listed_needing = 20;  // of one blob

// Whoever asks for it at a shell wants it soon.
Config without_pace(Config config) {
    config.blobs.scrub_rate_bytes = 0;
    return config;
}

// The store as the server would open it, beside a server or without one.
class StorageTarget {
  public:
    StorageTarget(const CommandSpec& self, const Arguments& arguments, const Console& console)
        : admin_(self, arguments, console),
          loops_(1, admin_.context().metrics),
          storage_(without_pace(admin_.config()), admin_.need_folder(), admin_.database(), loops_,
                   admin_.context()) {
        loops_.start();
    }
    ~StorageTarget() {
        storage_.stop_collecting();
        storage_.stop();
        loops_.stop();
    }
    StorageTarget(const StorageTarget&) = delete;
    StorageTarget& operator=(const StorageTarget&) = delete;

    AdminTarget& admin() { return admin_; }
    BlobStorage& storage() { return storage_; }

  private:
    AdminTarget admin_;
    http::Loops loops_;
    BlobStorage storage_;
};

int run_status(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const auto interval = target.config().blobs.scrub_interval;
    const blobs::StorageStatus status =
        target.read([&](db::Tx& tx) { return blobs::describe_storage(tx, tx.now() - interval); });
    print_whole(console, arguments.has("--json"), make_row(status));
    return 0;
}

int run_collect(const CommandSpec& self, const Arguments& arguments, Console& console) {
    const bool as_json = arguments.has("--json");
    if (arguments.has("--dry-run")) {
        AdminTarget target(self, arguments, console);
        const auto plan = target.read([](db::Tx& tx) { return blobs::plan_collection(tx); });
        print_whole(console, as_json, make_row(plan));
        return 0;
    }
    StorageTarget target(self, arguments, console);
    print_whole(console, as_json,
                make_row(target.storage().collect(target.admin().unit(), blobs::Pace::full)));
    return 0;
}

int run_scrub(const CommandSpec& self, const Arguments& arguments, Console& console) {
    StorageTarget target(self, arguments, console);
    const blobs::Scrubbed done = target.storage().scrub({.has_all = arguments.has("--all"),
                                                         .has_quarantined = true,
                                                         .believes_loss = arguments.has("--lost"),
                                                         .keep_turn = nullptr,
                                                         .unit = target.admin().unit()});
    print_whole(console, arguments.has("--json"), make_row(done));
    const auto counts = target.admin().read([](db::Tx& tx) { return blobs::count_blobs(tx); });
    const auto fault = target.storage().find_scrub_fault();
    if (fault) console.complain("Not all was looked at: " + *fault + ".");
    if (done.unreadable != 0)
        console.complain(std::to_string(done.unreadable) +
                         " blobs could not be read just now, and nothing is known of them: see the log.");
    if (counts.quarantined != 0)
        console.complain(std::to_string(counts.quarantined) +
                         " blobs are damaged and quarantined: see `lodestone storage quarantined`.");
    return fault || done.unreadable != 0 || counts.quarantined != 0 ? failed : 0;
}

std::string describe(const std::vector<packages::Needing>& needing) {
    std::string text;
    for (const packages::Needing& one : needing) {
        if (!text.empty()) text += ", ";
        text += one.tenant + "/" + one.repository + " " + one.package + " " + one.version;
    }
    return text;
}

boost::json::object describe(const blobs::Blob& blob, const std::vector<packages::Needing>& needing,
                             bool as_json) {
    boost::json::object row{
        {"id", render_number(blob.id.value())}, {"sha256", to_hex(blob.sha256)},
        {"size_bytes", blob.size_bytes},        {"since", render_rfc3339(blob.state_at)},
        {"fault", blob.fault.value_or("")},     {"stored_as", render_blob_key(blob.key())}};
    if (!as_json) {
        row["needed_by"] = describe(needing);
        return row;
    }
    boost::json::array list;
    for (const packages::Needing& one : needing) list.push_back(make_row(one));
    row["needed_by"] = std::move(list);
    return row;
}

int run_quarantined(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const bool as_json = arguments.has("--json");
    RowPrinter printer(console, as_json, "blobs", {"sha256", "size_bytes", "since", "fault", "needed_by"});
    blobs::BlobId after;
    for (;;) {
        const auto page =
            target.read([&](db::Tx& tx) { return blobs::list_quarantined(tx, after, listed_blobs); });
        std::vector<boost::json::object> rows;
        for (const blobs::Blob& blob : page) {
            const auto needing =
                target.read([&](db::Tx& tx) { return packages::list_needing(tx, blob.id, listed_needing); });
            rows.push_back(describe(blob, needing, as_json));
        }
        printer.print(rows);
        if (page.empty() || !printer.has_reader()) break;
        after = page.back().id;
    }
    printer.finish();
    return 0;
}

}  // namespace

CommandSpec make_storage_command() {
    CommandSpec storage{.name = "storage",
                        .about = "Look after the bytes of packages: what is damaged, what nobody needs",
                        .details = "A server does all of it by itself; see docs/user/storage.md."};
    storage.commands = {
        make_admin_command({.name = "status",
                            .about = "Count what is stored, what can go, and what is damaged",
                            .example = {"lodestone storage status --json", "For a script"}},
                           make_admin_options(), run_status),
        make_admin_command(
            {.name = "collect",
             .about = "Delete what nobody needs any more, as far as its time has come",
             .example = {"lodestone storage collect --dry-run", "What would go"},
             .options = {{.name = "--dry-run", .about = "Only say what would be done; nothing is changed."}}},
            make_admin_options(), run_collect),
        make_admin_command(
            {.name = "scrub",
             .about = "Hash stored bytes again; exit code 1 when some are damaged, or could not be read",
             .example = {"lodestone storage scrub --all", "After a disk has failed, or files were put back"},
             .options = {{.name = "--all",
                          .about = "All that is stored, not only what was not checked for long."},
                         {.name = "--lost",
                          .about = "Take what is missing for lost, even where nothing is found of what "
                                   "should be there."}}},
            make_admin_options(), run_scrub),
        make_admin_command({.name = "quarantined",
                            .about = "List what is damaged, and which packages need it",
                            .example = {"lodestone storage quarantined", "What has to be published again"}},
                           make_admin_options(), run_quarantined)};
    return storage;
}

}  // namespace lodestone::app
