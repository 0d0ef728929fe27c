// What is parsed is compared with what there is by a read, so that an import in which little is new writes
// little; the transaction that writes compares again.
#include "packages/import_advisories.hpp"

#include <algorithm>
#include <map>

#include "base/advisory_limits.hpp"
#include "base/ids.hpp"
#include "base/problem.hpp"
#include "http/wire/run_beside.hpp"
#include "packages/advisories/affected.hpp"
#include "packages/advisories/cvss.hpp"
#include "packages/advisories/osv_record.hpp"
#include "packages/archive/archive_problem.hpp"
#include "packages/incoming.hpp"
#include "packages/text_list.hpp"

namespace lodestone::packages {

using db::Tx;

namespace {

void note_fault(ImportReport& report, const std::string& where, const std::string& fault) {
    ++report.counts.broken;
    if (report.faults.size() < limits::named_faults) report.faults.push_back(where + ": " + fault);
}

void check_time(const OsvRecord& record, Time now) {
    if (record.modified > now + limits::advisory_time_ahead)
        throw Problem(
            problems::invalid_input,
            "The record was modified more than a day from now: its time is wrong, or the clock here.");
}

std::string choose_severity(const OsvRecord& record) {
    if (!record.severity.empty()) return record.severity;
    if (const auto score = score_cvss(record.cvss_vector)) return std::string(rate_cvss(*score));
    // Whoever has malicious code has all of its trouble.
    return record.id.starts_with("MAL-") ? "critical" : "";
}

Advisory make_row(const OsvRecord& record) {
    Advisory row{.id = record.id,
                 .modified_at = record.modified,
                 .published_at = record.published,
                 .withdrawn_at = record.withdrawn};
    if (row.withdrawn_at) return row;
    row.aliases = render_text_list(record.aliases);
    row.summary = record.summary;
    row.details = record.details;
    row.severity = choose_severity(record);
    row.cvss_vector = record.cvss_vector;
    row.cwes = render_text_list(record.cwes);
    row.url = record.url;
    return row;
}

// A record may speak of one package several times.
std::vector<AdvisedPackage> make_packages(Formats formats, const OsvRecord& record) {
    std::map<std::pair<std::string_view, std::string>, AffectedVersions> merged;
    for (const OsvAffected& one : record.affected) {
        const Format* format = find_advised_format(formats, one.ecosystem);
        if (format == nullptr) continue;
        AffectedVersions& into = merged[{format->advisories->name, fold_package_name(*format, one.name)}];
        into.ranges.insert(into.ranges.end(), one.ranges.begin(), one.ranges.end());
        for (const std::string& version : one.versions)
            into.version_keys.push_back(fold_version_name(*format, version));
    }
    std::vector<AdvisedPackage> packages;
    for (auto& [key, affected] : merged) {
        std::ranges::sort(affected.version_keys);
        const auto [first, last] = std::ranges::unique(affected.version_keys);
        affected.version_keys.erase(first, last);
        packages.push_back({.ecosystem = std::string(key.first),
                            .name_key = key.second,
                            .advisory_id = record.id,
                            .affected = render_affected(affected)});
    }
    return packages;
}

std::vector<std::string> list_ids(const std::vector<ParsedAdvisory>& parsed) {
    std::vector<std::string> ids;
    for (const ParsedAdvisory& one : parsed) ids.push_back(one.row.id);
    return ids;
}

void add_counts(AdvisoryImport& to, const AdvisoryImport& more) {
    to.added += more.added;
    to.replaced += more.replaced;
    to.withdrawn += more.withdrawn;
    to.unchanged += more.unchanged;
    to.passed_over += more.passed_over;
}

bool is_full(const RecordSplitter& splitter) {
    return splitter.ready_count() >= limits::advisory_batch_records ||
           splitter.ready_bytes() >= limits::advisory_batch_bytes;
}

bool is_zip(std::string_view beginning) {
    return beginning.starts_with("PK\x03\x04");
}

enum class BatchPlace : std::uint8_t { before_others, last };

// In the transaction: stores what is new of the batch, with what the import has done by then.
AdvisoryImport store_batch(Tx& tx, const std::vector<ParsedAdvisory>& chosen, AdvisoryImport counts,
                           BatchPlace place) {
    const bool is_first = counts.imported_at == Time();
    const ImportStep step = place == BatchPlace::last ? ImportStep::done
                            : is_first                ? ImportStep::begun
                                                      : ImportStep::going_on;
    add_counts(counts, store_advisories(tx, chosen));
    put_advisory_import(tx, counts, step);
    return counts;
}

struct ParsedBatch {
    std::vector<ParsedAdvisory> parsed;
    ImportReport report;
};

class BodyImport {
  public:
    BodyImport(Context& context, Formats formats, http::Request& request)
        : context_(context), formats_(formats), request_(request) {
        report_.counts.id = render_uuid(make_uuid(context.clock, context.random));
    }

    Task<> store(std::vector<RawRecord> records, BatchPlace place) {
        co_await begin_anew(context_, request_);
        auto parse = [formats = formats_, now = context_.clock.now(), records = std::move(records),
                      report = std::move(report_)]() mutable {
            ParsedBatch batch;
            batch.parsed = parse_advisories(formats, records, now, report);
            batch.report = std::move(report);
            return batch;
        };
        ParsedBatch batch = co_await http::run_beside(std::move(parse));
        report_ = std::move(batch.report);
        const db::Unit unit = unit_behind_body(request_);
        auto look = [&](Tx& tx) { return list_known_advisories(tx, list_ids(batch.parsed)); };
        const auto known = co_await context_.database->read(unit, look);
        const auto chosen = choose_new(std::move(batch.parsed), known, report_.counts);
        if (chosen.empty() && place != BatchPlace::last) co_return;
        auto put = [&](Tx& tx) { return store_batch(tx, chosen, report_.counts, place); };
        report_.counts = co_await context_.database->write(unit, put);
    }
    ImportReport take_report() { return std::move(report_); }

  private:
    Context& context_;
    Formats formats_;
    http::Request& request_;
    ImportReport report_;
};

void store_batch_now(const ImportingNow& importing, const std::vector<RawRecord>& records,
                     ImportReport& report, BatchPlace place) {
    report.counts.id = importing.id;
    std::vector<ParsedAdvisory> parsed =
        parse_advisories(importing.formats, records, importing.clock.now(), report);
    const auto known = importing.database.read_now(
        importing.unit, [&](Tx& tx) { return list_known_advisories(tx, list_ids(parsed)); });
    const auto chosen = choose_new(std::move(parsed), known, report.counts);
    if (!chosen.empty() || place == BatchPlace::last)
        report.counts = importing.database.write_now(
            importing.unit, [&](Tx& tx) { return store_batch(tx, chosen, report.counts, place); });
    if (importing.tell) importing.tell(report.counts);
}

}  // namespace

std::vector<ParsedAdvisory> parse_advisories(Formats formats, const std::vector<RawRecord>& records, Time now,
                                             ImportReport& report) {
    std::map<std::string, ParsedAdvisory> newest;
    for (const RawRecord& raw : records) {
        ++report.counts.records;
        if (!raw.fault.empty()) {
            note_fault(report, raw.where, "The record " + raw.fault + ".");
            continue;
        }
        const auto fault = find_problem([&] {
            const OsvRecord record = parse_osv_record(raw.text);
            check_time(record, now);
            ParsedAdvisory parsed{.row = make_row(record), .packages = make_packages(formats, record)};
            const auto [place, is_first] = newest.try_emplace(record.id, parsed);
            if (is_first) return;
            ++report.counts.unchanged;  // one of the two
            if (place->second.row.modified_at < record.modified) place->second = std::move(parsed);
        });
        if (fault) note_fault(report, raw.where, *fault);
    }
    std::vector<ParsedAdvisory> parsed;
    for (auto& [id, one] : newest) parsed.push_back(std::move(one));
    return parsed;
}

std::vector<ParsedAdvisory> choose_new(std::vector<ParsedAdvisory> parsed,
                                       const std::vector<KnownAdvisory>& known, AdvisoryImport& counts) {
    std::map<std::string_view, Time> times;
    for (const KnownAdvisory& one : known) times.emplace(one.id, one.modified_at);
    std::vector<ParsedAdvisory> chosen;
    for (ParsedAdvisory& one : parsed) {
        const auto found = times.find(one.row.id);
        if (found == times.end() && one.packages.empty())
            ++counts.passed_over;
        else if (found != times.end() && found->second >= one.row.modified_at)
            ++counts.unchanged;
        else
            chosen.push_back(std::move(one));
    }
    return chosen;
}

AdvisoryImport store_advisories(Tx& tx, std::vector<ParsedAdvisory> chosen) {
    AdvisoryImport counts;
    const auto known = list_known_advisories(tx, list_ids(chosen));
    std::vector<Advisory> rows;
    std::vector<AdvisedPackage> packages;
    for (ParsedAdvisory& one : choose_new(std::move(chosen), known, counts)) {
        const bool is_known = std::ranges::count(known, one.row.id, &KnownAdvisory::id) > 0;
        ++(one.row.withdrawn_at ? counts.withdrawn : is_known ? counts.replaced : counts.added);
        one.row.imported_at = tx.now();
        if (!one.row.withdrawn_at) std::ranges::move(one.packages, std::back_inserter(packages));
        rows.push_back(std::move(one.row));
    }
    if (!rows.empty()) put_advisories(tx, rows, packages);
    return counts;
}

Task<ImportReport> import_advisories(Context& context, Formats formats, http::Request& request) {
    BodyImport import(context, formats, request);
    RecordSplitter splitter;
    bool is_first = true;
    for (;;) {
        const std::string_view piece = co_await request.body->next();
        if (is_first && is_zip(piece))
            throw Problem(problems::unsupported_media_type,
                          "A zip has to be read from its end: import it with `lodestone advisories import`, "
                          "or send the records that are in it.");
        is_first = false;
        if (piece.empty()) break;
        splitter.add(piece);
        if (is_full(splitter)) co_await import.store(splitter.take_ready(), BatchPlace::before_others);
    }
    splitter.finish();
    co_await import.store(splitter.take_ready(), BatchPlace::last);
    co_return import.take_report();
}

ImportReport import_advisories_now(const ImportingNow& importing,
                                   const std::function<std::string_view()>& next) {
    ImportReport report;
    RecordSplitter splitter;
    for (std::string_view piece = next(); !piece.empty(); piece = next()) {
        splitter.add(piece);
        if (is_full(splitter))
            store_batch_now(importing, splitter.take_ready(), report, BatchPlace::before_others);
    }
    splitter.finish();
    store_batch_now(importing, splitter.take_ready(), report, BatchPlace::last);
    return report;
}

ImportReport import_archive_now(const ImportingNow& importing, const ArchiveSource& source) {
    const ArchiveLimits most{.entries = limits::advisory_archive_entries,
                             .unpacked_bytes = limits::advisory_import_bytes,
                             .ratio = limits::archive_ratio,
                             .links = LinkRule::refused};
    ImportReport report;
    std::vector<RawRecord> records;
    std::size_t bytes = 0;
    const auto store = [&](BatchPlace place) {
        store_batch_now(importing, records, report, place);
        records.clear();
        bytes = 0;
    };
    read_archive(source, most, [&](const ArchiveEntry& entry, EntryReader& content) {
        if (entry.kind != EntryKind::file || !entry.path.ends_with(".json")) return;
        RawRecord record{.where = show_path(entry.path), .text = {}};
        if (entry.size_bytes > limits::advisory_record_bytes)
            record.fault = "is longer than 4 MiB";
        else
            record.text = content.read(limits::advisory_record_bytes);
        bytes += record.text.size();
        records.push_back(std::move(record));
        if (records.size() >= limits::advisory_batch_records || bytes >= limits::advisory_batch_bytes)
            store(BatchPlace::before_others);
    });
    store(BatchPlace::last);
    return report;
}

}  // namespace lodestone::packages
