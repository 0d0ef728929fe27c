// Manifests as clients send them, and as they must not.
#include "formats/oci/manifest.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/image_limits.hpp"
#include "base/problem.hpp"
#include "support/files.hpp"

namespace lodestone::formats::oci {
namespace {

namespace fs = std::filesystem;

constexpr const char* image_type = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* index_type = "application/vnd.oci.image.index.v1+json";

fs::path corpus(const char* name) {
    return test::source_path("src/formats/oci/testdata") / name;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Manifest parse_file(const char* name) {
    return parse_manifest(read(corpus("accept") / name), "");
}

TEST(OciManifest, TakesAllThatIsToBeTaken) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(corpus("accept"))) {
        EXPECT_NO_THROW(parse_manifest(read(entry.path()), "")) << entry.path();
        ++count;
    }
    EXPECT_GE(count, 14);
}

TEST(OciManifest, RefusesAllThatIsToBeRefused) {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(corpus("reject"))) {
        ++count;
        try {
            parse_manifest(read(entry.path()), "");
            ADD_FAILURE() << entry.path() << " was taken";
        } catch (const Problem& problem) {
            EXPECT_EQ(problem.kind().code, "MANIFEST_INVALID") << entry.path();
            EXPECT_TRUE(problem.detail().starts_with("The manifest ")) << problem.detail();
        }
    }
    EXPECT_GE(count, 48);
}

TEST(OciManifest, OfAnImageNamesItsParts) {
    const Manifest manifest = parse_file("image.json");
    EXPECT_EQ(manifest.kind, Manifest::Kind::image);
    EXPECT_EQ(manifest.media_type, image_type);
    ASSERT_TRUE(manifest.config);
    EXPECT_EQ(render_content_digest(manifest.config->digest), "sha256:" + std::string(64, 'a'));
    ASSERT_EQ(manifest.layers.size(), 1U);
    EXPECT_EQ(manifest.layers[0].size_bytes, 70U);
    EXPECT_FALSE(manifest.layers[0].is_foreign);
    EXPECT_EQ(effective_artifact_type(manifest), "application/vnd.oci.image.config.v1+json");
}

// Clients of images do not know blobs, and pull the layers.
TEST(OciManifest, OfAnImageHasItsLayersAndNoBlobs) {
    const Manifest manifest = parse_file("image_with_names_in_both_cases.json");
    ASSERT_EQ(manifest.layers.size(), 1U);
    EXPECT_EQ(render_content_digest(manifest.layers[0].digest), "sha256:" + std::string(64, 'a'));
    EXPECT_EQ(manifest.annotations.at("config") + manifest.annotations.at("Config"), "ab");
}

TEST(OciManifest, OfAnIndexNamesPlatforms) {
    const Manifest manifest = parse_file("index.json");
    EXPECT_EQ(manifest.kind, Manifest::Kind::index);
    ASSERT_EQ(manifest.manifests.size(), 1U);
    EXPECT_EQ(manifest.manifests[0].platform,
              (Platform{.os = "linux", .architecture = "arm64", .variant = "v8", .os_version = ""}));
    EXPECT_EQ(effective_artifact_type(manifest), "");
}

TEST(OciManifest, KnowsWhatItIsAbout) {
    const Manifest manifest = parse_file("image_with_subject.json");
    ASSERT_TRUE(manifest.subject);
    EXPECT_EQ(effective_artifact_type(manifest), "application/x-signature");
    EXPECT_EQ(manifest.annotations.at("ü"), "é");
}

TEST(OciManifest, KnowsWhichLayersAreKeptElsewhere) {
    const Manifest manifest = parse_file("image_of_docker.json");
    ASSERT_EQ(manifest.layers.size(), 2U);
    EXPECT_FALSE(manifest.layers[0].is_foreign);
    EXPECT_TRUE(manifest.layers[1].is_foreign);
}

TEST(OciManifest, IsWhatTheHeaderSays) {
    const std::string image = read(corpus("accept") / "image.json");
    EXPECT_NO_THROW(parse_manifest(image, image_type));
    EXPECT_NO_THROW(parse_manifest(image, std::string(image_type) + " ; charset=utf-8"));
    EXPECT_THROW(parse_manifest(image, index_type), Problem);
    EXPECT_THROW(parse_manifest(image, "application/json"), Problem);
    const std::string untyped = R"({"schemaVersion":2,"manifests":[]})";
    EXPECT_EQ(parse_manifest(untyped, index_type).kind, Manifest::Kind::index);
    EXPECT_THROW(parse_manifest(untyped, ""), Problem);
    EXPECT_THROW(parse_manifest(untyped, image_type), Problem);
}

TEST(OciManifest, MayBeFourMebibytesLarge) {
    const std::string padding(4 * limits::mib, 'x');
    const std::string large = R"({"schemaVersion":2,"mediaType":")" + std::string(index_type) +
                              R"(","manifests":[],"annotations":{"padding":")" + padding + R"("}})";
    EXPECT_EQ(parse_manifest(large, index_type).annotations.at("padding").size(), padding.size());
    EXPECT_THROW(parse_manifest(std::string(limits::manifest_bytes + 1, ' '), index_type), Problem);
}

TEST(OciManifest, NamesNoMoreThanItsLimit) {
    std::string entries;
    const std::string entry =
        R"({"mediaType":"a","digest":"sha256:)" + std::string(64, 'a') + R"(","size":1},)";
    for (std::size_t count = 0; count <= limits::manifest_descriptors; ++count) entries += entry;
    entries.pop_back();
    const std::string index = R"({"schemaVersion":2,"manifests":[)" + entries + "]}";
    EXPECT_THROW(parse_manifest(index, index_type), Problem);
}

}  // namespace
}  // namespace lodestone::formats::oci
