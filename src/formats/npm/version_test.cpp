// Versions: read, written, compared.
#include "formats/npm/version.hpp"

#include <gtest/gtest.h>

namespace lodestone::formats::npm {
namespace {

TEST(NpmVersion, SaysTheSameAgain) {
    for (const char* text : {"0.0.0", "1.2.3", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-0.3.7",
                             "1.0.0-x-y-z.--", "1.0.0+20130313144700", "1.0.0-beta+exp.sha.5114f85",
                             "1.0.0+0.build.1-rc.10000", "9007199254740991.0.0"}) {
        const auto version = parse_version(text);
        ASSERT_TRUE(version) << text;
        EXPECT_EQ(render_version(*version), text);
    }
}

TEST(NpmVersion, IsStrict) {
    for (const char* text : {"",
                             "1",
                             "1.2",
                             "1.2.3.4",
                             "v1.2.3",
                             " 1.2.3",
                             "1.2.3 ",
                             "01.2.3",
                             "1.02.3",
                             "1.2.03",
                             "1.2.3-",
                             "1.2.3-01",
                             "1.2.3-a..b",
                             "1.2.3+",
                             "1.2.3+a..b",
                             "1.2.3-ä",
                             "a.b.c",
                             "-1.2.3",
                             "1.2.3-a_b",
                             "9007199254740992.0.0",
                             "99999999999999999999.0.0"})
        EXPECT_FALSE(parse_version(text)) << text;
    EXPECT_FALSE(parse_version("1.0.0-" + std::string(300, 'a')));
}

// The example of the specification, with what it leaves out.
TEST(NpmVersion, HasItsPlaceInTheOrder) {
    const char* in_order[] = {"0.9.9",
                              "1.0.0-0",
                              "1.0.0-2",
                              "1.0.0-10",
                              "1.0.0-alpha",
                              "1.0.0-alpha.1",
                              "1.0.0-alpha.beta",
                              "1.0.0-beta",
                              "1.0.0-beta.2",
                              "1.0.0-beta.11",
                              "1.0.0-rc.1",
                              "1.0.0",
                              "1.0.1",
                              "1.1.0",
                              "2.0.0"};
    for (std::size_t i = 0; i < std::size(in_order); ++i)
        for (std::size_t j = 0; j < std::size(in_order); ++j)
            EXPECT_EQ(compare_versions(*parse_version(in_order[i]), *parse_version(in_order[j])), i <=> j)
                << in_order[i] << " " << in_order[j];
    EXPECT_EQ(compare_versions(*parse_version("1.0.0+a"), *parse_version("1.0.0+b")),
              std::strong_ordering::equal);
}

TEST(NpmVersion, IsOneWhateverItsBuild) {
    EXPECT_EQ(fold_version("1.0.0-beta.1+build.5"), "1.0.0-beta.1");
    EXPECT_EQ(fold_version("no version"), "no version");
}

}  // namespace
}  // namespace lodestone::formats::npm
