// What is told of images, charts and artefacts, from what they say themselves.
#include "formats/oci/summary.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace lodestone::formats::oci {
namespace {

using Texts = std::vector<std::string>;

constexpr const char* digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const std::optional<ImageConfig> no_config;

Platform platform(std::string os, std::string architecture, std::string variant = {}) {
    return {.os = std::move(os),
            .architecture = std::move(architecture),
            .variant = std::move(variant),
            .os_version = {}};
}

Descriptor config_of(std::string type) {
    Descriptor made;
    made.media_type = std::move(type);
    made.digest = parse_content_digest(digest).value();
    return made;
}

std::optional<std::string> describe(const Manifest& manifest, const std::optional<ImageConfig>& config) {
    return find_description({.manifest = manifest, .config = config});
}
std::optional<Texts> keywords(const Manifest& manifest, const std::optional<ImageConfig>& config) {
    return find_keywords({.manifest = manifest, .config = config});
}
Texts traits(const Manifest& manifest, const std::optional<ImageConfig>& config) {
    return list_traits({.manifest = manifest, .config = config});
}

TEST(ImageSummary, IsInTheImagesOwnWords) {
    Manifest manifest;
    EXPECT_FALSE(describe(manifest, no_config));
    EXPECT_FALSE(keywords(manifest, no_config));
    std::optional<ImageConfig> config(std::in_place);
    config->labels["org.opencontainers.image.title"] = "Web";
    EXPECT_EQ(describe(manifest, config), "Web") << "the title stands for a description";
    EXPECT_FALSE(keywords(manifest, config));
    config->labels["org.opencontainers.image.description"] = "A label";
    EXPECT_EQ(describe(manifest, config), "A label");
    EXPECT_EQ(keywords(manifest, config), Texts{"Web"});
    manifest.annotations["org.opencontainers.image.description"] = std::string("\nAn\0annotation\n", 15);
    EXPECT_EQ(describe(manifest, config), "An annotation");
    manifest.annotations["org.opencontainers.image.description"] = " ";
    EXPECT_EQ(describe(manifest, config), "A label") << "an empty one says nothing";
    config->labels["io.openshift.tags"] = "shop, http ,,shop";
    manifest.annotations["io.artifacthub.package.keywords"] = "Payment";
    EXPECT_EQ(keywords(manifest, config), (Texts{"Web", "Payment", "shop", "http"}));
    std::string sentence;
    while (sentence.size() <= limits::description_bytes) sentence += "\u20ac";
    manifest.annotations["org.opencontainers.image.description"] = sentence;
    EXPECT_EQ(describe(manifest, config)->size(), limits::description_bytes / 3 * 3);
}

TEST(ImageSummary, ReadsCharts) {
    Manifest manifest;
    manifest.config = config_of("application/vnd.cncf.helm.config.v1+json");
    EXPECT_TRUE(is_readable_config(manifest.config->media_type));
    const auto chart = parse_image_config(
        R"({"name":"shop","description":"Sells","keywords":["store",7,"till"],"version":"1.0.0"})");
    ASSERT_TRUE(chart);
    EXPECT_EQ(describe(manifest, chart), "Sells");
    EXPECT_EQ(keywords(manifest, chart), (Texts{"store", "till"}));
    EXPECT_EQ(traits(manifest, chart), Texts{"application/vnd.cncf.helm.config.v1+json"});
}

TEST(ImageSummary, TellsPlatformsAndTypes) {
    Manifest image;
    image.config = config_of("application/vnd.oci.image.config.v1+json");
    std::optional<ImageConfig> config(std::in_place);
    EXPECT_EQ(traits(image, config), Texts{}) << "that it is an image says nothing";
    config->platform = platform("linux", "arm64", "v8");
    EXPECT_EQ(traits(image, config), Texts{"linux/arm64/v8"});
    Manifest index;
    index.kind = Manifest::Kind::index;
    for (const Platform& one : {platform("linux", "amd64"), platform("linux", "arm64"),
                                platform("linux", "amd64"), platform("unknown", "unknown"), Platform{}})
        index.manifests.emplace_back().platform = one;
    index.manifests.emplace_back();
    EXPECT_EQ(traits(index, no_config), (Texts{"linux/amd64", "linux/arm64"}));
    Manifest policy;
    policy.config = config_of("application/vnd.oci.empty.v1+json");
    EXPECT_EQ(traits(policy, no_config), Texts{});
    policy.artifact_type = "application/vnd.example.policy";
    EXPECT_EQ(traits(policy, no_config), Texts{"application/vnd.example.policy"});
}

TEST(ImageSummary, KnowsWhatIsAboutAnother) {
    Manifest manifest;
    std::string fallback = digest;
    fallback[6] = '-';
    EXPECT_FALSE(is_about_another(manifest, Texts{"latest"}));
    EXPECT_TRUE(is_about_another(manifest, Texts{"latest", fallback}));
    manifest.subject = config_of("x");
    EXPECT_TRUE(is_about_another(manifest, {}));
}

}  // namespace
}  // namespace lodestone::formats::oci
