// `lodestone advisories …`: takes in what is known to be wrong with packages, and tells what there is of it.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>

#include "app/commands/admin_commands.hpp"
#include "app/commands/admin_report.hpp"
#include "app/commands/command_list.hpp"
#include "base/advisory_limits.hpp"
#include "base/ids.hpp"
#include "base/problem.hpp"
#include "base/unique_fd.hpp"
#include "packages/import_advisories.hpp"

namespace lodestone::app {
namespace {

constexpr int failed = 1;
constexpr std::size_t piece_bytes = 256 * limits::kib;

// A file, or standard input, which may be one, too.
class RecordFile {
  public:
    explicit RecordFile(const std::string& path) : path_(path) {
        if (path != "-") opened_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        descriptor_ = path == "-" ? STDIN_FILENO : opened_.value();
        struct stat status{};
        if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0 || S_ISDIR(status.st_mode)) refuse();
        is_seekable_ = S_ISREG(status.st_mode);
        size_bytes_ = static_cast<std::uint64_t>(status.st_size);
    }

    bool is_zip() {
        std::array<char, 4> front{};
        if (is_seekable_) return read_at(0, std::as_writable_bytes(std::span(front))) == 4 && is_zip(front);
        return is_zip(peek());
    }
    bool is_seekable() const { return is_seekable_; }

    packages::ArchiveSource archive() const {
        return {.read_at = [this](std::uint64_t offset,
                                  std::span<std::byte> into) { return read_at(offset, into); },
                .size_bytes = size_bytes_,
                .format = packages::ArchiveFormat::zip};
    }

    // The next piece; empty at the end.
    std::string_view next() {
        if (has_peeked_) {
            has_peeked_ = false;
            return piece();
        }
        for (;;) {
            const ssize_t got = ::read(descriptor_, buffer_.data(), buffer_.size());
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) refuse();
            size_ = static_cast<std::size_t>(got);
            return piece();
        }
    }

  private:
    static bool is_zip(std::string_view front) { return front.starts_with("PK\x03\x04"); }
    static bool is_zip(const std::array<char, 4>& front) {
        return is_zip(std::string_view(front.data(), front.size()));
    }

    std::string_view piece() const { return {buffer_.data(), size_}; }

    std::string_view peek() {
        next();
        has_peeked_ = size_ > 0;
        return piece();
    }

    std::size_t read_at(std::uint64_t offset, std::span<std::byte> into) const {
        std::size_t done = 0;
        while (done < into.size()) {
            const ssize_t got = ::pread(descriptor_, into.data() + done, into.size() - done,
                                        static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) refuse();
            if (got == 0) break;
            done += static_cast<std::size_t>(got);
        }
        return done;
    }

    [[noreturn]] void refuse() const { throw Problem(problems::invalid_input, path_ + " cannot be read."); }

    std::string path_;
    UniqueFd opened_;
    int descriptor_ = -1;
    bool is_seekable_ = false;
    std::uint64_t size_bytes_ = 0;
    std::vector<char> buffer_ = std::vector<char>(piece_bytes);
    std::size_t size_ = 0;
    bool has_peeked_ = false;
};

std::string describe(const packages::AdvisoryImport& counts) {
    return fmt::format(
        "{} records: {} added, {} replaced, {} withdrawn, {} known already, {} about nothing that is served "
        "here, {} broken.",
        counts.records, counts.added, counts.replaced, counts.withdrawn, counts.unchanged, counts.passed_over,
        counts.broken);
}

int run_import(const CommandSpec& self, const Arguments& arguments, Console& console) {
    RecordFile file(need(arguments, "FILE"));
    const bool is_zip = file.is_zip();
    if (is_zip && !file.is_seekable())
        throw WrongUsage("A zip is read from its end: give its name, or have it as standard input itself.");
    AdminTarget target(self, arguments, console);
    const bool as_json = arguments.has("--json");
    const bool shows_progress = console.err_is_terminal && !as_json;
    const packages::ImportingNow importing{
        .database = target.database(),
        .clock = target.context().clock,
        .unit = target.unit(),
        .formats = packages::served_formats(),
        .id = render_uuid(make_uuid(target.context().clock, target.context().random)),
        .tell = [&](const packages::AdvisoryImport& counts) {
            if (shows_progress) console.err << fmt::format("\rRead {} records", counts.records) << std::flush;
        }};
    const packages::ImportReport report = is_zip
                                              ? import_archive_now(importing, file.archive())
                                              : import_advisories_now(importing, [&] { return file.next(); });
    if (shows_progress) console.err << '\n';
    boost::json::object row = make_row(report.counts);
    row["faults"] = boost::json::array(report.faults.begin(), report.faults.end());
    for (const std::string& fault : report.faults) console.complain(fault);
    if (report.counts.broken > static_cast<std::int64_t>(report.faults.size()))
        console.complain(fmt::format("… and {} more.",
                                     report.counts.broken - static_cast<std::int64_t>(report.faults.size())));
    print_one(console, as_json, row, describe(report.counts));
    return report.counts.broken == 0 ? 0 : failed;
}

int run_status(const CommandSpec& self, const Arguments& arguments, Console& console) {
    AdminTarget target(self, arguments, console);
    const auto ecosystems = target.read([](db::Tx& tx) { return packages::count_advisories(tx); });
    const auto imports =
        target.read([](db::Tx& tx) { return packages::list_advisory_imports(tx, limits::shown_imports); });
    if (arguments.has("--json")) {
        boost::json::object whole;
        auto& counted = whole["ecosystems"].emplace_array();
        for (const auto& one : ecosystems) counted.push_back(make_row(one));
        auto& listed = whole["imports"].emplace_array();
        for (const auto& one : imports) listed.push_back(make_row(one));
        console.out << boost::json::serialize(whole) << '\n';
        return 0;
    }
    std::vector<boost::json::object> rows;
    for (const auto& one : ecosystems) rows.push_back(make_row(one));
    RowPrinter counts(console, false, "ecosystems", {"ecosystem", "advisories", "packages"});
    counts.print(rows);
    counts.finish();
    rows.clear();
    for (const auto& one : imports) rows.push_back(make_row(one));
    RowPrinter history(console, false, "imports",
                       {"imported_at", "imported_by", "records", "added", "replaced", "withdrawn", "broken"});
    history.print(rows);
    history.finish();
    return 0;
}

}  // namespace

CommandSpec make_advisories_command() {
    CommandSpec advisories{.name = "advisories",
                           .about = "Import what is known to be wrong with packages, for audits",
                           .details = "See docs/user/advisories.md for where records come from."};
    advisories.commands = {
        make_admin_command(
            {.name = "import",
             .about = "Import OSV records; exit code 1 when some are broken, and the others are imported",
             .example = {"lodestone advisories import npm.zip", "All of an ecosystem, as often as you like"},
             .operands = {{"FILE",
                           "A zip of records, or JSON: one record, or one on each line; - is standard input.",
                           {}}}},
            make_admin_options(), run_import),
        make_admin_command({.name = "status",
                            .about = "Count advisories by ecosystem, and list the newest imports",
                            .example = {"lodestone advisories status --json", "For a script"}},
                           make_admin_options(), run_status)};
    return advisories;
}

}  // namespace lodestone::app
