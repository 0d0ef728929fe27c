// Blobs on their way in, and what is told of them, on both engines.
#include <algorithm>
#include <thread>

#include "base/image_limits.hpp"
#include "support/image_test.hpp"

namespace lodestone::formats::oci {
namespace {

using test::digest_of;
using test::Reply;

constexpr const char* empty_digest =
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
// SHA-512 of "hello".
constexpr const char* hello_sha512 =
    "sha512:"
    "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7acc6e14b8c5da0c466347"
    "5c2"
    "e5c3adef46f73bcdec043";

class OciUpload : public test::ImageTest {
  protected:
    Reply patch(const std::string& location, const std::string& bytes, const std::string& range = {}) {
        return ask("PATCH " + location, bytes,
                   octets + (range.empty() ? "" : "Content-Range: " + range + "\r\n"));
    }
    Reply finish(const std::string& location, const std::string& digest, const std::string& bytes = {}) {
        return ask("PUT " + location + "?digest=" + digest, bytes,
                   bytes.empty() ? "Content-Length: 0\r\n" : octets);
    }
    Reply fetch(const std::string& digest, const std::string& headers = {}) {
        return ask("GET " + at("web", "blobs/" + digest), {}, headers);
    }
};
INSTANTIATE_ON_EVERY_DATABASE(OciUpload);

TEST_P(OciUpload, ComesInChunks) {
    const std::string location = begin("web");
    Reply part = patch(location, "hel", "0-2");
    EXPECT_EQ(part.status, 202) << part.body;
    EXPECT_EQ(part.header("range"), "0-2");
    EXPECT_EQ(part.header("location"), location);
    const Reply status = ask("GET " + location);
    EXPECT_EQ(std::to_string(status.status) + " " + status.header("range"), "204 0-2");
    const Reply wrong = patch(location, "o", "4-4");
    EXPECT_EQ(refusal(wrong), "416 BLOB_UPLOAD_INVALID");
    EXPECT_EQ(wrong.header("range"), "0-2") << "where to go on";
    EXPECT_EQ(patch(location, "hel", "0-2").status, 416) << "sent twice";
    EXPECT_EQ(refusal(patch(location, "lo", "3-3")), "400 SIZE_INVALID");
    EXPECT_EQ(refusal(patch(location, "lo", "x")), "400 BLOB_UPLOAD_INVALID");
    EXPECT_EQ(patch(location, "lo", "3-4").status, 202);
    const Reply made = finish(location, digest_of("hello"));
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("location"), at("web", "blobs/" + digest_of("hello")));
    EXPECT_EQ(fetch(digest_of("hello")).body, "hello");
    EXPECT_EQ(refusal(ask("GET " + location)), "404 BLOB_UPLOAD_UNKNOWN");
    EXPECT_EQ(refusal(finish(location, digest_of("hello"))), "404 BLOB_UPLOAD_UNKNOWN");
}

TEST_P(OciUpload, ComesAsAStream) {
    const std::string location = begin("web");
    const test::Answer part = test::RawClient(port()).exchange(
        "PATCH " + location + " HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer " + owner_ +
        "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n");
    EXPECT_EQ(part.status, 202) << part.body;
    EXPECT_EQ(part.header("range"), "0-4");
    EXPECT_EQ(finish(location, digest_of("hello, you"), ", you").status, 201);
    EXPECT_EQ(fetch(digest_of("hello, you")).body, "hello, you");
}

TEST_P(OciUpload, OfAWrongDigestIsNotTaken) {
    const std::string location = begin("web");
    EXPECT_EQ(refusal(finish(location, digest_of("hello"), "hallo")), "400 DIGEST_INVALID");
    EXPECT_EQ(refusal(finish(location, "md5:0", "hello")), "400 DIGEST_INVALID");
    EXPECT_EQ(refusal(ask("PUT " + location, "hello", octets)), "400 DIGEST_INVALID");
    EXPECT_EQ(fetch(digest_of("hallo")).status, 404);
    EXPECT_EQ(finish(location, digest_of("hello"), "hello").status, 201) << "it goes on where it was";
    EXPECT_EQ(
        refusal(ask("POST " + at("web", "blobs/uploads/?digest=" + digest_of("hello")), "hallo", octets)),
        "400 DIGEST_INVALID");
}

// As small blobs mostly come: all of it in the one request that ends the session, which nobody has to hold
// for that.
TEST_P(OciUpload, ComesWholeWithoutBeingHeld) {
    const auto count = [&](const std::string& rest) {
        return run_sql("SELECT count(*) FROM uploads" + rest);
    };
    const std::string location = begin("web");
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(refusal(finish(location, digest_of("hello"), "hallo")), "400 DIGEST_INVALID");
    EXPECT_EQ(count(" WHERE touched_at = created_at"), "1");
    EXPECT_EQ(finish(location, digest_of("hello"), "hello").status, 201);
    EXPECT_EQ(count(""), "0");
    const std::string held = begin("web");
    run_sql("UPDATE uploads SET holder = 'another', held_until = 9000000000000000");
    EXPECT_EQ(refusal(finish(held, digest_of("hello"), "hello")), "409 BLOB_UPLOAD_INVALID");
    EXPECT_EQ(count(""), "1");
}

TEST_P(OciUpload, OfTwoWhoFinishItAtOnceOneIsTaken) {
    const std::string location = begin("web");
    int one = 0;
    std::thread meanwhile([&] { one = finish(location, digest_of("hello"), "hello").status; });
    const int other = finish(location, digest_of("hello"), "hello").status;
    meanwhile.join();
    EXPECT_EQ(std::min(one, other), 201);
    EXPECT_EQ(std::max(one, other), 404);
    EXPECT_EQ(fetch(digest_of("hello")).body, "hello");
}

// More than is taken into memory goes through a draft; so does what does not say how much it is.
TEST_P(OciUpload, ComesInOneRequestWhateverItsSize) {
    for (const std::size_t size : {limits::small_blob_bytes, limits::small_blob_bytes + 1}) {
        const std::string bytes(size, 'x');
        EXPECT_EQ(finish(begin("web"), digest_of(bytes), bytes).status, 201) << size;
        EXPECT_TRUE(fetch(digest_of(bytes)).body == bytes) << size;
        EXPECT_EQ(push_blob("api", bytes), digest_of(bytes));
    }
    const test::Answer made = test::RawClient(port()).exchange(
        "PUT " + begin("web") + "?digest=" + digest_of("hello") +
        " HTTP/1.1\r\nHost: registry.example\r\nAuthorization: Bearer " + owner_ +
        "\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(run_sql("SELECT count(*) FROM uploads"), "0");
}

TEST_P(OciUpload, IsCancelled) {
    const std::string location = begin("web");
    EXPECT_EQ(patch(location, "hello").status, 202);
    EXPECT_EQ(ask("DELETE " + location).status, 204);
    EXPECT_EQ(refusal(ask("DELETE " + location)), "404 BLOB_UPLOAD_UNKNOWN");
    EXPECT_EQ(refusal(patch(location, "hello")), "404 BLOB_UPLOAD_UNKNOWN");
}

TEST_P(OciUpload, BelongsToItsImage) {
    const std::string location = begin("web");
    std::string elsewhere = location;
    elsewhere.replace(elsewhere.find("/web/"), 5, "/api/");
    EXPECT_EQ(refusal(ask("GET " + elsewhere)), "404 BLOB_UPLOAD_UNKNOWN");
    push_blob("web", "hello");
    EXPECT_EQ(refusal(ask("GET " + at("api", "blobs/" + digest_of("hello")))), "404 BLOB_UNKNOWN");
}

TEST_P(OciUpload, TwoOfOneBlobAtOnceAreBothTaken) {
    const std::string one = begin("web"), other = begin("web");
    for (const std::string& location : {one, other}) EXPECT_EQ(patch(location, "hel").status, 202);
    std::thread meanwhile([&] { EXPECT_EQ(finish(one, digest_of("hello"), "lo").status, 201); });
    EXPECT_EQ(finish(other, digest_of("hello"), "lo").status, 201);
    meanwhile.join();
    EXPECT_EQ(fetch(digest_of("hello")).body, "hello");
}

TEST_P(OciUpload, BlobsComeInPartsAndAreGivenUp) {
    EXPECT_EQ(push_blob("web", "hello"), digest_of("hello"));
    const Reply head = ask("HEAD " + at("web", "blobs/" + digest_of("hello")));
    EXPECT_EQ(std::to_string(head.status) + " " + head.header("content-length"), "200 5");
    EXPECT_EQ(head.header("docker-content-digest"), digest_of("hello"));
    const Reply part = fetch(digest_of("hello"), "Range: bytes=1-2\r\n");
    EXPECT_EQ(std::to_string(part.status) + " " + part.body, "206 el");
    EXPECT_EQ(fetch(digest_of("hello"), "Range: bytes=9-\r\n").status, 416);
    const Reply backward = fetch(digest_of("hello"), "Range: bytes=2-1\r\n");
    EXPECT_EQ(refusal(backward) + " " + backward.header("content-range"), "416 UNSUPPORTED bytes */5");
    const std::string tag = "\"" + digest_of("hello") + "\"\r\n";
    for (const char* range : {"Range: bytes=2-1\r\n", "Range: bytes=9-\r\n"}) {
        EXPECT_EQ(fetch(digest_of("hello"), range + ("If-None-Match: " + tag)).status, 304) << "asked first";
        EXPECT_EQ(fetch(digest_of("hello"), range + std::string("If-Range: \"other\"\r\n")).body, "hello");
        EXPECT_EQ(fetch(digest_of("hello"), range + ("If-Range: " + tag)).status, 416);
    }
    EXPECT_EQ(ask("DELETE " + at("web", "blobs/" + digest_of("hello"))).status, 202);
    EXPECT_EQ(fetch(digest_of("hello")).status, 404);
    EXPECT_EQ(refusal(ask("DELETE " + at("web", "blobs/" + digest_of("hello")))), "404 BLOB_UNKNOWN");
    push_image("web", "1", "layer");
    EXPECT_EQ(refusal(ask("DELETE " + at("web", "blobs/" + digest_of("layer")))), "405 UNSUPPORTED");
}

// Nobody sends a gigabyte in order to be told that there is no room for it.
TEST_P(OciUpload, IsRefusedBeforeItIsSentWhereTheQuotaHasNoRoom) {
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/images",
                  R"({"settings":{"quota":{"max_bytes":100000}}})", if_match("*"))
                  .status,
              200);
    const std::string large = octets + "Content-Length: 1000000000\r\nExpect: 100-continue\r\n";
    const Reply whole = ask("POST " + at("web", "blobs/uploads/?digest=" + digest_of("hello")), {}, large);
    EXPECT_EQ(refusal(whole), "409 DENIED") << whole.body;
    const std::string location = begin("web");
    EXPECT_EQ(ask("PATCH " + location, {}, large).status, 409);
    EXPECT_EQ(ask("PUT " + location + "?digest=" + digest_of("hello"), {}, large).status, 409);
    EXPECT_EQ(finish(location, digest_of("hello"), "hello").status, 201) << "what there is room for is taken";
}

// Nor does anybody fill the disk with what no manifest names.
TEST_P(OciUpload, TakesRoomBeforeAManifestNamesIt) {
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/images",
                  R"({"settings":{"quota":{"max_bytes":400000}}})", if_match("*"))
                  .status,
              200);
    const std::string first(150'000, 'a'), second(150'001, 'b'), third(150'002, 'c');
    const auto push = [&](const std::string& image, const std::string& bytes) {
        return ask("POST " + at(image, "blobs/uploads/?digest=" + digest_of(bytes)), bytes, octets);
    };
    EXPECT_EQ(push("web", first).status, 201);
    EXPECT_EQ(push("other", first).status, 201) << "the same bytes count once";
    const std::string location = begin("other");
    EXPECT_EQ(patch(location, second).status, 202);
    EXPECT_EQ(refusal(push("web", third)), "409 DENIED") << "with what an upload has so far";
    EXPECT_EQ(patch(begin("web"), third).status, 409);
    EXPECT_EQ(ask("DELETE " + location).status, 204);
    EXPECT_EQ(push("web", second).status, 201) << "it was given up";
    EXPECT_EQ(refusal(push("web", third)), "409 DENIED");
    EXPECT_EQ(ask("DELETE " + at("web", "blobs/" + digest_of(second))).status, 202);
    EXPECT_EQ(push("web", third).status, 201) << "nobody was promised it any more";
    push_blob("web", config);
    const std::string manifest = manifest_of(config, third);
    EXPECT_EQ(push_manifest("web", "1", manifest).status, 201);
    EXPECT_EQ(refusal(push("web", second)), "409 DENIED");
    EXPECT_EQ(ask("DELETE " + at("web", "manifests/" + digest_of(manifest))).status, 202);
    EXPECT_EQ(push("web", second).status, 201) << "deleting makes room at once, whatever was promised";
}

// Nor by little and little: small bodies are not asked about one by one, but by what they come to.
TEST_P(OciUpload, TakesNoMoreInSmallBodiesThanTheQuotaHasRoomFor) {
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/images",
                  R"({"settings":{"overwrite":"allowed","quota":{"max_bytes":400000}}})", if_match("*"))
                  .status,
              200);
    constexpr std::size_t size = 60'000;
    const auto count = [](const auto& send) {
        int taken = 0;
        while (taken < 20 && send(static_cast<char>('a' + taken)) < 300) ++taken;
        return taken;
    };
    const std::string location = begin("web");
    const auto add = [&](char filling) { return patch(location, std::string(size, filling)).status; };
    EXPECT_EQ(count(add), 7) << "six fit, and one more is not asked about";
    EXPECT_EQ(add('x'), 409);
    EXPECT_EQ(add('x'), 409) << "as long as there is no room";
    EXPECT_EQ(ask("DELETE " + location).status, 204);
    const auto push = [&](char filling) {
        const std::string bytes(size, filling);
        return ask("POST " + at("web", "blobs/uploads/?digest=" + digest_of(bytes)), bytes, octets).status;
    };
    EXPECT_EQ(count(push), 6);
}

TEST_P(OciUpload, TheEmptyBlobIsOne) {
    const Reply made = ask("POST " + at("web", std::string("blobs/uploads/?digest=") + empty_digest), {},
                           octets + "Content-Length: 0\r\n");
    EXPECT_EQ(made.status, 201) << made.body;
    const Reply got = fetch(empty_digest);
    EXPECT_EQ(std::to_string(got.status) + got.header("content-length"), "2000");
    EXPECT_EQ(finish(begin("web"), empty_digest).status, 201);
}

TEST_P(OciUpload, Sha512NamesBlobsToo) {
    EXPECT_EQ(ask("POST " + at("web", std::string("blobs/uploads/?digest=") + hello_sha512), "hello", octets)
                  .status,
              201);
    EXPECT_EQ(fetch(hello_sha512).body, "hello");
    const std::string begun = begin("api", "?digest-algorithm=sha512");
    EXPECT_EQ(patch(begun, "hel").status, 202);
    EXPECT_EQ(finish(begun, hello_sha512, "lo").status, 201);
    EXPECT_EQ(finish(begin("late"), hello_sha512, "hello").status, 201) << "nothing had come before";
    const std::string other = begin("web");
    EXPECT_EQ(patch(other, "hel").status, 202);
    EXPECT_EQ(finish(other, hello_sha512, "lo").status, 201) << "hashed once more";
    EXPECT_EQ(fetch(hello_sha512).body, "hello");
    damage("hello", "hell");
    EXPECT_EQ(fetch(hello_sha512).status, 503);
    const std::string again = begin("web");
    EXPECT_EQ(patch(again, "hel").status, 202);
    EXPECT_EQ(finish(again, hello_sha512, "lo").status, 201) << "hashed once more where its bytes are now";
    EXPECT_EQ(fetch(hello_sha512).body, "hello");
    const std::string wrong = begin("wrong");
    EXPECT_EQ(patch(wrong, "hal").status, 202);
    EXPECT_EQ(refusal(finish(wrong, hello_sha512, "lo")), "400 DIGEST_INVALID");
    EXPECT_EQ(ask("GET " + at("wrong", "blobs/" + digest_of("hallo"))).status, 404) << "nothing was promised";
    EXPECT_EQ(
        ask("POST " + at("web", "blobs/uploads/?digest-algorithm=md5"), {}, "Content-Length: 0\r\n").status,
        400);
}

TEST_P(OciUpload, IsMountedFromWhereOneMayPull) {
    push_blob("base", "hello");
    const std::string mount =
        at("web", "blobs/uploads/?mount=" + digest_of("hello") + "&from=acme/images/base");
    const Reply made = ask("POST " + mount, {}, "Content-Length: 0\r\n");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(fetch(digest_of("hello")).body, "hello");
    for (const std::string& from : {std::string("acme/images/none"), std::string("x"), std::string()})
        EXPECT_EQ(ask("POST " + at("api", "blobs/uploads/?mount=" + digest_of("hello") + "&from=" + from), {},
                      "Content-Length: 0\r\n")
                      .status,
                  202)
            << from;
    act_as(make_key(
        "acme", "owner",
        identity::Scopes({{.actions = {"package:*"}, .resources = {"package:images/api"}, .tags = {}}})));
    EXPECT_EQ(
        ask("POST " + at("api", "blobs/uploads/?mount=" + digest_of("hello") + "&from=acme/images/base"), {},
            "Content-Length: 0\r\n")
            .status,
        202)
        << "without the right to pull it is sent like any other";
}

}  // namespace
}  // namespace lodestone::formats::oci
