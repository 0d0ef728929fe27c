// Metadata as tools write it, and as they must not.
#include "formats/pypi/metadata.hpp"

#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "base/python_limits.hpp"
#include "support/python_corpus.hpp"

namespace lodestone::formats::pypi {
namespace {

const std::string least = "Metadata-Version: 2.1\nName: six\nVersion: 1.0\n";

CoreMetadata parse_file(const std::string& name) {
    return parse_metadata(test::read_file(test::source_path("src/formats/pypi/testdata/accept") / name));
}

TEST(PythonMetadata, TakesAllThatIsToBeTaken) {
    EXPECT_GE(test::walk_corpus("accept", ".metadata",
                                [](const std::string& name, const std::string& text) {
                                    EXPECT_NO_THROW(parse_metadata(text)) << name;
                                }),
              8);
}

TEST(PythonMetadata, RefusesAllThatIsToBeRefused) {
    EXPECT_GE(test::walk_corpus("reject", ".metadata",
                                [](const std::string& name, const std::string& text) {
                                    const auto sentence = find_problem([&] { parse_metadata(text); });
                                    EXPECT_TRUE(sentence && sentence->starts_with("The metadata ")) << name;
                                }),
              22);
}

TEST(PythonMetadata, SaysWhatItIsOf) {
    const CoreMetadata metadata = parse_file("full.metadata");
    EXPECT_EQ(metadata.project, "Friendly.Bard");
    EXPECT_EQ(render_version(metadata.version), "1.0rc1");
    EXPECT_EQ(metadata.find("summary"), "Sings");
    EXPECT_EQ(metadata.find("requires-python"), ">=3.8, !=3.9.*");
    EXPECT_EQ(metadata.list("classifier").size(), 2U);
    EXPECT_EQ(metadata.list("requires-dist").front(), "six>=1.0");
    EXPECT_EQ(list_keywords(metadata), (std::vector<std::string>{"song", "verse", "rhyme"}));
    EXPECT_EQ(list_project_urls(metadata).back(),
              (ProjectUrl{.label = "Source Code", .url = "https://bard.example/source"}));
    EXPECT_EQ(metadata.description, "# A bard\n\nSings: *loudly*.\n");
}

TEST(PythonMetadata, OfOldToolsIsReadToo) {
    const CoreMetadata metadata = parse_file("old.metadata");
    EXPECT_EQ(render_version(metadata.version), "1.0.post1");
    EXPECT_EQ(metadata.description, "First\nsecond\nthird");
    EXPECT_EQ(list_keywords(metadata), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(list_project_urls(metadata).front().url, "https://six.example");
}

TEST(PythonMetadata, IsOfWhatWasAnnounced) {
    const CoreMetadata metadata = parse_metadata(least);
    EXPECT_NO_THROW(check_is_of(metadata, "SIX", *parse_version("v1.0.0")));
    EXPECT_EQ(find_problem([&] { check_is_of(metadata, "seven", *parse_version("1.0")); }),
              "The metadata is of the project six, and the upload of seven.");
    EXPECT_EQ(find_problem([&] { check_is_of(metadata, "six", *parse_version("1.1")); }),
              "The metadata is of version 1.0, and the upload of 1.1.");
}

TEST(PythonMetadata, HasLinesThatEndForEverybody) {
    EXPECT_EQ(find_problem([] { parse_metadata(least + "Author: a\rRequires-Dist: b\n"); }),
              "The metadata has a carriage return within a line before its description.");
    EXPECT_EQ(parse_metadata(least + "Author: a\r\n\r\nb\rc").description, "b\rc");
}

TEST(PythonMetadata, HasLimits) {
    EXPECT_EQ(
        find_problem([] { parse_metadata(least + "\n" + std::string(limits::python_metadata_bytes, 'x')); }),
        "The metadata is larger than 1 MiB.");
    std::string many = least;
    for (std::size_t i = 0; i < limits::python_metadata_fields; ++i) many += "A: b\n";
    EXPECT_EQ(find_problem([&] { parse_metadata(many); }), "The metadata has too many fields.");
}

}  // namespace
}  // namespace lodestone::formats::pypi
