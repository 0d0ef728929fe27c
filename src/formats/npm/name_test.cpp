// Names, tags and files, as they are and as they must not be.
#include "formats/npm/name.hpp"

#include <gtest/gtest.h>

#include "formats/npm/range.hpp"

namespace lodestone::formats::npm {
namespace {

TEST(NpmName, IsWhatAddressesCanHold) {
    for (const char* name : {"left-pad", "JSONStream", "a", "@acme/left-pad", "@a.b/_private", "lodash.get",
                             "a~b", "7zip", "@1/2"})
        EXPECT_TRUE(is_package_name(name)) << name;
    EXPECT_TRUE(is_package_name(std::string(214, 'a')));
    for (const char* name :
         {"", ".hidden", "_private", "a b", "a/b", "@acme", "@acme/", "@/a", "@acme/a/b", "@.acme/a",
          "@acme/.a", "node_modules", "favicon.ico", "-", "ä", "a%2fb", "@a@b/c"})
        EXPECT_FALSE(is_package_name(name)) << name;
    EXPECT_FALSE(is_package_name(std::string(215, 'a')));
}

TEST(NpmName, HasItsScopeBeforeIt) {
    EXPECT_EQ(without_scope("@acme/left-pad"), "left-pad");
    EXPECT_EQ(without_scope("left-pad"), "left-pad");
    EXPECT_EQ(scope_of("@acme/left-pad"), "@acme");
    EXPECT_EQ(scope_of("left-pad"), "");
}

TEST(NpmName, IsOneWhateverVersionStandsBehindIt) {
    EXPECT_EQ(fold_name("left-pad@1.0.0"), "left-pad");
    EXPECT_EQ(fold_name("@acme/left-pad@1.0.0"), "@acme/left-pad");
    for (const char* name : {"", "@", "@acme/left-pad", "JSONStream"}) EXPECT_EQ(fold_name(name), name);
}

TEST(NpmName, OfATarballHasNoScope) {
    EXPECT_EQ(tarball_name("@acme/left-pad", "1.0.0-beta.1"), "left-pad-1.0.0-beta.1.tgz");
    EXPECT_EQ(version_of_file("@acme/left-pad", "left-pad-1.0.0.tgz"), "1.0.0");
    EXPECT_EQ(version_of_file("@acme/left-pad", "@acme/left-pad-1.0.0.tgz"), "1.0.0");
    EXPECT_EQ(version_of_file("left-pad", "left-pad-1.0.0.sigstore", ".sigstore"), "1.0.0");
    for (const char* file :
         {"left-pad-1.0.0.zip", "left-pad.tgz", "left-pad-.tgz", "pad-1.0.0.tgz", ".tgz", ""})
        EXPECT_FALSE(version_of_file("left-pad", file)) << file;
}

TEST(NpmName, OfATagIsNoRange) {
    for (const char* tag : {"latest", "next", "beta-1", "v1-lts", "release-1.x", "a"})
        EXPECT_TRUE(is_tag_name(tag)) << tag;
    for (const char* tag : {"", "1", "1.0.0", "v1", "=1.0", "x", "*", "1.x", "~1", "a b", "a/b", ".a",
                            "1.2.3beta", "01.2.3", "1.2.3-01", "1.2.3-", "v1.2.3beta", "00"})
        EXPECT_FALSE(is_tag_name(tag)) << tag;
}

TEST(NpmRange, IsRecognised) {
    for (const char* range : {"",
                              " ",
                              "*",
                              "x",
                              "1",
                              "1.2",
                              "1.2.3",
                              "v1.2.3",
                              "=1.2.3",
                              "= 1.2.3",
                              ">=1.2.3 <2",
                              ">= 1.2.3",
                              "^1.2.3-beta.1",
                              "~> 1.2",
                              "1.2.3 - 2.3.4",
                              "1.2 || >3",
                              "1.x.X",
                              "||",
                              "1.0.0+build",
                              "01.2.3",
                              "1.2.3-",
                              "1.2.3-01",
                              "v1.2.3beta.0",
                              "1.2.xbeta",
                              "00",
                              "<1.0.0-0"})
        EXPECT_TRUE(is_range(range)) << range;
    for (const char* range : {"latest", "1.2.3.4", "1.", "1.2.3+", "1.2.3-a.", "1.2.3 -", ">", "a1", "1a",
                              "1.2.3-beta..1", "1 || next", "9007199254740992"})
        EXPECT_FALSE(is_range(range)) << range;
}

// However it is built up, it is read once.
TEST(NpmRange, IsReadInOnePass) {
    EXPECT_FALSE(is_range(std::string(100'000, ' ') + "a"));
    EXPECT_FALSE(is_range(std::string(100'000, 'v') + "a"));
    EXPECT_FALSE(is_range(std::string(100'000, '1')));
}

}  // namespace
}  // namespace lodestone::formats::npm
