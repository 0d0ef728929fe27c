// Imports on every database: again, in any order, withdrawn, broken, from a zip; and what is found
// afterwards.
#include "packages/import_advisories.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include "base/advisory_limits.hpp"
#include "base/problem.hpp"
#include "base/time_text.hpp"
#include "packages/find_advisories.hpp"
#include "support/databases.hpp"
#include "support/made_archives.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::optional<std::strong_ordering> compare_texts(std::string_view one, std::string_view other) {
    return one <=> other;
}

std::string in_lower_case(std::string_view name) {
    std::string lower;
    for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return lower;
}

const Ecosystem shelves{.name = "Shelves", .compare_versions = compare_texts};

std::string record_of(const std::string& id, const std::string& day, const std::string& package,
                      const std::string& more = {}) {
    return R"({"id":")" + id + R"(","modified":"2026-01-)" + day + R"(T00:00:00Z","summary":"About )" +
           package + R"(","affected":[{"package":{"ecosystem":"Shelves","name":")" + package +
           R"("},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"2"},{"fixed":"4"}]}],"versions":["9"]}])" +
           more + "}\n";
}

class AdvisoryImports : public test::OnEveryDatabase {
  protected:
    AdvisoryImports() {
        shelf_.name = "shelf";
        shelf_.fold_name = in_lower_case;
        shelf_.advisories = &shelves;
    }
    ImportingNow importing() {
        return {.database = database(),
                .clock = clock(),
                .unit = {.actor = "ann"},
                .formats = formats_,
                .id = "import-" + std::to_string(++imports_),
                .tell = {}};
    }
    AdvisoryImport import(std::string text) {
        std::string_view rest = text;
        report_ = import_advisories_now(importing(), [&] { return std::exchange(rest, {}); });
        return report_.counts;
    }
    // "ID: 2 3": which of the versions 1 to 9 each advisory about the package is about.
    std::vector<std::string> find(const std::string& package) {
        AskedPackage asked{.name = package, .versions = {}};
        for (int i = 1; i <= 9; ++i) asked.versions.push_back(std::to_string(i));
        std::vector<std::string> found;
        for (const AdvisoryHit& hit : read([&](Tx& tx) {
                 return find_advisories(tx, shelf_, std::span(&asked, 1), AdvisoryText::whole);
             })) {
            std::string line = hit.advisory.id + ":";
            for (const std::string& version : hit.versions) line += " " + version;
            found.push_back(line);
        }
        return found;
    }

    Format shelf_;
    const Format* served_[1] = {&shelf_};
    Formats formats_{served_};
    ImportReport report_;
    int imports_ = 0;
};
INSTANTIATE_ON_EVERY_DATABASE(AdvisoryImports);

TEST_P(AdvisoryImports, FindsWhatWasImported) {
    const AdvisoryImport counts = import(record_of("A-1", "02", "Tool") + record_of("A-2", "02", "tool") +
                                         record_of("A-3", "02", "other"));
    EXPECT_EQ(counts.records, 3);
    EXPECT_EQ(counts.added, 3);
    EXPECT_THAT(find("TOOL"), ElementsAre("A-1: 2 3 9", "A-2: 2 3 9"));
    EXPECT_THAT(find("nothing"), ElementsAre());
    const auto counted = read([](Tx& tx) { return count_advisories(tx); });
    ASSERT_EQ(counted.size(), 1);
    EXPECT_EQ(counted[0].ecosystem, "Shelves");
    EXPECT_EQ(counted[0].advisories, 3);
    EXPECT_EQ(counted[0].packages, 2);
}

TEST_P(AdvisoryImports, TheNewestCopyCounts) {
    EXPECT_EQ(import(record_of("A-1", "02", "tool")).added, 1);
    EXPECT_EQ(import(record_of("A-1", "02", "tool")).unchanged, 1);
    EXPECT_EQ(import(record_of("A-1", "03", "other")).replaced, 1);
    EXPECT_EQ(import(record_of("A-1", "01", "tool")).unchanged, 1) << "older than what is there";
    EXPECT_THAT(find("tool"), ElementsAre());
    EXPECT_THAT(find("other"), ElementsAre("A-1: 2 3 9"));
    const AdvisoryImport twice = import(record_of("A-2", "04", "new") + record_of("A-2", "03", "old"));
    EXPECT_EQ(twice.added, 1);
    EXPECT_EQ(twice.unchanged, 1);
    EXPECT_THAT(find("new"), ElementsAre("A-2: 2 3 9"));
}

TEST_P(AdvisoryImports, WhatIsWithdrawnGoesAndStaysAway) {
    import(record_of("A-1", "02", "tool"));
    const AdvisoryImport gone =
        import(record_of("A-1", "03", "tool", R"(,"withdrawn":"2026-01-03T00:00:00Z")"));
    EXPECT_EQ(gone.withdrawn, 1);
    EXPECT_THAT(find("tool"), ElementsAre());
    EXPECT_EQ(run_sql("SELECT summary FROM advisories WHERE id = 'A-1'"), "");
    EXPECT_EQ(import(record_of("A-1", "02", "tool")).unchanged, 1);
    EXPECT_THAT(find("tool"), ElementsAre());
    EXPECT_EQ(import(record_of("A-1", "04", "tool")).replaced, 1) << "it may be taken back";
    EXPECT_THAT(find("tool"), ElementsAre("A-1: 2 3 9"));
}

TEST_P(AdvisoryImports, NamesWhatIsBrokenAndTakesTheRest) {
    const AdvisoryImport counts = import(record_of("A-1", "02", "tool") + "{\"id\":\"A-2\"}\n{\"id\":\n" +
                                         record_of("A-3", "02", "tool"));
    EXPECT_EQ(counts.records, 3);
    EXPECT_EQ(counts.broken, 2);
    EXPECT_EQ(counts.added, 1) << "the line that was cut off takes what follows its colon along";
    ASSERT_EQ(report_.faults.size(), 2);
    EXPECT_EQ(report_.faults[0], "record 2: The record does not say when it was modified.");
    EXPECT_THAT(report_.faults[1], HasSubstr("record 3: "));
}

TEST_P(AdvisoryImports, PassesOverWhatIsNotServed) {
    const AdvisoryImport counts = import(
        R"({"id":"B-1","modified":"2026-01-02T00:00:00Z","affected":[{"package":{"ecosystem":"Boxes","name":"x"}}]})");
    EXPECT_EQ(counts.passed_over, 1);
    EXPECT_EQ(run_sql("SELECT count(*) FROM advisories"), "0");
    import(record_of("A-1", "02", "tool"));
    import(R"({"id":"A-1","modified":"2026-01-03T00:00:00Z"})");
    EXPECT_THAT(find("tool"), ElementsAre()) << "it is about the tool no more";
}

TEST_P(AdvisoryImports, ReadsAZipInPlace) {
    const std::string zip =
        test::make_archive(ArchiveFormat::zip, {{"A-1.json", record_of("A-1", "02", "tool"), AE_IFREG, ""},
                                                {"A-2.json", "{\"id\":7}", AE_IFREG, ""},
                                                {"README.md", "Records", AE_IFREG, ""}});
    const ArchiveSource source{.read_at =
                                   [&](std::uint64_t offset, std::span<std::byte> into) {
                                       if (offset >= zip.size()) return std::size_t{0};
                                       const std::size_t size = std::min(into.size(), zip.size() - offset);
                                       std::memcpy(into.data(), zip.data() + offset, size);
                                       return size;
                                   },
                               .size_bytes = zip.size(),
                               .format = ArchiveFormat::zip};
    const ImportReport report = import_archive_now(importing(), source);
    EXPECT_EQ(report.counts.records, 2);
    EXPECT_EQ(report.counts.added, 1);
    EXPECT_THAT(report.faults, ElementsAre("A-2.json: The record has no id of letters, digits and - . _ :."));
    EXPECT_THAT(find("tool"), ElementsAre("A-1: 2 3 9"));
}

TEST_P(AdvisoryImports, ComesInBatches) {
    std::string text;
    for (std::size_t i = 0; i < 3 * limits::advisory_batch_records; ++i)
        text += record_of("A-" + std::to_string(i), "02", "tool" + std::to_string(i % 1'000));
    std::size_t told = 0;
    ImportingNow wanted = importing();
    wanted.tell = [&](const AdvisoryImport&) { ++told; };
    std::string_view rest = text;
    const auto next = [&] {
        const std::string_view piece = rest.substr(0, 64 * limits::kib);
        rest.remove_prefix(piece.size());
        return piece;
    };
    EXPECT_EQ(import_advisories_now(wanted, next).counts.added,
              static_cast<std::int64_t>(3 * limits::advisory_batch_records));
    EXPECT_GT(told, 2);
    std::vector<AskedPackage> asked;
    for (int i = 0; i < 2'500; ++i) asked.push_back({.name = "tool" + std::to_string(i), .versions = {"3"}});
    const auto found = read([&](Tx& tx) { return find_advisories(tx, shelf_, asked, AdvisoryText::brief); });
    EXPECT_EQ(found.size(), 3 * limits::advisory_batch_records);
}

TEST_P(AdvisoryImports, NamesThatFoldAlikeAreOne) {
    import(record_of("A-1", "02", "tool"));
    const std::vector<AskedPackage> asked{{.name = "Tool", .versions = {"2", "1", "2"}},
                                          {.name = "tool", .versions = {"2", "9"}}};
    const auto hits = read([&](Tx& tx) { return find_advisories(tx, shelf_, asked, AdvisoryText::brief); });
    ASSERT_EQ(hits.size(), 1);
    EXPECT_EQ(hits[0].name, "Tool");
    EXPECT_THAT(hits[0].versions, ElementsAre("2", "9"));
}

TEST_P(AdvisoryImports, AreFoundUpToALimitOverAllNames) {
    std::vector<AskedPackage> asked;
    for (int record = 0; record < 3; ++record) {
        std::string affected;
        for (std::size_t i = 0; i < limits::asked_advisory_names; ++i) {
            const std::string name = "tool" + std::to_string(record) + "-" + std::to_string(i);
            affected += (i == 0 ? "" : ",") +
                        (R"({"package":{"ecosystem":"Shelves","name":")" + name + R"("},"versions":["9"]})");
            asked.push_back({.name = name, .versions = {"9"}});
        }
        import(R"({"id":"A-)" + std::to_string(record) +
               R"(","modified":"2026-01-02T00:00:00Z","affected":[)" + affected + "]}");
    }
    const auto find_all = [&](std::span<const AskedPackage> some) {
        return read([&](Tx& tx) { return find_advisories(tx, shelf_, some, AdvisoryText::brief); }).size();
    };
    EXPECT_EQ(find_all(std::span(asked).first(limits::found_advisories)),
              static_cast<std::size_t>(limits::found_advisories));
    EXPECT_TRUE(find_problem([&] { find_all(asked); }));
}

TEST_P(AdvisoryImports, AreComparedUpToALimit) {
    AskedPackage asked{.name = "tool", .versions = {}};
    for (int i = 0; i < 2'000; ++i) asked.versions.push_back("x" + std::to_string(i));
    const auto match = [&](const EventRange& range, std::size_t count) {
        const FoundAdvisory one{
            .name_key = "tool",
            .id = "A-1",
            .affected = render_affected({.ranges = std::vector<EventRange>(count, range)})};
        return match_advisories(shelf_, std::span(&asked, 1), std::vector<FoundAdvisory>(11, one)).size();
    };
    const EventRange none{{RangeEventKind::introduced, "y"}};
    const EventRange all{{RangeEventKind::introduced, "0"}};
    EXPECT_EQ(match(none, 1), 0);
    EXPECT_TRUE(find_problem([&] { match(none, 50); })) << "11 x 50 x 2,000 comparisons";
    EXPECT_TRUE(find_problem([&] { match(all, 1); })) << "11 x 2,000 versions";
    asked.versions.resize(1'000);
    EXPECT_EQ(match(all, 1), 11);
    EXPECT_EQ(match(none, 50), 0);
    for (std::string& version : asked.versions) version.resize(limits::advisory_version_bytes, 'x');
    EXPECT_TRUE(find_problem([&] { match(none, 50); })) << "long ones take as long as several";
}

// Whoever ends it, also the machine: what was stored by then can be seen.
TEST_P(AdvisoryImports, AreRecordedWithTheFirstBatchThatStoresSomething) {
    std::vector<std::string> recorded;
    database().keep_records([&](Tx&, std::vector<db::Change> changes) {
        for (const db::Change& one : changes) recorded.push_back(one.subject + " " + one.details);
    });
    std::string text;
    for (std::size_t i = 0; i < limits::advisory_batch_records; ++i)
        text += record_of("A-" + std::to_string(i), "02", "tool");
    std::string more = text;
    for (std::size_t at = more.find("A-"); at != more.npos; at = more.find("A-", at + 1)) more[at] = 'B';
    std::vector<std::string> pieces{text, more};
    const auto break_off = [&]() -> std::string_view {
        if (pieces.empty()) throw Problem(problems::invalid_input, "It is broken off.");
        text = pieces.front();
        pieces.erase(pieces.begin());
        return text;
    };
    EXPECT_THROW(import_advisories_now(importing(), break_off), Problem);
    const auto imports = read([](Tx& tx) { return list_advisory_imports(tx, 10); });
    ASSERT_EQ(imports.size(), 1);
    EXPECT_EQ(imports[0].added, static_cast<std::int64_t>(2 * limits::advisory_batch_records));
    ASSERT_EQ(recorded.size(), 1);
    EXPECT_THAT(recorded[0], HasSubstr("import-1 {\"records\":500,\"added\":500,"));
    EXPECT_THAT(recorded[0], HasSubstr("\"done\":false}"));
    import(record_of("A-1", "03", "tool"));
    ASSERT_EQ(recorded.size(), 2) << "a small one is recorded once";
    EXPECT_THAT(recorded[1], HasSubstr("\"done\":true}"));
}

TEST_P(AdvisoryImports, NothingIsOfTheFuture) {
    const auto record = [&](std::chrono::seconds ahead) {
        return R"({"id":"A-1","modified":")" + render_rfc3339(clock().now() + ahead) +
               R"(","affected":[{"package":{"ecosystem":"Shelves","name":"tool"}}]})";
    };
    EXPECT_EQ(import(record(std::chrono::hours(25))).broken, 1);
    ASSERT_EQ(report_.faults.size(), 1);
    EXPECT_THAT(report_.faults[0], HasSubstr("more than a day from now"));
    EXPECT_EQ(import(record(std::chrono::hours(23))).added, 1) << "clocks differ";
}

TEST_P(AdvisoryImports, AreRecorded) {
    import(record_of("A-1", "02", "tool"));
    import("");
    const auto imports = read([](Tx& tx) { return list_advisory_imports(tx, 10); });
    ASSERT_EQ(imports.size(), 2);
    EXPECT_EQ(imports[0].id, "import-2") << "the newest first";
    EXPECT_EQ(imports[1].imported_by, "ann");
    EXPECT_EQ(imports[1].added, 1);
}

}  // namespace
}  // namespace lodestone::packages
