// Fuzzes what is imported and asked about advisories: texts cut into records, the records, how bad they are,
// and what clients want to have audited. Whatever the bytes, they are read or refused, and what is stored
// says the same again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ensure.hpp"
#include "base/problem.hpp"
#include "formats/npm/advisories.hpp"
#include "formats/npm/audit_report.hpp"
#include "formats/npm/audit_request.hpp"
#include "packages/advisories/affected.hpp"
#include "packages/advisories/cvss.hpp"
#include "packages/advisories/osv_record.hpp"
#include "packages/advisories/record_splitter.hpp"
#include "packages/import_advisories.hpp"

using namespace lodestone;
using namespace lodestone::packages;

namespace {

std::vector<RawRecord> split(std::string_view text, std::size_t cut) {
    RecordSplitter splitter;
    for (; !text.empty(); text.remove_prefix(std::min(cut, text.size()))) splitter.add(text.substr(0, cut));
    splitter.finish();
    return splitter.take_ready();
}

void check_versions(const OsvAffected& said) {
    const AffectedVersions affected{.ranges = said.ranges, .version_keys = said.versions};
    ensure(parse_affected_versions(render_affected(affected)) == affected, "what is stored is what was said");
    AdvisoryHit hit;
    hit.stretches = list_stretches(affected, formats::npm::compare_loosely);
    hit.version_keys = affected.version_keys;
    for (const VersionStretch& stretch : hit.stretches)
        ensure(!is_within(stretch, "x", formats::npm::compare_loosely),
               "what is no version is within nothing");
    (void)formats::npm::render_affected_range(hit);
    (void)formats::npm::render_patched_range(hit);
}

void check_record(std::string_view text) {
    const auto sentence = find_problem([&] {
        const OsvRecord record = parse_osv_record(text);
        for (const OsvAffected& one : record.affected) check_versions(one);
        if (const auto score = score_cvss(record.cvss_vector))
            ensure(*score >= 0 && *score <= 10, "a score is one");
    });
    if (sentence) ensure(!sentence->empty(), "what is refused is told why");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
    if (size_bytes == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size_bytes - 1);
    check_record(text);
    const auto whole = split(text, text.size() + 1);
    const auto pieces = split(text, data[0] % 64 + 1);
    ensure(whole.size() == pieces.size(), "cuts make no difference");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        ensure(whole[i].text == pieces[i].text && whole[i].fault == pieces[i].fault,
               "cuts make no difference");
        check_record(whole[i].text);
    }
    ImportReport report;
    constexpr Time now{std::chrono::seconds{1'800'000'000}};
    const std::size_t parsed = parse_advisories(served_formats(), whole, now, report).size();
    ensure(parsed + report.faults.size() <= whole.size(), "each record is parsed or named");
    (void)score_cvss(text);
    (void)find_problem([&] { formats::npm::parse_bulk_audit(text); });
    (void)find_problem([&] {
        const formats::npm::AuditTree tree(text);
        (void)tree.list_packages();
        (void)formats::npm::render_audit_report(tree, {});
    });
    (void)find_problem([&] { formats::npm::unpack_body(std::string(text), "gzip"); });
    return 0;
}
