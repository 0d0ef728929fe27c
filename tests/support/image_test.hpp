// Tests of images over HTTP: a tenant "acme" with a repository "images", and what clients do, step by step.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "base/hex.hpp"
#include "support/shop_test.hpp"

namespace lodestone::test {

inline std::string digest_of(std::string_view bytes) {
    Sha256Digest digest;
    digest.add(bytes);
    return "sha256:" + to_hex(digest.finish());
}

inline constexpr const char* image_type = "application/vnd.oci.image.manifest.v1+json";
inline constexpr const char* index_type = "application/vnd.oci.image.index.v1+json";

class ImageTest : public ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (!IsSkipped() && !HasFatalFailure()) make_repository("oci", "images");
    }

    static std::string at(const std::string& image, const std::string& what) {
        return "/v2/acme/images/" + image + "/" + what;
    }
    // "404 BLOB_UNKNOWN"
    static std::string refusal(const Reply& reply) {
        return std::to_string(reply.status) + " " + reply.at("/errors/0/code");
    }

    // One request; answers the digest.
    std::string push_blob(const std::string& image, const std::string& bytes) {
        const std::string digest = digest_of(bytes);
        const Reply made = ask("POST " + at(image, "blobs/uploads/?digest=" + digest), bytes, octets);
        EXPECT_EQ(made.status, 201) << made.body;
        EXPECT_EQ(made.header("docker-content-digest"), digest);
        return digest;
    }
    Reply push_manifest(const std::string& image, const std::string& reference, const std::string& manifest,
                        const char* type = image_type) {
        return ask("PUT " + at(image, "manifests/" + reference), manifest,
                   std::string("Content-Type: ") + type + "\r\n");
    }
    // An upload session; answers its location.
    std::string begin(const std::string& image, const std::string& query = {}) {
        const Reply made = ask("POST " + at(image, "blobs/uploads/" + query), {}, "Content-Length: 0\r\n");
        EXPECT_EQ(made.status, 202) << made.body;
        EXPECT_EQ(made.header("range"), "0-0");
        return made.header("location");
    }

    static std::string descriptor(const std::string& type, const std::string& bytes,
                                  const std::string& more = {}) {
        return R"({"mediaType":")" + type + R"(","digest":")" + digest_of(bytes) + R"(","size":)" +
               std::to_string(bytes.size()) + more + "}";
    }
    // Of an image with these bytes as configuration and layer; `more` are further members.
    static std::string manifest_of(const std::string& config_bytes, const std::string& layer,
                                   const std::string& more = {}) {
        return std::string(R"({"schemaVersion":2,"mediaType":")") + image_type + R"(","config":)" +
               descriptor("application/vnd.oci.image.config.v1+json", config_bytes) + R"(,"layers":[)" +
               descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer) + "]" + more + "}";
    }
    // Pushes such an image, with its blobs; answers the manifest.
    std::string push_image(const std::string& image, const std::string& reference, const std::string& layer,
                           const std::string& more = {}) {
        push_blob(image, config);
        push_blob(image, layer);
        std::string manifest = manifest_of(config, layer, more);
        const Reply made = push_manifest(image, reference, manifest);
        EXPECT_EQ(made.status, 201) << made.body;
        return manifest;
    }

    static inline const std::string octets = "Content-Type: application/octet-stream\r\n";
    static inline const std::string config =
        R"({"os":"linux","architecture":"arm64","config":{"Labels":{"org.opencontainers.image.description":"A shop"}}})";
};

}  // namespace lodestone::test
