// Which patterns there are, and what each matches: as tables.
#include "identity/rules/patterns.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/limits.hpp"

namespace lodestone::identity {
namespace {

TEST(Patterns, OfActionsAreOfTheCatalogue) {
    for (const char* pattern : {"*", "user:*", "package:publish"})
        EXPECT_TRUE(is_action_pattern(pattern)) << pattern;
    for (const char* pattern : {"", ":", "user", "user:", ":*", "user:fly", "users:read", "user:re*",
                                "*:read", "**", "us*", "User:read", "user:read ", "user:**"})
        EXPECT_FALSE(is_action_pattern(pattern)) << pattern;
}

TEST(Patterns, OfResourcesHaveOneStarAtTheEnd) {
    for (const char* pattern : {"*", "user:*", "repository:acme-*", "repository:acme-npm",
                                "package:acme/@scope/x*", "package:acme/größe"})
        EXPECT_TRUE(is_resource_pattern(pattern)) << pattern;
    for (const char* pattern : {"", ":", "user", "user:", ":*", "users:x", "user:*a", "user:**", "*:a", "us*",
                                "user:a b", "user:a\nb", "user:\x7f"})
        EXPECT_FALSE(is_resource_pattern(pattern)) << pattern;
    const std::string type = "user:";
    EXPECT_TRUE(is_resource_pattern(type + std::string(limits::pattern_bytes - type.size(), 'x')));
    EXPECT_FALSE(is_resource_pattern(type + std::string(limits::pattern_bytes - type.size() + 1, 'x')));
}

TEST(Patterns, MatchAPrefixOrTheWhole) {
    const struct {
        const char *text, *pattern;
        bool is_match;
    } rows[] = {
        {"repository:acme-npm", "*", true},
        {"repository:acme-npm", "repository:*", true},
        {"repository:acme-npm", "repository:acme-*", true},
        {"repository:acme-npm", "repository:acme-npm*", true},
        {"repository:acme-npm", "repository:acme-npm", true},
        {"repository:acme-npm", "repository:acme", false},
        {"repository:acme-npm", "repository:acme-npm2", false},
        {"repository:acme-npm", "repository:Acme-npm", false},
        {"repository:acme-npm", "package:*", false},
        // All of them together, as for a list, are more than any of them.
        {"repository:*", "repository:*", true},
        {"repository:*", "*", true},
        {"repository:*", "repository:acme-*", false},
        {"repository:*", "repository:acme-npm", false},
        {"user:read", "user:*", true},
        {"user:read", "user:read", true},
        {"user_identity:read", "user:*", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(is_text_in(row.text, row.pattern), row.is_match) << row.text << " in " << row.pattern;
}

TEST(Patterns, OfARepositoryTakeWhatIsInIt) {
    const struct {
        const char *text, *pattern;
        bool is_match;
    } rows[] = {
        {"package:shop/left-pad", "repository:shop", true},
        {"package:shop/left-pad", "repository:sh*", true},
        {"package:shop/left-pad", "repository:shop/*", true},
        {"package:shop/left-pad", "repository:shop/left-*", true},
        {"package:shop/left-pad", "repository:*", true},
        {"package:shop/left-pad", "*", true},
        {"package:shop/left-pad", "package:shop/*", true},
        {"package:shop/@scope/name", "package:shop/@scope/*", true},
        {"package:shop/team/app", "repository:shop", true},
        {"package:shop/left-pad", "repository:shopping", false},
        {"package:shopping/left-pad", "repository:shop", false},
        {"package:shopping/left-pad", "repository:shop/*", false},
        {"package:shop/left-pad", "repository:shop/left", false},
        {"package:shop/left-pad", "repository:left-pad", false},
        {"package:shop/left-pad", "package:shop", false},
        {"package:shop/left-pad", "user:*", false},
        {"repository:shop", "repository:shop/*", false},
        {"repository:shop", "package:shop/*", false},
        {"user:shop/x", "repository:shop", false},
        // All packages of a repository, and all packages.
        {"package:shop/*", "repository:shop", true},
        {"package:shop/*", "package:shop/*", true},
        {"package:shop/*", "package:shop/left-*", false},
        {"package:*", "repository:*", true},
        {"package:*", "repository:shop", false},
        {"package:*", "repository:shop/*", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(is_resource_in(row.text, row.pattern), row.is_match) << row.text << " in " << row.pattern;
}

TEST(Patterns, ReachIntoARepositoryWithoutTakingItWhole) {
    const std::string all = "package:shop/*";
    for (const char* pattern : {"*", "package:*", "package:shop/*", "package:shop/left", "package:shop/left*",
                                "package:sh*", "repository:shop", "repository:shop/left", "repository:s*"})
        EXPECT_TRUE(reaches_into(pattern, all)) << pattern;
    for (const char* pattern : {"package:shop", "package:shopping/*", "repository:shopping", "repository:sh",
                                "repository:shopping/*", "user:*", "package:left"})
        EXPECT_FALSE(reaches_into(pattern, all)) << pattern;
}

TEST(Patterns, OfResourcesKnowWhichIsWider) {
    const char* patterns[] = {"*",
                              "repository:*",
                              "repository:a*",
                              "repository:a",
                              "repository:ab",
                              "repository:a/*",
                              "repository:a/b*",
                              "repository:a/b",
                              "package:*",
                              "package:a*",
                              "package:a/*",
                              "package:a/b*",
                              "package:a/b",
                              "package:ab/b",
                              "user:*",
                              "user:a"};
    const char* texts[] = {"repository:*", "repository:a", "repository:ab", "repository:b", "package:*",
                           "package:a/*",  "package:a/b",  "package:a/bc",  "package:a/c",  "package:ab/b",
                           "package:ab/*", "package:b/a",  "user:*",        "user:a",       "user:b"};
    int wider = 0;
    for (const char* narrow : patterns)
        for (const char* wide : patterns) {
            if (!is_resource_pattern_in(narrow, wide)) continue;
            ++wider;
            for (const char* text : texts)
                EXPECT_TRUE(!is_resource_in(text, narrow) || is_resource_in(text, wide))
                    << text << " in " << narrow << " in " << wide;
        }
    EXPECT_GT(wider, 60);
    EXPECT_TRUE(is_resource_pattern_in("package:a/b*", "repository:a"));
    EXPECT_TRUE(is_resource_pattern_in("repository:a/*", "repository:a"));
    EXPECT_FALSE(is_resource_pattern_in("repository:a", "package:a/*")) << "the repository itself is more";
    EXPECT_FALSE(is_resource_pattern_in("package:a*", "repository:a"));
}

// Whatever text the narrow one matches, the wide one must match; tried on all pairs.
TEST(Patterns, KnowWhichIsWider) {
    const char* patterns[] = {"*", "user:*", "user:a*", "user:ab*", "user:ab", "user:a", "app:*", "app:a"};
    const char* texts[] = {"user:*", "user:a", "user:ab", "user:abc", "user:b", "app:*", "app:a", "app:b"};
    int wider = 0;
    for (const char* narrow : patterns)
        for (const char* wide : patterns) {
            if (!is_pattern_in(narrow, wide)) continue;
            ++wider;
            for (const char* text : texts)
                EXPECT_TRUE(!is_text_in(text, narrow) || is_text_in(text, wide)) << narrow << " in " << wide;
        }
    EXPECT_EQ(wider, 8 + 5 + 4 + 2 + 1 + 1 + 2 + 1) << "how many each takes in";
}

}  // namespace
}  // namespace lodestone::identity
