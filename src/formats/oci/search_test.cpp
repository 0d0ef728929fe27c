// Images are found by what they are, on both engines: by what they say of themselves, by platform, by type.
#include "http/message/path.hpp"
#include "support/image_test.hpp"

namespace lodestone::formats::oci {
namespace {

using test::digest_of;
using test::Reply;

class OciSearch : public test::ImageTest {
  protected:
    // The names, in their order.
    std::string find(const std::string& typed) {
        std::string names;
        const Reply page = ask("GET /api/v1/tenants/acme/search?q=" + http::encode_path_text(typed));
        EXPECT_EQ(page.status, 200) << page.body;
        for (const auto& item : page.json.at("items").as_array())
            names += (names.empty() ? "" : " ") + std::string(item.at("name").as_string());
        return names;
    }
    Reply show(const std::string& image) {
        return ask("GET /api/v1/tenants/acme/repositories/images/packages/" + image);
    }
    // Of an artefact with this type and layer; `more` are further members. Answers the digest.
    std::string push_artefact(const std::string& image, const std::string& type, const std::string& layer,
                              const std::string& more = {}) {
        push_blob(image, "{}");
        push_blob(image, layer);
        const std::string manifest = std::string(R"({"schemaVersion":2,"mediaType":")") + test::image_type +
                                     R"(","artifactType":")" + type + R"(","config":)" +
                                     descriptor("application/vnd.oci.empty.v1+json", "{}") +
                                     R"(,"layers":[)" + descriptor("text/plain", layer) + "]" + more + "}";
        const std::string digest = digest_of(manifest);
        EXPECT_EQ(push_manifest(image, digest, manifest).status, 201);
        return digest;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(OciSearch);

TEST_P(OciSearch, FindsByPlatformAndWords) {
    const std::string image = push_image("web", "1.0", "layer",
                                         R"(,"annotations":{"org.opencontainers.image.title":"Till",)"
                                         R"("io.artifacthub.package.keywords":"pay, shop"})");
    const Reply web = show("web");
    EXPECT_EQ(web.at("/description") + web.at("/keywords") + web.at("/traits"),
              R"(A shop["Till","pay","shop"]["linux/arm64"])");
    EXPECT_EQ(find("linux/arm64"), "web");
    EXPECT_EQ(find("linux/amd64"), "");
    EXPECT_EQ(find("till pay"), "web");
    const Reply page = ask("GET /api/v1/tenants/acme/search?q=arm64");
    EXPECT_EQ(page.at("/items/0/traits"), R"(["linux/arm64"])");
    const std::string index =
        std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type + R"(","manifests":[)" +
        descriptor(test::image_type, image, R"(,"platform":{"os":"linux","architecture":"riscv64"})") + "]}";
    EXPECT_EQ(push_manifest("web", "all", index, test::index_type).status, 201);
    EXPECT_EQ(find("linux/riscv64"), "web");
    EXPECT_EQ(show("web").at("/description"), "A shop") << "the index says nothing";
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/" + digest_of(index))).status, 202);
    EXPECT_EQ(find("linux/riscv64"), "") << "no version is for it any more";
    EXPECT_EQ(find("linux/arm64"), "web");
}

TEST_P(OciSearch, FindsByTypeOfArtefact) {
    push_artefact("policy", "application/vnd.example.policy+json", "rule");
    push_image("web", "1.0", "layer");
    EXPECT_EQ(find("application/vnd.example.policy+json"), "policy");
    EXPECT_EQ(find("config json"), "") << "what every image has says nothing";
}

TEST_P(OciSearch, WhatIsAboutAnImageIsNotSaidOfIt) {
    const std::string image = push_image("web", "1.0", "layer");
    push_artefact("web", "application/vnd.example.signature", "signature",
                  R"(,"subject":)" + descriptor(test::image_type, image) +
                      R"(,"annotations":{"org.opencontainers.image.description":"A signature"})");
    EXPECT_EQ(show("web").at("/description") + show("web").at("/traits"), R"(A shop["linux/arm64"])");
    EXPECT_EQ(find("vnd.example.signature"), "");
}

TEST_P(OciSearch, FindsByWhatPeopleSay) {
    push_image("web", "1.0", "layer");
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/images/packages/web",
                  R"({"description":"Sells","keywords":["store"]})", if_match("*"))
                  .status,
              200);
    push_image("web", "2.0", "other layer");
    EXPECT_EQ(find("sells store"), "web");
    EXPECT_EQ(find("linux/arm64"), "web") << "keywords of people leave traits alone";
}

}  // namespace
}  // namespace lodestone::formats::oci
