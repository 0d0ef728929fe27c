// Ranges as stretches, in an order of numbers: "7" and "12" are versions here, and "x" is none.
#include "packages/advisories/affected.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

namespace lodestone::packages {
namespace {

std::optional<int> number_of(std::string_view text) {
    int number = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<std::strong_ordering> compare(std::string_view one, std::string_view other) {
    const auto left = number_of(one);
    const auto right = number_of(other);
    if (!left || !right) return std::nullopt;
    return *left <=> *right;
}

constexpr RangeEventKind introduced = RangeEventKind::introduced;
constexpr RangeEventKind fixed = RangeEventKind::fixed;
constexpr RangeEventKind last_affected = RangeEventKind::last_affected;
constexpr RangeEventKind limit = RangeEventKind::limit;

// "1-3 7-": the versions from 0 to 20 that are affected.
std::string list_affected(const AffectedVersions& affected) {
    std::string text;
    for (int version = 0; version <= 20; ++version)
        for (const VersionStretch& stretch : list_stretches(affected, compare))
            if (is_within(stretch, std::to_string(version), compare)) {
                text += (text.empty() ? "" : " ") + std::to_string(version);
                break;
            }
    return text;
}

TEST(AffectedVersions, AreWhatTheEventsSay) {
    EXPECT_EQ(list_affected({.ranges = {{{introduced, "0"}, {fixed, "3"}}}}), "0 1 2");
    EXPECT_EQ(list_affected({.ranges = {{{introduced, "2"}, {last_affected, "4"}}}}), "2 3 4");
    EXPECT_EQ(list_affected({.ranges = {{{introduced, "18"}}}}), "18 19 20");
    EXPECT_EQ(list_affected({.ranges = {{{introduced, "17"}, {limit, "19"}}}}), "17 18");
    EXPECT_EQ(list_affected({.ranges = {{{introduced, "1"}, {fixed, "3"}, {introduced, "5"}, {fixed, "6"}}}}),
              "1 2 5");
}

TEST(AffectedVersions, AreInWhateverOrderEventsStand) {
    EXPECT_EQ(
        list_affected({.ranges = {{{fixed, "12"}, {introduced, "7"}, {fixed, "3"}, {introduced, "0"}}}}),
        "0 1 2 7 8 9 10 11");
    EXPECT_EQ(
        list_affected({.ranges = {{{introduced, "0"}, {fixed, "1"}}, {{introduced, "3"}, {fixed, "4"}}}}),
        "0 3");
}

TEST(AffectedVersions, AreMoreWhereAnEventSaysNoVersion) {
    EXPECT_EQ(list_affected({.ranges = {{{introduced, "x"}, {fixed, "2"}}}}), "0 1");
    EXPECT_EQ(list_affected({.ranges = {{{introduced, "19"}, {fixed, "x"}}}}), "19 20");
    EXPECT_EQ(list_affected({.ranges = {{{fixed, "2"}}}}), "");
    EXPECT_FALSE(is_within({}, "x", compare));
}

// "7+3" is 7, built once more: higher than 7, and lower than 8.
std::optional<std::strong_ordering> compare_builds(std::string_view one, std::string_view other) {
    const auto value = [](std::string_view text) {
        const auto plus = std::min(text.find('+'), text.size());
        return 100 * number_of(text.substr(0, plus)).value() +
               (plus == text.size() ? 0 : number_of(text.substr(plus + 1)).value());
    };
    return value(one) <=> value(other);
}

std::optional<std::string> find_plain(std::string_view version) {
    const auto plus = version.find('+');
    if (plus == version.npos) return std::nullopt;
    return std::string(version.substr(0, plus));
}

TEST(AffectedVersions, AreThoseThatWereBuiltOfThemToo) {
    const Ecosystem builds{
        .name = "Builds", .compare_versions = compare_builds, .find_public_version = find_plain};
    const auto last = list_stretches({.ranges = {{{introduced, "2"}, {last_affected, "4"}}}}, compare_builds);
    const auto mended = list_stretches({.ranges = {{{introduced, "2"}, {fixed, "4"}}}}, compare_builds);
    const auto one_build =
        list_stretches({.ranges = {{{introduced, "2"}, {last_affected, "4+1"}}}}, compare_builds);
    ASSERT_EQ(last.size(), 1);
    EXPECT_FALSE(is_within(last[0], "4+1", compare_builds));
    EXPECT_TRUE(is_within(last[0], "4+1", builds));
    EXPECT_TRUE(is_within(last[0], "2+1", builds));
    EXPECT_FALSE(is_within(last[0], "1+1", builds));
    EXPECT_FALSE(is_within(last[0], "5+1", builds));
    EXPECT_FALSE(is_within(mended.at(0), "4+1", builds));
    EXPECT_TRUE(is_within(mended.at(0), "3+1", builds));
    EXPECT_FALSE(is_within(one_build.at(0), "4+2", builds)) << "another build of it may be well";
    const Ecosystem plain{.name = "Plain", .compare_versions = compare_builds};
    EXPECT_FALSE(is_within(last[0], "4+1", plain));
}

TEST(AffectedVersions, SayWhatIsFixedOnceAndInOrder) {
    const AffectedVersions affected{.ranges = {{{introduced, "5"}, {fixed, "12"}},
                                               {{introduced, "0"}, {fixed, "3"}},
                                               {{introduced, "1"}, {fixed, "3"}},
                                               {{introduced, "15"}, {last_affected, "16"}}}};
    EXPECT_EQ(list_fixed(list_stretches(affected, compare), compare), (std::vector<std::string>{"3", "12"}));
}

TEST(AffectedVersions, AreStoredAsTheyAre) {
    const AffectedVersions affected{.ranges = {{{introduced, "0"}, {fixed, "1\"2"}}, {}},
                                    .version_keys = {"1", "2"}};
    EXPECT_EQ(render_affected(affected),
              R"({"ranges":[[{"introduced":"0"},{"fixed":"1\"2"}],[]],"versions":["1","2"]})");
    EXPECT_EQ(parse_affected_versions(render_affected(affected)), affected);
    EXPECT_EQ(parse_affected_versions(render_affected({})), AffectedVersions());
    EXPECT_EQ(parse_affected_versions("nonsense"), AffectedVersions());
}

}  // namespace
}  // namespace lodestone::packages
