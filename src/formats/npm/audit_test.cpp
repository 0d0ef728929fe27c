// Audits over HTTP on both engines, against advisories that are imported there; and ranges in npm's words.
#include <gmock/gmock.h>

#include <boost/json/array.hpp>

#include "base/advisory_limits.hpp"
#include "base/npm_limits.hpp"
#include "base/problem.hpp"
#include "formats/npm/advisories.hpp"
#include "formats/npm/audit_report.hpp"
#include "formats/npm/audit_request.hpp"
#include "formats/npm/held_audit.hpp"
#include "support/npm_shop.hpp"

namespace lodestone::formats::npm {
namespace {

using packages::RangeEventKind;
using test::Reply;
using ::testing::HasSubstr;

packages::AdvisoryHit hit_of(const packages::AffectedVersions& affected) {
    packages::AdvisoryHit hit{
        .name = "x", .versions = {}, .advisory = {}, .stretches = {}, .version_keys = {}};
    hit.advisory.id = "A-1";
    hit.advisory.name_key = "x";
    hit.stretches = packages::list_stretches(affected, compare_loosely);
    hit.version_keys = affected.version_keys;
    return hit;
}

std::string range_of(const packages::AffectedVersions& affected) {
    return render_affected_range(hit_of(affected));
}

constexpr RangeEventKind introduced = RangeEventKind::introduced;
constexpr RangeEventKind fixed = RangeEventKind::fixed;
constexpr RangeEventKind last_affected = RangeEventKind::last_affected;

TEST(NpmAdvisories, BecomeRanges) {
    EXPECT_EQ(range_of({.ranges = {{{introduced, "0"}}}}), "*");
    EXPECT_EQ(range_of({.ranges = {{{introduced, "0"}, {fixed, "1.2.3"}}}}), "<1.2.3");
    EXPECT_EQ(range_of({.ranges = {{{introduced, "1.0.0"}}}}), ">=1.0.0");
    EXPECT_EQ(range_of({.ranges = {{{introduced, "1.0.0"}, {fixed, "1.2.3"}},
                                   {{introduced, "2.0"}, {last_affected, "2.0.5"}}}}),
              ">=1.0.0 <1.2.3 || >=2.0.0 <=2.0.5");
    EXPECT_EQ(range_of({.ranges = {{{introduced, "1.0.0"}, {last_affected, "1.0.0"}}},
                        .version_keys = {"1.0.0", "3.0.0"}}),
              "1.0.0 || 3.0.0");
    EXPECT_EQ(range_of({.ranges = {}, .version_keys = {"1.0.0", "6.6.6"}}), "1.0.0 || 6.6.6");
}

TEST(NpmAdvisories, SayWhatIsWellAgain) {
    EXPECT_EQ(render_patched_range(hit_of({.ranges = {{{introduced, "0"}, {fixed, "1.2.3"}},
                                                      {{introduced, "2.0.0"}, {fixed, "2.0.5"}}}})),
              ">=1.2.3 <2.0.0 || >=2.0.5");
    EXPECT_EQ(render_patched_range(hit_of({.ranges = {{{introduced, "0"}}}})), "<0.0.0");
}

TEST(NpmAdvisories, HaveANumberThatStays) {
    packages::AdvisoryHit hit = hit_of({});
    EXPECT_EQ(advisory_number(hit), 0x140a9b18028full) << "clients note it, to pass an advisory over";
    hit.advisory.name_key = "y";
    EXPECT_NE(advisory_number(hit), 0x140a9b18028full) << "about each package it is another one";
}

TEST(NpmAdvisories, CompareLoosely) {
    EXPECT_EQ(compare_loosely("1.2", "1.2.0"), std::strong_ordering::equal);
    EXPECT_EQ(compare_loosely("v1.0.0-rc.1", "1"), std::strong_ordering::less);
    EXPECT_EQ(compare_loosely("1.0.0", "one"), std::nullopt);
}

TEST(NpmAuditRequest, IsBounded) {
    std::string deep = "{}";
    for (int i = 0; i < 300; ++i) deep = R"({"dependencies":{"a":)" + deep + "}}";
    EXPECT_TRUE(find_problem([&] { const AuditTree tree(deep); }));
    std::string many = "{\"a\":[\"1.0.0\"";
    for (std::size_t i = 0; i < limits::npm_audit_versions; ++i) many += ",\"1.0.0\"";
    EXPECT_TRUE(find_problem([&] { parse_bulk_audit(many + "]}"); }));
    EXPECT_TRUE(
        find_problem([&] { unpack_body(compress_gzip(std::string(20 * limits::mib, ' ')), "gzip"); }));
    EXPECT_TRUE(find_problem([&] { unpack_body("{}", "br"); }));
    EXPECT_EQ(unpack_body(compress_gzip("{}"), "gzip"), "{}");
}

TEST(NpmAuditRequest, PassesOverWhatIsNoPackage) {
    const std::string long_name(limits::npm_name_bytes + 1, 'x');
    const std::string long_version(limits::npm_version_bytes + 1, '1');
    const auto asked = parse_bulk_audit(R"({"a@1":["1.0.0"],"@a/b":["1.0.0",")" + long_version +
                                        R"(",""],")" + long_name + R"(":["1.0.0"]})");
    ASSERT_EQ(asked.size(), 1);
    EXPECT_EQ(asked[0].name, "@a/b");
    EXPECT_EQ(asked[0].versions, std::vector<std::string>{"1.0.0"});

    const AuditTree tree(R"({"dependencies":{"a@1":{"version":"1.0.0"},")" + long_name +
                         R"(":{"version":"1.0.0","dependencies":{"b":{"version":"1.0.0"},"c":{"version":")" +
                         long_version + R"("}}}}})");
    ASSERT_EQ(tree.list_packages().size(), 1);
    AuditTree::Places places{{{"b", "1.0.0"}, {}}};
    tree.find_places(places);
    EXPECT_EQ(places.begin()->second.paths, std::vector<std::string>{"?>b"});
}

TEST(NpmAuditRequest, KeepsPathsShort) {
    std::string deep = R"({"dependencies":{"b":{"version":"1.0.0"}}})";
    for (int i = 0; i < 30; ++i)
        deep = R"({"dependencies":{")" + std::string(limits::npm_name_bytes, 'x') + "\":" + deep + "}}";
    AuditTree::Places places{{{"b", "1.0.0"}, {}}};
    AuditTree(deep).find_places(places);
    const std::string& path = places.begin()->second.paths.at(0);
    EXPECT_TRUE(path.ends_with("x>b"));
    EXPECT_LE(path.size(), limits::npm_audit_path_bytes);
    EXPECT_GT(path.size(), limits::npm_audit_path_bytes - 2 * limits::npm_name_bytes);
}

TEST(NpmAuditReport, HasSoManyPathsAndNoMore) {
    std::string text = R"({"dependencies":{"x":{"version":"1.0.0"})";
    for (std::size_t i = 1; i < limits::npm_audit_paths; ++i)
        text += ",\"p" + std::to_string(i) + R"(":{"dependencies":{"x":{"version":"1.0.0"}}})";
    packages::AdvisoryHit hit = hit_of({.ranges = {{{introduced, "0"}}}});
    hit.versions = {"1.0.0"};
    const std::vector<packages::AdvisoryHit> hits(limits::npm_audit_all_paths / limits::npm_audit_paths, hit);
    const std::string report = render_audit_report(AuditTree(text + "}}"), hits);
    const auto count = [&](std::string_view wanted) {
        std::size_t found = 0;
        for (auto at = report.find(wanted); at != report.npos; at = report.find(wanted, at + 1)) ++found;
        return found;
    };
    EXPECT_EQ(count("\"path\":"), limits::npm_audit_all_paths / 2);
    EXPECT_EQ(count(">x\""),
              limits::npm_audit_all_paths / limits::npm_audit_paths * (limits::npm_audit_paths - 1))
        << "in actions and in findings";
    EXPECT_EQ(count("\"paths\":[]"), hits.size() / 2) << "there is no room for those of the rest";
}

TEST(NpmAuditReport, IsRefusedWhereItTakesTooLong) {
    packages::AdvisoryHit hit = hit_of({});
    hit.versions = {"1.0.0"};
    hit.stretches.resize(1'001, {.from = "1.0.0"});
    EXPECT_TRUE(find_problem([&] { render_bulk_advisories({hit}); }));
}

// Notes what is held.
class NotingBody : public http::BodySource {
  public:
    Task<std::string_view> next() override { co_return std::string_view(); }
    void hold(std::uint64_t held_bytes) override { held.push_back(held_bytes); }
    std::optional<std::uint64_t> length() const override { return 0; }
    std::vector<std::uint64_t> held;
};

TEST(NpmAuditRequest, CountsUntilItIsAnswered) {
    NotingBody body;
    {
        HeldAudit held(body);
        held.hold(1'000);
        held.hold(limits::npm_document_bytes + 1);
    }
    EXPECT_EQ(body.held, (std::vector<std::uint64_t>{1'000, limits::npm_document_bytes, 0}));
}

class NpmAudit : public test::NpmShop {
  protected:
    void SetUp() override {
        NpmShop::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        act_as(operator_token());
        const Reply imported = ask("POST /api/v1/advisories/imports", records);
        ASSERT_EQ(imported.status, 200) << imported.body;
        EXPECT_EQ(imported.at("/added"), "3") << imported.body;
        act_as(owner_);
    }
    Reply audit(const std::string& where, const std::string& body, const std::string& headers = {}) {
        return ask("POST " + at("-/npm/v1/security/" + where), body, headers);
    }

    static constexpr const char* records =
        R"({"id":"GHSA-1","modified":"2026-01-02T00:00:00Z","published":"2026-01-01T00:00:00Z","aliases":["CVE-2026-1","X-1"],)"
        R"("summary":"left-pad pads too much","details":"Much too much.",)"
        R"("severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],)"
        R"("affected":[{"package":{"ecosystem":"npm","name":"left-pad"},"ranges":[{"type":"SEMVER",)"
        R"("events":[{"introduced":"0"},{"fixed":"1.2.3"}]}]}],)"
        R"("references":[{"type":"ADVISORY","url":"https://upstream.example/1"}],)"
        R"("database_specific":{"severity":"MODERATE","cwe_ids":["CWE-79"]}})"
        "\n"
        R"({"id":"MAL-1","modified":"2026-01-02T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"@acme/evil"},)"
        R"("versions":["6.6.6"]}]})"
        "\n"
        R"({"id":"PYSEC-1","modified":"2026-01-02T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"left-pad"},)"
        R"("ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]})";
};
INSTANTIATE_ON_EVERY_DATABASE(NpmAudit);

TEST_P(NpmAudit, TellsOfWhatIsHit) {
    const std::string asked =
        R"({"left-pad":["1.0.0","1.2.3"],"@acme/evil":["6.6.6"],"well":["1.0.0"],"odd":["file:x"]})";
    const Reply found = audit("advisories/bulk", asked);
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_EQ(found.json.as_object().size(), 2);
    EXPECT_EQ(found.at("/left-pad/0/title"), "left-pad pads too much");
    EXPECT_EQ(found.at("/left-pad/0/url"), "https://upstream.example/1");
    EXPECT_EQ(found.at("/left-pad/0/severity"), "moderate");
    EXPECT_EQ(found.at("/left-pad/0/vulnerable_versions"), "<1.2.3");
    EXPECT_EQ(found.at("/left-pad/0/cwe"), R"(["CWE-79"])");
    EXPECT_THAT(found.body, HasSubstr(R"("cvss":{"score":7.5,"vectorString":"CVSS:3.1/)"));
    EXPECT_EQ(found.at("/@acme~1evil/0/severity"), "critical");
    EXPECT_EQ(found.at("/@acme~1evil/0/title"), "MAL-1");
    const Reply packed = audit("advisories/bulk", compress_gzip(asked), "Content-Encoding: gzip\r\n");
    EXPECT_EQ(packed.body, found.body);
    EXPECT_EQ(audit("advisories/bulk", R"({"left-pad":["1.2.3"]})").body, "{}\n");
    EXPECT_EQ(audit("advisories/bulk", "{}").body, "{}\n");
}

TEST_P(NpmAudit, ReportsOnATree) {
    const Reply report = audit(
        "audits",
        R"({"name":"user","requires":{"a":"1"},"dependencies":{"a":{"version":"1.0.0","requires":{"left-pad":"1"},)"
        R"("dependencies":{"left-pad":{"version":"1.1.0"}}},"left-pad":{"version":"1.0.0","dev":true}}})");
    ASSERT_EQ(report.status, 200) << report.body;
    const auto& advisories = report.json.at("advisories").as_object();
    ASSERT_EQ(advisories.size(), 1);
    const std::string number(advisories.begin()->key());
    EXPECT_EQ(report.at("/advisories/" + number + "/id"), number);
    EXPECT_EQ(report.at("/advisories/" + number + "/module_name"), "left-pad");
    EXPECT_EQ(report.at("/advisories/" + number + "/patched_versions"), ">=1.2.3");
    EXPECT_EQ(report.at("/advisories/" + number + "/cves"), R"(["CVE-2026-1"])");
    EXPECT_EQ(report.at("/advisories/" + number + "/findings/0/paths/0"), "left-pad");
    EXPECT_EQ(report.at("/advisories/" + number + "/findings/0/dev"), "true");
    EXPECT_EQ(report.at("/advisories/" + number + "/findings/1/paths/0"), "a>left-pad");
    EXPECT_EQ(report.at("/actions/0/resolves/1/path"), "a>left-pad");
    EXPECT_EQ(report.at("/metadata/vulnerabilities/moderate"), "2");
    EXPECT_EQ(report.at("/metadata/totalDependencies"), "3");
    EXPECT_EQ(audit("audits/quick", R"({"dependencies":{}})").at("/metadata/vulnerabilities/moderate"), "0");
}

TEST_P(NpmAudit, RefusesWhatIsNone) {
    for (const char* body : {"", "[]", "nonsense", R"({"a":1})", R"({"a":[],"a":[]})"})
        EXPECT_EQ(audit("advisories/bulk", body).status, 400) << body;
    EXPECT_EQ(audit("audits", "[]").status, 400);
    EXPECT_EQ(audit("advisories/bulk", "{}", "Content-Encoding: gzip\r\n").status, 400);
    EXPECT_EQ(audit("advisories/bulk", "{}", "Content-Encoding: zstd\r\n").status, 415);
    act_as("");
    EXPECT_EQ(audit("advisories/bulk", "{}").status, 401);
}

}  // namespace
}  // namespace lodestone::formats::npm
