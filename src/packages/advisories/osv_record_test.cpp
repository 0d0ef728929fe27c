// Records as databases publish them, and as nobody should; every file of testdata.
#include "packages/advisories/osv_record.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/problem.hpp"
#include "base/time_text.hpp"
#include "support/files.hpp"

namespace lodestone::packages {
namespace {

namespace fs = std::filesystem;

fs::path corpus(const char* name) {
    return test::source_path("src/packages/advisories/testdata") / name;
}

OsvRecord parse_file(const std::string& name) {
    return parse_osv_record(test::read_file(corpus("accept") / name));
}

TEST(OsvRecord, TakesWhatIsGood) {
    for (const auto& file : fs::directory_iterator(corpus("accept")))
        EXPECT_EQ(find_problem([&] { parse_osv_record(test::read_file(file.path())); }), std::nullopt)
            << file.path();
}

TEST(OsvRecord, RefusesWhatIsNot) {
    for (const auto& file : fs::directory_iterator(corpus("reject"))) {
        const auto sentence = find_problem([&] { parse_osv_record(test::read_file(file.path())); });
        ASSERT_TRUE(sentence) << file.path();
        EXPECT_TRUE(sentence->starts_with("The record ")) << *sentence;
    }
}

TEST(OsvRecord, ReadsAWholeOne) {
    const OsvRecord record = parse_file("whole.json");
    EXPECT_EQ(record.id, "GHSA-aaaa-bbbb-cccc");
    EXPECT_EQ(render_rfc3339(record.modified), "2026-03-04T05:06:07.123456Z");
    EXPECT_EQ(record.aliases, std::vector<std::string>{"CVE-2026-0001"});
    EXPECT_EQ(record.severity, "critical");
    EXPECT_TRUE(record.cvss_vector.starts_with("CVSS:3.1/"));
    EXPECT_EQ(record.cwes, (std::vector<std::string>{"CWE-79", "CWE-400"}));
    EXPECT_EQ(record.url, "https://upstream.example/advisory");
    ASSERT_EQ(record.affected.size(), 1);
    const OsvAffected& affected = record.affected.front();
    EXPECT_EQ(affected.name, "left-pad");
    const std::vector<EventRange> ranges{
        {{RangeEventKind::introduced, "0"}, {RangeEventKind::fixed, "1.2.3"}},
        {{RangeEventKind::introduced, "2.0.0"}, {RangeEventKind::fixed, "2.0.5"}}};
    EXPECT_EQ(affected.ranges, ranges);
}

TEST(OsvRecord, HeedsTheLastThatIsKnown) {
    const std::vector<EventRange> ranges{
        {{RangeEventKind::introduced, "0"}, {RangeEventKind::last_affected, "1.2.3"}}};
    EXPECT_EQ(parse_file("last_known.json").affected.front().ranges, ranges);
}

TEST(OsvRecord, LeavesOutCommitsAndReleasesOfDistributions) {
    EXPECT_TRUE(parse_file("commits_only.json").affected.empty());
    EXPECT_EQ(parse_file("distribution.json").affected.front().ecosystem, "Debian");
}

}  // namespace
}  // namespace lodestone::packages
