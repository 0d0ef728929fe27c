// Versions in all spellings, in order, and what is none.
#include "formats/pypi/version.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/python_limits.hpp"

namespace lodestone::formats::pypi {
namespace {

std::string normalized(std::string_view text) {
    const auto version = parse_version(text);
    return version ? render_version(*version) : "none";
}

TEST(PythonVersions, HaveOneSpelling) {
    for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
             {"1", "1"},
             {"1.0", "1.0"},
             {" v1.0\t", "1.0"},
             {"V01.002", "1.2"},
             {"1.0-ALPHA_2", "1.0a2"},
             {"1.0.a", "1.0a0"},
             {"1.0-beta.3", "1.0b3"},
             {"1.0c4", "1.0rc4"},
             {"1.0preview5", "1.0rc5"},
             {"1.0_pre", "1.0rc0"},
             {"1.0-1", "1.0.post1"},
             {"1.0.rev7", "1.0.post7"},
             {"1.0r", "1.0.post0"},
             {"1.0-post_2.dev-3", "1.0.post2.dev3"},
             {"1.0dev", "1.0.dev0"},
             {"1.0a-", "1.0a0"},
             {"1.0a--1", "1.0a0.post1"},
             {"7!1.0", "7!1.0"},
             {"0!1.0", "1.0"},
             {"1.0+Ubuntu-1_007", "1.0+ubuntu.1.7"},
             {"1.0+abc007", "1.0+abc007"},
             {"2026.11.30", "2026.11.30"},
             {"99999999999999999999999.1", "99999999999999999999999.1"}})
        EXPECT_EQ(normalized(text), expected) << text;
}

TEST(PythonVersions, AreNotMadeOfAnything) {
    for (const char* text : {"",
                             " ",
                             "v",
                             "a1",
                             "1.",
                             "1..0",
                             ".1",
                             "1!",
                             "!1",
                             "1!2!3",
                             "1.0+",
                             "1.0++a",
                             "1.0+a_",
                             "1.0+a..b",
                             "1.0 1",
                             "1.0alph",
                             "1.0.post1.post2",
                             "1.0x",
                             "1,0",
                             "1.0-",
                             "1.0-x",
                             "latest",
                             "1.0\xc2\xb2",
                             "1.0.dev1.dev2"})
        EXPECT_FALSE(parse_version(text)) << text;
    EXPECT_FALSE(parse_version(std::string(201, '1')));
}

TEST(PythonVersions, StandInOrder) {
    const std::vector<std::string> ordered{"1.0.dev1",
                                           "1.0a1.dev1",
                                           "1.0a1",
                                           "1.0a1.post1",
                                           "1.0a2",
                                           "1.0b1",
                                           "1.0rc1",
                                           "1.0rc2",
                                           "1.0",
                                           "1.0+abc",
                                           "1.0+abc.5",
                                           "1.0+abc.10",
                                           "1.0+5",
                                           "1.0+5.1",
                                           "1.0.post1.dev1",
                                           "1.0.post1",
                                           "1.0.1",
                                           "1.1",
                                           "1.10",
                                           "2.0",
                                           "20261130",
                                           "99999999999999999999999",
                                           "1!0.1"};
    for (std::size_t i = 0; i < ordered.size(); ++i)
        for (std::size_t j = 0; j < ordered.size(); ++j)
            EXPECT_EQ(compare_versions(*parse_version(ordered[i]), *parse_version(ordered[j])), i <=> j)
                << ordered[i] << " " << ordered[j];
}

TEST(PythonVersions, ThatAreEqualHaveOneKey) {
    for (const char* text : {"1", "1.0", "1.0.0", "v1.0.0", " 01.0 "})
        EXPECT_EQ(fold_version_text(text), "1");
    EXPECT_EQ(fold_version_text("1.0.0-ALPHA1"), "1a1");
    EXPECT_EQ(fold_version_text("0.0"), "0");
    EXPECT_EQ(fold_version_text("1!1.0+A-1"), "1!1+a.1");
    EXPECT_EQ(fold_version_text(" No Version "), "no version");
    EXPECT_EQ(fold_version_text(""), "");
}

// Otherwise what is written out would be no version, and have another key.
TEST(PythonVersions, AreNotTooLongWhenWrittenOut) {
    const std::string digits(limits::python_version_bytes - 1, '1');
    EXPECT_TRUE(parse_version(digits.substr(1) + "a1"));
    EXPECT_FALSE(parse_version(digits + "a")) << "is short for a0";
}

TEST(PythonVersions, AreAskedForBySpecifiers) {
    for (const char* text :
         {"", " ", ">=3.8", ">= 3.8, <4", "==3.*", "!=3.9.*,>=3", "~=3.8", "===anything", ">3", ">=3.8,"})
        EXPECT_TRUE(is_specifier_set(text)) << text;
    for (const char* text : {"3.8", ">=", ">=x", ">=3.*", "=3", "> =3", "==="})
        EXPECT_FALSE(is_specifier_set(text)) << text;
    std::string many;
    for (int i = 0; i < 51; ++i) many += ">1,";
    EXPECT_FALSE(is_specifier_set(many));
    EXPECT_FALSE(is_specifier_set(std::string(1025, ' ')));
}

}  // namespace
}  // namespace lodestone::formats::pypi
