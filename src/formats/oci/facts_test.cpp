// What is kept of manifests and configurations, and what is made of names.
#include "formats/oci/facts.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/image_limits.hpp"
#include "formats/oci/fallback_tag.hpp"
#include "formats/oci/place.hpp"

namespace lodestone::formats::oci {
namespace {

constexpr const char* digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

Descriptor descriptor(std::string type, std::uint64_t size_bytes) {
    Descriptor made;
    made.media_type = std::move(type);
    made.digest = parse_content_digest(digest).value();
    made.size_bytes = size_bytes;
    return made;
}

TEST(ImageConfig, IsReadAsFarAsItCanBe) {
    const auto config = parse_image_config(
        R"({"os":"linux","architecture":"arm64","variant":"v8","os.version":7,"config":{"Labels":{"a":"b","c":1}}})");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->platform,
              (Platform{.os = "linux", .architecture = "arm64", .variant = "v8", .os_version = {}}));
    EXPECT_EQ(config->labels, (std::map<std::string, std::string>{{"a", "b"}}));
    for (const char* text : {"", "[]", "x", R"({"os":"linux")"})
        EXPECT_FALSE(parse_image_config(text)) << text;
    EXPECT_EQ(parse_image_config("{}"), ImageConfig());
}

TEST(ImageFacts, TellWhatThereIs) {
    Manifest manifest;
    manifest.media_type = "application/vnd.oci.image.manifest.v1+json";
    manifest.config = descriptor("application/vnd.example", 2);
    manifest.layers = {descriptor("layer", 10), descriptor("layer", 20)};
    manifest.subject = descriptor("image", 3);
    manifest.annotations = {{"k", "v"}};
    const std::string text = render_facts(manifest, std::nullopt);
    const boost::json::value facts = boost::json::parse(text);
    EXPECT_EQ(facts.at("layer_bytes").to_number<int>(), 30);
    EXPECT_EQ(facts.at("layer_count").to_number<int>(), 2);
    EXPECT_FALSE(facts.as_object().contains("platforms"));
    const auto read = parse_referrer_facts(text);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, (ReferrerFacts{.artifact_type = "application/vnd.example",
                                    .annotations = {{"k", "v"}},
                                    .subject = digest}));
    EXPECT_EQ(parse_referrer_facts("{}"), ReferrerFacts());
    EXPECT_FALSE(parse_referrer_facts("x"));
}

TEST(ImageFacts, AreCutToWhatIsUseful) {
    Manifest manifest;
    manifest.kind = Manifest::Kind::index;
    manifest.manifests.assign(limits::manifest_facts + 1, descriptor("image", 1));
    manifest.manifests.front().platform =
        Platform{.os = "linux", .architecture = "amd64", .variant = {}, .os_version = {}};
    // Three bytes each: a character is kept or left out, never cut.
    std::string value;
    while (value.size() <= limits::manifest_fact_bytes) value += "\u20ac";
    manifest.artifact_type = value;
    manifest.annotations = {{"k", value}, {"long", std::string(limits::manifest_annotation_bytes, 'v')}};
    const boost::json::value facts = boost::json::parse(render_facts(manifest, std::nullopt));
    EXPECT_EQ(facts.at("manifests").as_array().size(), limits::manifest_facts);
    EXPECT_EQ(facts.at("manifest_count").to_number<std::size_t>(), limits::manifest_facts + 1);
    EXPECT_EQ(facts.at("platforms").as_array().size(), 1u);
    EXPECT_EQ(facts.at("artifact_type").as_string().size(), limits::manifest_fact_bytes / 3 * 3);
    EXPECT_EQ(facts.at("annotations").at("k"), boost::json::value(value));
    EXPECT_FALSE(facts.at("annotations").as_object().contains("long")) << "whole, or not at all";
    manifest.annotations.clear();
    for (char name = 'a'; name <= 'z'; ++name)
        manifest.annotations[std::string(1, name)] = std::string(limits::manifest_annotation_bytes - 1, 'v');
    const boost::json::value much = boost::json::parse(render_facts(manifest, std::nullopt));
    EXPECT_EQ(much.at("annotations").as_object().size(),
              limits::manifest_annotations_bytes / limits::manifest_annotation_bytes);
}

TEST(FallbackTag, NamesADigest) {
    std::string tag = digest;
    tag[6] = '-';
    EXPECT_EQ(parse_fallback_tag(tag), digest);
    for (const char* other :
         {"", "latest", "sha256-", "sha256-00", "sha1-2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c"})
        EXPECT_FALSE(parse_fallback_tag(other)) << other;
}

TEST(FullName, HasThreeParts) {
    const auto name = parse_full_name("acme/images/library/nginx");
    ASSERT_TRUE(name);
    EXPECT_EQ(
        *name,
        (ImageName{.tenant = TenantId::trusted("acme"), .repository = "images", .image = "library/nginx"}));
    for (const char* other : {"", "acme", "acme/images", "acme/images/", "/images/x", "acme//x",
                              "acme/images/X", "acme/images/../x", "a b/images/x", "acme/im ages/x"})
        EXPECT_FALSE(parse_full_name(other)) << other;
}

}  // namespace
}  // namespace lodestone::formats::oci
