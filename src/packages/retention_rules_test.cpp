// Rules of retention, each by itself and together, with a reason for whatever they say.
#include "packages/retention_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "packages/download.hpp"

namespace lodestone::packages {
namespace {

constexpr Time now{std::chrono::days(20'000)};

// Versions "1" … of which "1" is the newest, one published each day.
JudgedPackage make_package(int versions) {
    JudgedPackage package{.name = "tool"};
    for (int i = 1; i <= versions; ++i) {
        const std::string name = std::to_string(i);
        package.versions.push_back({.id = VersionId::trusted("v" + name),
                                    .name = name,
                                    .name_key = name,
                                    .published_at = now - std::chrono::days(i),
                                    .last_download = {}});
    }
    return package;
}

// What goes, by name.
std::string list_going(const RepositoryRetention& rules, const JudgedPackage& package) {
    std::string going;
    for (const Verdict& verdict : judge_versions(rules, package, now)) {
        EXPECT_FALSE(verdict.reason.empty()) << verdict.version.name;
        if (!verdict.stays) going += (going.empty() ? "" : " ") + verdict.version.name;
    }
    return going;
}

std::string reason_of(const RepositoryRetention& rules, const JudgedPackage& package,
                      const std::string& version) {
    for (const Verdict& verdict : judge_versions(rules, package, now))
        if (verdict.version.name == version) return verdict.reason;
    return {};
}

Bond bond(const std::string& from, const std::string& to, bool is_companion) {
    return {.from = VersionId::trusted("v" + from),
            .from_name = from,
            .to_key = to,
            .is_companion = is_companion};
}

TEST(Retention, WithoutRulesEverythingStays) {
    EXPECT_EQ(list_going({}, make_package(3)), "");
    EXPECT_EQ(list_going({.keep_names = {"x"}}, make_package(3)), "") << "a rule that only keeps";
    EXPECT_EQ(reason_of({}, make_package(1), "1"), "no rule lets a version go");
    EXPECT_TRUE(judge_versions({.keep_last = 1}, {}, now).empty());
}

TEST(Retention, KeepsTheLast) {
    EXPECT_EQ(list_going({.keep_last = 2}, make_package(4)), "3 4");
    EXPECT_EQ(list_going({.keep_last = 4}, make_package(4)), "");
    EXPECT_EQ(list_going({.keep_last = 0}, make_package(2)), "1 2");
    JudgedPackage part = make_package(2);
    part.newer = 1;
    EXPECT_EQ(list_going({.keep_last = 2}, part), "2") << "there is a newer one that is not looked at";
    EXPECT_EQ(reason_of({.keep_last = 2}, part, "1"), "among the last 2");
    EXPECT_EQ(reason_of({.keep_last = 2}, part, "2"),
              "not among the last 2, not tagged (number 3 from the newest)");
}

TEST(Retention, KeepsTheYoung) {
    EXPECT_EQ(list_going({.keep_days = 2}, make_package(3)), "2 3") << "two days old is two days old";
    EXPECT_EQ(list_going({.keep_days = 0}, make_package(1)), "1");
    EXPECT_EQ(reason_of({.keep_days = 2}, make_package(3), "3"),
              "published 3 days ago, not tagged (number 3 from the newest)");
    EXPECT_EQ(reason_of({.keep_days = 2}, make_package(3), "1"), "published within 2 days");
}

TEST(Retention, KeepsWhatIsTaggedFetchedOrNamedSo) {
    JudgedPackage package = make_package(4);
    package.tags[VersionId::trusted("v2")] = "stable";
    package.versions[2].last_download = day_of(now) - 7;
    package.versions[3].name = "release-4";
    RepositoryRetention rules{.keep_last = 0, .keep_downloaded_days = 7, .keep_names = {"rel*"}};
    EXPECT_EQ(list_going(rules, package), "1");
    EXPECT_EQ(reason_of(rules, package, "2"), "tagged stable");
    EXPECT_EQ(reason_of(rules, package, "3"), "fetched on 2024-09-27, within 7 days");
    EXPECT_EQ(reason_of(rules, package, "release-4"), "its name is like rel*");
    EXPECT_EQ(reason_of(rules, package, "1"),
              "not among the last 0, never fetched, not tagged (number 1 from the newest)");
    rules.keep_tagged = false;
    rules.keep_downloaded_days = 6;
    EXPECT_EQ(list_going(rules, package), "1 2 3");
    EXPECT_EQ(reason_of(rules, package, "3"),
              "not among the last 0, last fetched on 2024-09-27 (number 3 from the newest)");
    rules.packages = {"other*"};
    EXPECT_EQ(list_going(rules, package), "");
    EXPECT_EQ(reason_of(rules, package, "1"), "no rule is about this package");
}

TEST(Retention, KeepsWhatThoseThatStayNeed) {
    JudgedPackage package = make_package(5);
    // The newest is an index of 3 and of the index 4, which has 5.
    package.bonds = {bond("4", "5", false), bond("1", "3", false), bond("1", "4", false)};
    EXPECT_EQ(list_going({.keep_last = 1}, package), "2");
    EXPECT_EQ(reason_of({.keep_last = 1}, package, "5"), "needed by 4");
    package.bonds = {bond("2", "3", false)};
    EXPECT_EQ(list_going({.keep_last = 1}, package), "2 3 4 5") << "what goes needs nothing";
    package.bonds = {bond("1", "none", false)};
    EXPECT_EQ(list_going({.keep_last = 4}, package), "5");
    package.bonds = {bond("newer", "5", false)};
    EXPECT_EQ(list_going({.keep_last = 4}, package), "") << "of what is not looked at everything stays";
}

TEST(Retention, CompanionsStayAndGoTogether) {
    JudgedPackage package = make_package(4);
    package.bonds = {bond("2", "1", true), bond("3", "4", true)};
    EXPECT_EQ(list_going({.keep_last = 1}, package), "3 4") << "a signature stays with its image";
    EXPECT_EQ(reason_of({.keep_last = 1}, package, "2"), "stays with 1");
    package.tags[VersionId::trusted("v3")] = "x";
    EXPECT_EQ(list_going({.keep_last = 1}, package), "") << "no image goes from under its signature";
    EXPECT_EQ(reason_of({.keep_last = 1}, package, "4"), "needed by 3");
    package.tags.clear();
    package.bonds = {bond("2", "gone", true)};
    EXPECT_EQ(list_going({.keep_last = 1}, package), "2 3 4") << "its image has gone already";
    package.newer = 1;
    EXPECT_EQ(list_going({.keep_last = 1}, package), "1 3 4") << "or is not looked at";
}

// Signatures of signatures, as somebody might push them, in the order in which each look at all of them would
// find only one more that stays: that would be 10¹⁰ looks.
TEST(Retention, ChainsAreFollowedToTheirEndAndSoon) {
    constexpr int length = 100'000;
    JudgedPackage package = make_package(length);
    for (int i = length - 1; i >= 1; --i)
        package.bonds.push_back(bond(std::to_string(i + 1), std::to_string(i), true));
    EXPECT_EQ(list_going({.keep_last = 1}, package), "");
    EXPECT_EQ(reason_of({.keep_last = 1}, package, std::to_string(length)),
              "stays with " + std::to_string(length - 1));
    for (Bond& one : package.bonds) one.is_companion = false;
    package.tags[VersionId::trusted("v" + std::to_string(length))] = "first";
    EXPECT_EQ(list_going({.keep_last = 0}, package), "");
}

TEST(Retention, GlobsMatch) {
    const auto is_match = [](const char* text, const char* pattern) { return is_glob_match(text, pattern); };
    EXPECT_TRUE(is_match("", "") && is_match("", "*") && is_match("abc", "abc") && is_match("abc", "*"));
    EXPECT_TRUE(is_match("abc", "a*") && is_match("abc", "*c") && is_match("abc", "a?c") &&
                is_match("abcbc", "a*bc") && is_match("v1.2-rc.1", "v*-rc.*"));
    EXPECT_FALSE(is_match("abc", "") || is_match("abc", "ab") || is_match("abc", "abcd") ||
                 is_match("abc", "?") || is_match("", "?") || is_match("abc", "*d") ||
                 is_match("ABC", "abc"));
    EXPECT_FALSE(is_glob_match(std::string(5'000, 'a'), std::string(100, '*') + "a*a*a*a*b")) << "and soon";
}

}  // namespace
}  // namespace lodestone::packages
