// What is told of files and versions is bounded, and says nothing twice.
#include "formats/pypi/entry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/package_limits.hpp"
#include "base/python_limits.hpp"
#include "base/strict_json.hpp"

namespace lodestone::formats::pypi {
namespace {

CoreMetadata metadata_with(std::string_view field, std::size_t count, const std::string& text) {
    CoreMetadata metadata = parse_metadata("Metadata-Version: 2.1\nName: six\nVersion: 1.0\n");
    for (std::size_t i = 0; i < count; ++i)
        metadata.fields.emplace_back(field, std::to_string(i % 100) + ", " + text);
    return metadata;
}

TEST(PythonFacts, AreBoundedAllTogether) {
    CoreMetadata metadata = metadata_with("requires-dist", 400, std::string(900, '"'));
    metadata.fields.emplace_back("classifier", "A");
    const std::string facts = render_facts(metadata);
    EXPECT_LE(facts.size(), limits::python_facts_bytes);
    EXPECT_GT(facts.size(), limits::python_facts_bytes / 2);
    EXPECT_TRUE(parse_strict_json(facts, facts.size()).object);
    EXPECT_THAT(render_facts(metadata_with("classifier", 2, "A")),
                ::testing::HasSubstr(R"("classifiers":["0, A","1, A"])"));
}

TEST(PythonInfo, SaysNoLinkTwice) {
    const std::string info =
        '{' + render_info(metadata_with("project-url", 19'000, "https://six.example")) + '}';
    const StrictJson document = parse_strict_json(info, info.size());
    ASSERT_TRUE(document.object);
    EXPECT_EQ(document.object->at("project_urls").get_object().size(), 100U);
}

}  // namespace
}  // namespace lodestone::formats::pypi
