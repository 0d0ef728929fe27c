// The life of images over HTTP, on both engines.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/image_limits.hpp"
#include "support/files.hpp"
#include "support/image_test.hpp"

namespace lodestone::formats::oci {
namespace {

using test::digest_of;
using test::Reply;

class OciImage : public test::ImageTest {
  protected:
    // As a header: somebody who may pull, and not push.
    std::string as_reader() {
        return "Authorization: Bearer " +
               make_key(
                   "acme", "owner",
                   identity::Scopes(
                       {{.actions = {"package:read", "package:download"}, .resources = {}, .tags = {}}})) +
               "\r\n";
    }
};
INSTANTIATE_ON_EVERY_DATABASE(OciImage);

TEST_P(OciImage, IsPushedPulledListedAndDeleted) {
    const std::string manifest = push_image("team/web", "1.0", "layer");
    const std::string digest = digest_of(manifest);
    const Reply again = push_manifest("team/web", "1.0", manifest);
    EXPECT_EQ(again.status, 201) << "the same once more: " << again.body;
    EXPECT_EQ(again.header("location"), at("team/web", "manifests/" + digest));
    EXPECT_EQ(again.header("docker-content-digest"), digest);
    for (const std::string& reference : {std::string("1.0"), digest}) {
        const Reply got = ask("GET " + at("team/web", "manifests/" + reference));
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.body, manifest) << "byte for byte";
        EXPECT_EQ(got.header("content-type"), test::image_type);
        EXPECT_EQ(got.header("docker-content-digest"), digest);
        EXPECT_EQ(got.header("docker-distribution-api-version"), "registry/2.0");
        const Reply head = ask("HEAD " + at("team/web", "manifests/" + reference));
        EXPECT_EQ(head.header("content-length"), std::to_string(manifest.size()));
        EXPECT_EQ(ask("GET " + at("team/web", "manifests/" + reference), {},
                      "If-None-Match: " + got.header("etag") + "\r\n")
                      .status,
                  304);
    }
    EXPECT_EQ(ask("GET " + at("team/web", "blobs/" + digest_of("layer"))).body, "layer");
    write_downloads();
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/repositories/images/packages/team%2Fweb/versions/" + digest)
                  .at("/downloads/count"),
              "2")
        << "manifests that were fetched: no looking, no layers";
    const Reply tags = ask("GET " + at("team/web", "tags/list"));
    EXPECT_EQ(tags.at("/name") + " " + tags.at("/tags"), R"(acme/images/team/web ["1.0"])");
    EXPECT_EQ(ask("GET /v2/_catalog").at("/repositories"), R"(["acme/images/team/web"])");

    EXPECT_EQ(ask("DELETE " + at("team/web", "manifests/1.0")).status, 202);
    EXPECT_EQ(refusal(ask("GET " + at("team/web", "manifests/1.0"))), "404 MANIFEST_UNKNOWN");
    EXPECT_EQ(ask("GET " + at("team/web", "manifests/" + digest)).status, 200) << "only the tag has gone";
    EXPECT_EQ(push_manifest("team/web", "2.0", manifest).status, 201);
    EXPECT_EQ(ask("DELETE " + at("team/web", "manifests/" + digest)).status, 202);
    EXPECT_EQ(refusal(ask("GET " + at("team/web", "manifests/2.0"))), "404 MANIFEST_UNKNOWN");
    EXPECT_EQ(refusal(ask("DELETE " + at("team/web", "manifests/" + digest))), "404 MANIFEST_UNKNOWN");
    EXPECT_EQ(ask("GET " + at("team/web", "tags/list")).at("/tags"), "[]");
    EXPECT_EQ(push_manifest("team/web", "3.0", manifest).status, 201) << "the blobs are promised still";
}

TEST_P(OciImage, TellsWhatItIs) {
    const std::string manifest = push_image("web", "1.0", "layer", R"(,"annotations":{"who":"me"})");
    const Reply version =
        ask("GET /api/v1/tenants/acme/repositories/images/packages/web/versions/" + digest_of(manifest));
    ASSERT_EQ(version.status, 200) << version.body;
    EXPECT_EQ(version.at("/facts/platforms/0/os"), "linux") << version.body;
    EXPECT_EQ(version.at("/facts/platforms/0/architecture"), "arm64");
    EXPECT_EQ(version.at("/facts/layer_count"), "1");
    EXPECT_EQ(version.at("/facts/layers/0/digest"), digest_of("layer"));
    EXPECT_EQ(version.at("/facts/annotations/who"), "me");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/repositories/images/packages/web").at("/description"), "A shop");
}

TEST_P(OciImage, GetsSeveralTagsAtOnce) {
    push_blob("web", config);
    push_blob("web", "layer");
    const std::string manifest = manifest_of(config, "layer");
    const Reply made = push_manifest("web", digest_of(manifest) + "?tag=a&tag=b&tag=a", manifest);
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_NE(made.head.find("OCI-Tag: a\r\nOCI-Tag: b\r\n"), std::string::npos) << made.head;
    EXPECT_EQ(ask("GET " + at("web", "tags/list")).at("/tags"), R"(["a","b"])");
    EXPECT_EQ(refusal(push_manifest("web", digest_of(manifest) + "?tag=-a", manifest)),
              "400 MANIFEST_INVALID");
    EXPECT_EQ(refusal(push_manifest("web", digest_of("other"), manifest)), "400 DIGEST_INVALID");
}

TEST_P(OciImage, NeedsAllThatItNames) {
    push_blob("web", config);
    EXPECT_EQ(refusal(push_manifest("web", "1.0", manifest_of(config, "layer"))),
              "404 MANIFEST_BLOB_UNKNOWN");
    push_blob("other", "layer");
    EXPECT_EQ(refusal(push_manifest("web", "1.0", manifest_of(config, "layer"))), "404 MANIFEST_BLOB_UNKNOWN")
        << "another image's";
    push_blob("web", "bytes");
    std::string lying = manifest_of(config, "bytes");
    lying.replace(lying.rfind(":5}"), 2, ":6");
    EXPECT_EQ(refusal(push_manifest("web", "1.0", lying)), "400 SIZE_INVALID");
    const std::string foreign =
        std::string(R"({"schemaVersion":2,"mediaType":")") + test::image_type + R"(","config":)" +
        descriptor("application/vnd.oci.image.config.v1+json", config) + R"(,"layers":[)" +
        descriptor("application/vnd.oci.image.layer.v1.tar", "far", R"(,"urls":["https://far.example/l"])") +
        "]}";
    const Reply made = push_manifest("web", "1.0", foreign);
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_NE(made.header("warning"), "");
}

TEST_P(OciImage, IndexesNameImagesAndIndexes) {
    const std::string one = push_image("web", "one", "layer");
    const auto index_of = [](const std::string& type, const std::string& bytes) {
        return std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type + R"(","manifests":[)" +
               descriptor(type, bytes, R"(,"platform":{"os":"linux","architecture":"amd64"})") + "]}";
    };
    const std::string index = index_of(test::image_type, one);
    EXPECT_EQ(push_manifest("web", "all", index, test::index_type).status, 201);
    EXPECT_EQ(push_manifest("web", "more", index_of(test::index_type, index), test::index_type).status, 201);
    EXPECT_EQ(ask("GET " + at("web", "manifests/all")).header("content-type"), test::index_type);
    EXPECT_EQ(refusal(push_manifest("web", "none", index_of(test::image_type, "none"), test::index_type)),
              "404 MANIFEST_BLOB_UNKNOWN");
    EXPECT_EQ(refusal(push_manifest("web", "wrong", index, test::image_type)), "400 MANIFEST_INVALID");
}

TEST_P(OciImage, IndexesDescribeWhatTheyNameAsItIs) {
    const std::string one = push_image("web", "one", "layer");
    const auto index_of = [](const std::string& entries) {
        return std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type + R"(","manifests":[)" +
               entries + "]}";
    };
    const std::string right = descriptor(test::image_type, one);
    std::string wrong_size = right;
    wrong_size.replace(wrong_size.rfind(':'), std::string::npos, ":1}");
    const std::string wrong_type = descriptor(test::index_type, one);
    const std::string blob = descriptor("application/vnd.any", "layer");
    for (const auto& [entries, refused] : {std::pair(wrong_size, "400 SIZE_INVALID"),
                                           {wrong_type, "400 MANIFEST_INVALID"},
                                           {right + "," + wrong_size, "400 SIZE_INVALID"},
                                           {right + "," + wrong_type, "400 MANIFEST_INVALID"},
                                           {blob.substr(0, blob.rfind(':')) + ":6}", "400 SIZE_INVALID"}})
        EXPECT_EQ(refusal(push_manifest("web", "all", index_of(entries), test::index_type)), refused)
            << entries;
    for (const std::string& entries : {right, right + "," + right, blob})
        EXPECT_EQ(push_manifest("web", "all", index_of(entries), test::index_type).status, 201) << entries;
}

TEST_P(OciImage, ReferrersAreFoundFilteredAndPaged) {
    const std::string image = push_image("web", "1.0", "layer");
    const std::string url = at("web", "referrers/" + digest_of(image));
    Reply none = ask("GET " + at("nothing", "referrers/" + digest_of("nothing")));
    EXPECT_EQ(std::to_string(none.status) + none.at("/manifests"), "200[]");
    std::vector<std::string> digests;
    for (const char* type : {"application/vnd.a", "application/vnd.b"}) {
        const std::string about =
            manifest_of(config, "layer",
                        R"(,"artifactType":")" + std::string(type) +
                            R"(","annotations":{"k":"v"},"subject":)" + descriptor(test::image_type, image));
        const Reply made = push_manifest("web", digest_of(about), about);
        EXPECT_EQ(made.status, 201) << made.body;
        EXPECT_EQ(made.header("oci-subject"), digest_of(image));
        digests.push_back(digest_of(about));
    }
    const Reply all = ask("GET " + url);
    EXPECT_EQ(all.header("content-type"), test::index_type);
    EXPECT_EQ(all.json.at("manifests").as_array().size(), 2u) << all.body;
    EXPECT_EQ(all.at("/manifests/0/annotations/k"), "v");
    const Reply filtered = ask("GET " + url + "?artifactType=application/vnd.b");
    EXPECT_EQ(filtered.at("/manifests/0/digest"), digests[1]) << filtered.body;
    EXPECT_EQ(filtered.json.at("manifests").as_array().size(), 1u);
    EXPECT_EQ(filtered.header("oci-filters-applied"), "artifactType");
    const Reply page = ask("GET " + url + "?n=1");
    EXPECT_EQ(page.json.at("manifests").as_array().size(), 1u);
    const std::string link = page.header("link");
    ASSERT_TRUE(link.ends_with(">; rel=\"next\"")) << link;
    const Reply rest = ask("GET " + link.substr(1, link.find('>') - 1));
    EXPECT_EQ(rest.json.at("manifests").as_array().size(), 1u) << rest.body;
    EXPECT_EQ(rest.header("link"), "");
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/" + digests[0])).status, 202);
    EXPECT_EQ(ask("GET " + url).at("/manifests/0/digest"), digests[1]);
}

TEST_P(OciImage, WhatStandsUnderAFallbackTagIsAReferrer) {
    const std::string image = push_image("web", "1.0", "layer");
    const std::string signature = push_image("web", "signature", "signed");
    const std::string list = std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type +
                             R"(","manifests":[)" + descriptor(test::image_type, signature) + "]}";
    std::string tag = digest_of(image);
    tag[tag.find(':')] = '-';
    EXPECT_EQ(push_manifest("web", tag, list, test::index_type).status, 201);
    const std::string url = "GET " + at("web", "referrers/" + digest_of(image));
    EXPECT_EQ(ask(url).at("/manifests/0/digest"), digest_of(signature));
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/" + tag)).status, 202);
    EXPECT_EQ(ask(url).at("/manifests"), "[]");
}

TEST_P(OciImage, OneArtefactStandsUnderSeveralFallbackTags) {
    const std::string signature = push_image("web", "signature", "signed");
    const auto list_of = [](const std::string& more) {
        return std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type + R"(","manifests":[)" +
               more + "]}";
    };
    const std::string list = list_of(descriptor(test::image_type, signature));
    std::vector<std::string> tags, urls;
    for (const char* layer : {"first", "second"}) {
        const std::string digest = digest_of(push_image("web", layer, layer));
        tags.push_back("sha256-" + digest.substr(digest.find(':') + 1));
        urls.push_back("GET " + at("web", "referrers/" + digest));
        EXPECT_EQ(push_manifest("web", tags.back(), list, test::index_type).status, 201);
    }
    for (const std::string& url : urls)
        EXPECT_EQ(ask(url).at("/manifests/0/digest"), digest_of(signature)) << url;
    const Reply filtered = ask(urls[0] + "?artifactType=application/vnd.oci.image.config.v1%2Bjson");
    EXPECT_EQ(filtered.at("/manifests/0/digest"), digest_of(signature)) << filtered.body;
    EXPECT_EQ(push_manifest("web", tags[0], list_of(""), test::index_type).status, 201);
    EXPECT_EQ(ask(urls[0]).at("/manifests"), "[]") << "the tag has moved to an empty list";
    EXPECT_EQ(ask(urls[1]).at("/manifests/0/digest"), digest_of(signature)) << "the other one has not";
    // By the API, which knows nothing of fallback tags.
    const std::string versions = "/api/v1/tenants/acme/repositories/images/packages/web/versions/";
    EXPECT_EQ(ask("DELETE " + versions + digest_of(list)).status, 204);
    EXPECT_EQ(ask(urls[1]).at("/manifests"), "[]");
}

TEST_P(OciImage, WhatAnIndexNamesIsDeletedAfterIt) {
    const std::string one = push_image("web", "one", "layer");
    const std::string two = push_image("web", "two", "other");
    const std::string index = std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type +
                              R"(","manifests":[)" + descriptor(test::image_type, one) + "]}";
    EXPECT_EQ(push_manifest("web", "all", index, test::index_type).status, 201);
    const std::string versions = "/api/v1/tenants/acme/repositories/images/packages/web/versions/";
    const Reply refused = ask("DELETE " + at("web", "manifests/" + digest_of(one)));
    EXPECT_EQ(refusal(refused), "405 DENIED");
    EXPECT_NE(refused.body.find(digest_of(index)), std::string::npos) << refused.body;
    EXPECT_EQ(ask("DELETE " + versions + digest_of(one)).status, 409);
    EXPECT_EQ(ask("GET " + at("web", "manifests/" + digest_of(one))).status, 200);
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/one")).status, 202) << "tags go whenever they are told to";
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/" + digest_of(two))).status, 202);
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/" + digest_of(index))).status, 202);
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/" + digest_of(one))).status, 202);
}

// A page ends where it gets long, and what is told is never a part of what was said.
TEST_P(OciImage, ReferrersWithMuchToSayComeInPages) {
    const std::string image = push_image("web", "1", "layer");
    std::string annotations;
    for (int i = 0; i < 8; ++i)
        annotations += "\"k" + std::to_string(i) + "\":\"" + std::string(15'000, 'v') + "\",";
    annotations += "\"long\":\"" + std::string(20'000, 'v') + '"';
    for (int i = 0; i < 40; ++i) {
        const std::string about =
            manifest_of(config, "layer",
                        R"(,"artifactType":"application/vnd.a)" + std::to_string(i) + R"(","annotations":{)" +
                            annotations + R"(},"subject":)" + descriptor(test::image_type, image));
        ASSERT_EQ(push_manifest("web", digest_of(about), about).status, 201);
    }
    std::size_t count = 0, pages = 0;
    for (std::string url = at("web", "referrers/" + digest_of(image)); !url.empty(); ++pages) {
        const Reply page = ask("GET " + url);
        ASSERT_EQ(page.status, 200) << page.body;
        EXPECT_LT(page.body.size(), limits::listed_referrers_bytes + limits::kib);
        EXPECT_EQ(page.at("/manifests/0/annotations/k7").size(), 15'000u);
        EXPECT_FALSE(page.json.at("manifests").at(0).at("annotations").as_object().contains("long"));
        count += page.json.at("manifests").as_array().size();
        const std::string link = page.header("link");
        url = link.empty() ? link : link.substr(1, link.find('>') - 1);
    }
    EXPECT_EQ(count, 40u);
    EXPECT_EQ(pages, 2u);
}

TEST_P(OciImage, RetentionTakesNothingFromAnIndexOrASignature) {
    const auto push_untagged = [&](const std::string& layer, const std::string& more = {}) {
        const std::string manifest = manifest_of(config, layer, more);
        push_blob("web", config);
        push_blob("web", layer);
        EXPECT_EQ(push_manifest("web", digest_of(manifest), manifest).status, 201);
        return manifest;
    };
    const std::string listed = push_untagged("listed");
    const std::string loose = push_untagged("loose");
    const std::string signed_image = push_image("web", "1.0", "signed");
    const std::string signature =
        push_untagged("signature", R"(,"subject":)" + descriptor(test::image_type, signed_image));
    const std::string index = std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type +
                              R"(","manifests":[)" + descriptor(test::image_type, listed) + "]}";
    EXPECT_EQ(push_manifest("web", "multi", index, test::index_type).status, 201);
    const std::string repository = "/api/v1/tenants/acme/repositories/images";
    EXPECT_EQ(
        ask("PATCH " + repository, R"({"settings":{"retention":{"keep_last":0}}})", if_match("*")).status,
        200);
    const Reply going = ask("GET " + repository + "/retention/preview?stays=false");
    EXPECT_EQ(going.at("/items/0/version"), digest_of(loose)) << going.body;
    EXPECT_EQ(going.at("/items/1/version"), "");
    const Reply staying = ask("GET " + repository + "/retention/preview?stays=true&package=web");
    EXPECT_EQ(staying.json.at("items").as_array().size(), 4) << staying.body;
    EXPECT_NE(staying.body.find("\"tagged multi\""), std::string::npos) << staying.body;
    EXPECT_NE(staying.body.find("needed by " + digest_of(index)), std::string::npos) << staying.body;
    EXPECT_NE(staying.body.find("stays with " + digest_of(signed_image)), std::string::npos) << staying.body;
    // A list of signatures as old clients keep it is no reason to stay.
    const std::string list = std::string(R"({"schemaVersion":2,"mediaType":")") + test::index_type +
                             R"(","manifests":[)" + descriptor(test::image_type, loose) + "]}";
    const std::string signed_digest = digest_of(signed_image);
    const std::string fallback = "sha256-" + signed_digest.substr(signed_digest.find(':') + 1);
    EXPECT_EQ(push_manifest("web", fallback, list, test::index_type).status, 201);
    EXPECT_EQ(ask("GET " + repository + "/retention/preview?stays=false").json.at("items").as_array().size(),
              0)
        << "what the list names stays with the image that it is about";
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/1.0")).status, 202);
    EXPECT_EQ(ask("GET " + repository + "/retention/preview?stays=false").json.at("items").as_array().size(),
              4)
        << "without a tag, the image goes with its signatures and their list: " << digest_of(signature);
}

TEST_P(OciImage, ListsComeInPages) {
    const std::string manifest = push_image("web", "b", "layer");
    for (const char* tag : {"a", "d", "C"}) EXPECT_EQ(push_manifest("web", tag, manifest).status, 201);
    const std::string url = at("web", "tags/list");
    const Reply page = ask("GET " + url + "?n=2");
    EXPECT_EQ(page.at("/tags"), R"(["C","a"])");
    EXPECT_EQ(page.header("link"), "<" + url + "?n=2&last=a>; rel=\"next\"");
    const Reply rest = ask("GET " + url + "?n=2&last=a");
    EXPECT_EQ(rest.at("/tags"), R"(["b","d"])");
    EXPECT_EQ(rest.header("link"), "");
    const Reply nothing = ask("GET " + url + "?n=0");
    EXPECT_EQ(nothing.at("/tags") + nothing.header("link"), "[]");
    for (const char* n : {"2147483648", "18446744073709551616", "9"})
        EXPECT_EQ(ask("GET " + url + "?n=" + n).json.at("tags").as_array().size(), 4u) << n;
    for (const char* n : {"-1", "x", "", "1.5"}) EXPECT_EQ(ask("GET " + url + "?n=" + n).status, 400) << n;
    EXPECT_EQ(refusal(ask("GET " + at("none", "tags/list"))), "404 NAME_UNKNOWN");
}

TEST_P(OciImage, WarnsOfWhatIsDeprecated) {
    const std::string manifest = push_image("web", "1", "layer");
    const std::string version =
        "/api/v1/tenants/acme/repositories/images/packages/web/versions/" + digest_of(manifest);
    EXPECT_EQ(ask("POST " + version + "/deprecate", R"({"reason":"use \"2\""})").status, 200);
    EXPECT_EQ(ask("GET " + at("web", "manifests/1")).header("warning"),
              "299 - \"deprecated: use \\\"2\\\"\"");
}

TEST_P(OciImage, RefusalsSayWhatIsWrong) {
    EXPECT_EQ(refusal(ask("GET " + at("Web", "tags/list"))), "400 NAME_INVALID");
    EXPECT_EQ(refusal(ask("GET " + at("a..b", "tags/list"))), "400 NAME_INVALID");
    EXPECT_EQ(refusal(ask("GET " + at(std::string(256, 'a'), "tags/list"))), "400 NAME_INVALID");
    EXPECT_EQ(refusal(ask("GET " + at("web", "manifests/-x"))), "404 MANIFEST_UNKNOWN");
    EXPECT_EQ(refusal(push_manifest("web", "-x", "{}")), "400 MANIFEST_INVALID");
    EXPECT_EQ(refusal(ask("GET " + at("web", "blobs/sha256:0"))), "400 DIGEST_INVALID");
    EXPECT_EQ(refusal(ask("GET " + at("web", "blobs/" + digest_of("none")))), "404 BLOB_UNKNOWN");
    EXPECT_EQ(refusal(ask("GET /v2/acme/nothing/web/tags/list")), "404 NAME_UNKNOWN");
    EXPECT_EQ(refusal(ask("GET /v2/web/manifests/1")), "404 NAME_UNKNOWN");
    EXPECT_EQ(refusal(ask("PUT " + at("web", "manifests/1"), {}, "Content-Length: 9000000\r\n")),
              "413 SIZE_INVALID");
    for (const char* trick : {"/v2/acme/images/../web/tags/list", "/v2/acme/images/%2e%2e/tags/list",
                              "/v2/acme/images/a%00b/tags/list", "/v2/acme/images/a%2Fb/tags/list"}) {
        const int status = ask(std::string("GET ") + trick).status;
        EXPECT_TRUE(status == 400 || status == 404) << trick << ": " << status;
    }
}

TEST_P(OciImage, WhateverIsPushedIsAnswered) {
    for (const char* folder : {"accept", "reject"})
        for (const auto& entry :
             std::filesystem::directory_iterator(test::source_path("src/formats/oci/testdata") / folder)) {
            std::ifstream file(entry.path(), std::ios::binary);
            std::ostringstream bytes;
            bytes << file.rdbuf();
            for (const char* type : {test::image_type, test::index_type, "text/plain"}) {
                const Reply reply = push_manifest("web", "1", bytes.str(), type);
                EXPECT_LT(reply.status, 500) << entry.path() << " " << reply.body;
                if (std::string_view(folder) == "reject") EXPECT_EQ(reply.status / 100, 4) << entry.path();
            }
        }
}

TEST_P(OciImage, DamagedBytesAreGivenToNobodyUntilTheyArePushedAgain) {
    const std::string manifest = push_image("web", "1.0", "layer");
    const std::string digest = digest_of(manifest);
    run_sql("UPDATE blobs SET state = 'quarantined', withdrawn_at = 1, fault = 'rot'");
    const Reply blob = ask("GET " + at("web", "blobs/" + digest_of("layer")));
    EXPECT_EQ(blob.status, 503);
    EXPECT_NE(blob.body.find("was damaged where it is kept"), std::string::npos) << blob.body;
    for (const std::string& reference : {std::string("1.0"), digest}) {
        const Reply refused = ask("GET " + at("web", "manifests/" + reference));
        EXPECT_EQ(refused.status, 503);
        EXPECT_NE(refused.body.find("was damaged where it is kept"), std::string::npos) << refused.body;
    }
    EXPECT_EQ(refusal(ask("GET " + at("other", "blobs/" + digest_of("layer")))), "404 BLOB_UNKNOWN")
        << "whose bytes are damaged is nobody else's business";
    // A client that pushes asks what is there, and sends what is not.
    EXPECT_EQ(ask("HEAD " + at("web", "blobs/" + digest_of("layer"))).status, 404);
    EXPECT_EQ(ask("HEAD " + at("web", "manifests/" + digest)).status, 404);
    EXPECT_EQ(ask("HEAD " + at("web", "manifests/1.0")).status, 404);
    EXPECT_EQ(ask("HEAD " + at("web", "manifests/1.0"), {}, as_reader()).status, 503)
        << "who may only pull it";
    EXPECT_EQ(refusal(push_manifest("web", "1.0", manifest)), "404 MANIFEST_BLOB_UNKNOWN");
    EXPECT_EQ(push_image("web", "1.0", "layer"), manifest);
    EXPECT_EQ(ask("GET " + at("web", "blobs/" + digest_of("layer"))).body, "layer");
    EXPECT_EQ(ask("GET " + at("web", "manifests/1.0")).body, manifest);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs WHERE state <> 'live'"), "0");
}

TEST_P(OciImage, MoreOrFewerBytesThanWerePushedAreGivenToNobody) {
    const std::string manifest = push_image("web", "1.0", "layer");
    damage("layer", "laye");
    damage(config, config + " ");
    damage(manifest, manifest.substr(1));
    const Reply blob = ask("GET " + at("web", "blobs/" + digest_of("layer")));
    EXPECT_EQ(blob.status, 503);
    EXPECT_NE(blob.at("/errors/0/message").find("was damaged where it is kept"), std::string::npos)
        << blob.body;
    EXPECT_EQ(ask("HEAD " + at("web", "blobs/" + digest_of(config))).status, 404)
        << "who only asks is about to push it, which heals it";
    const Reply refused = ask("GET " + at("web", "manifests/1.0"));
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.at("/errors/0/message"), "") << refused.body;
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs WHERE state = 'quarantined'"), "3");
    EXPECT_EQ(push_image("web", "1.0", "layer"), manifest);
    EXPECT_EQ(ask("GET " + at("web", "blobs/" + digest_of("layer"))).body, "layer");
    EXPECT_EQ(ask("GET " + at("web", "blobs/" + digest_of(config))).body, config);
    EXPECT_EQ(ask("GET " + at("web", "manifests/1.0")).body, manifest);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs WHERE state <> 'live'"), "0");
}

// Clients that ask first push only what is answered 404; nobody else tells the server that it is gone.
TEST_P(OciImage, WhatTheStoreHasLostIsPushedAgainByWhoAsksFirst) {
    const std::string manifest = push_image("web", "1.0", "layer");
    for (const std::string& bytes : {std::string("layer"), config, manifest}) lose(bytes);
    EXPECT_EQ(ask("GET " + at("web", "blobs/" + digest_of("layer"))).status, 503);
    EXPECT_EQ(ask("HEAD " + at("web", "blobs/" + digest_of("layer"))).status, 404);
    EXPECT_EQ(ask("HEAD " + at("web", "blobs/" + digest_of("layer"))).status, 404);
    EXPECT_EQ(ask("HEAD " + at("web", "manifests/1.0"), {}, as_reader()).status, 503);
    EXPECT_EQ(ask("HEAD " + at("web", "manifests/" + digest_of(manifest))).status, 404);
    EXPECT_EQ(ask("HEAD " + at("web", "manifests/1.0")).status, 404);
    EXPECT_EQ(
        run_sql("SELECT count(*) FROM blobs WHERE state = 'quarantined' AND fault = 'they are not there'"),
        "2");
    EXPECT_EQ(push_image("web", "1.0", "layer"), manifest);
    for (const std::string& what : {std::string("manifests/1.0"), "manifests/" + digest_of(manifest)})
        EXPECT_EQ(ask("GET " + at("web", what)).body, manifest);
    EXPECT_EQ(ask("GET " + at("web", "blobs/" + digest_of("layer"))).body, "layer");
    EXPECT_EQ(ask("GET " + at("web", "blobs/" + digest_of(config))).body, config);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs WHERE state <> 'live'"), "0");
}

TEST_P(OciImage, AManifestThatIsLostIsToldToWhoAsksForItsTag) {
    const std::string manifest = push_image("web", "1.0", "layer");
    lose(manifest);
    EXPECT_EQ(ask("HEAD " + at("web", "manifests/1.0")).status, 404);
    EXPECT_EQ(push_manifest("web", "1.0", manifest).status, 201);
    EXPECT_EQ(ask("HEAD " + at("web", "manifests/1.0")).status, 200);
}

}  // namespace
}  // namespace lodestone::formats::oci
