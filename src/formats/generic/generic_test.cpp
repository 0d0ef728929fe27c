// The life of generic files over HTTP, on both engines.
#include <boost/json/serialize.hpp>

#include "support/shop_test.hpp"

namespace lodestone::formats::generic {
namespace {

using test::Reply;

class GenericFormat : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (!IsSkipped() && !HasFatalFailure()) make_repository("generic", "files");
    }
    Reply put(const std::string& place, const std::string& bytes, const std::string& headers = {}) {
        return ask("PUT /generic/acme/" + place, bytes, "Content-Type: text/plain\r\n" + headers);
    }
    Reply fetch(const std::string& place, const std::string& headers = {}) {
        return ask("GET /generic/acme/" + place, {}, headers);
    }
    // SHA-256 of "hello".
    static constexpr const char* hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
};
INSTANTIATE_ON_EVERY_DATABASE(GenericFormat);

TEST_P(GenericFormat, WhatWasPutComesBackByteForByte) {
    std::string bytes;
    for (int i = 0; i < 300'000; ++i) bytes += static_cast<char>(i * 7 % 256);
    const Reply made = put("files/tool/1.0/tool.bin", bytes);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("location"), "/generic/acme/files/tool/1.0/tool.bin");
    const Reply got = fetch("files/tool/1.0/tool.bin");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, bytes);
    EXPECT_EQ(got.header("content-type"), "text/plain");
    EXPECT_EQ(got.header("etag"), made.header("etag"));
    EXPECT_EQ(got.header("x-content-type-options"), "nosniff");
    const Reply head = ask("HEAD /generic/acme/files/tool/1.0/tool.bin");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), "300000");
    const Reply part = fetch("files/tool/1.0/tool.bin", "Range: bytes=10-19\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.body, bytes.substr(10, 10));
    EXPECT_EQ(fetch("files/tool/1.0/tool.bin", "If-None-Match: " + got.header("etag") + "\r\n").status, 304);
}

TEST_P(GenericFormat, CountsWhatWasFetchedFromItsBeginning) {
    EXPECT_EQ(put("files/tool/1.0/a", "hello").status, 201);
    const auto count = [&] {
        write_downloads();
        return ask("GET /api/v1/tenants/acme/repositories/files/packages/tool/versions/1.0")
            .at("/downloads/count");
    };
    EXPECT_EQ(count(), "0");
    const Reply got = fetch("files/tool/1.0/a");
    EXPECT_EQ(count(), "1");
    EXPECT_EQ(fetch("files/tool/1.0/a", "If-None-Match: " + got.header("etag") + "\r\n").status, 304);
    EXPECT_EQ(ask("HEAD /generic/acme/files/tool/1.0/a").status, 200);
    EXPECT_EQ(fetch("files/tool/1.0/a", "Range: bytes=2-4\r\n").status, 206);
    EXPECT_EQ(fetch("files/tool/1.0/a", "Range: bytes=7-\r\n").status, 416);
    EXPECT_EQ(fetch("files/tool/1.0/none").status, 404);
    EXPECT_EQ(count(), "1");
    EXPECT_EQ(fetch("files/tool/1.0/a", "Range: bytes=0-1\r\n").status, 206);
    EXPECT_EQ(fetch("files/tool/latest/a").status, 200);
    EXPECT_EQ(count(), "3");
}

TEST_P(GenericFormat, EmptyFilesAreFiles) {
    EXPECT_EQ(put("files/tool/1.0/empty", "", "Content-Length: 0\r\n").status, 201);
    const Reply got = fetch("files/tool/1.0/empty");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "");
}

TEST_P(GenericFormat, WhatIsThereStays) {
    EXPECT_EQ(put("files/tool/1.0/a", "hello").status, 201);
    for (const char* bytes : {"hello", "other"})
        EXPECT_EQ(
            put("files/tool/1.0/a", bytes).refusal(),
            "409 conflict The file a of version 1.0 of tool is published already and stays as it is: publish "
            "another version.");
    EXPECT_EQ(put("files/tool/1.0/b", "other").status, 201) << "another file of the version";
    EXPECT_EQ(fetch("files/tool/1.0/a").body, "hello");
    make_repository("generic", "nightly", R"(,"settings":{"overwrite":"allowed"})");
    EXPECT_EQ(put("nightly/tool/1.0/a", "hello").status, 201);
    EXPECT_EQ(put("nightly/tool/1.0/a", "other").status, 201);
    EXPECT_EQ(fetch("nightly/tool/1.0/a").body, "other");
}

TEST_P(GenericFormat, ChecksumsAreChecked) {
    const std::string announced = std::string("X-Checksum-Sha256: ") + hello + "\r\n";
    EXPECT_EQ(put("files/tool/1.0/a", "hallo", announced).status, 400);
    EXPECT_EQ(fetch("files/tool/1.0/a").status, 404) << "nothing of it is left";
    EXPECT_EQ(put("files/tool/1.0/a", "hello", announced).status, 201);
    EXPECT_EQ(fetch("files/tool/1.0/a").header("x-checksum-sha256"), hello);
    EXPECT_EQ(put("files/tool/1.0/b", "hello", "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n").status, 201);
    EXPECT_EQ(put("files/tool/1.0/c", "hallo", "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==\r\n").status, 400);
    EXPECT_EQ(
        put("files/tool/1.0/c", "hello", "Digest: sha-256=LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\r\n")
            .status,
        201);
    EXPECT_EQ(put("files/tool/1.0/d", "hello", "Digest: sha-256=no\r\n").status, 400);
}

TEST_P(GenericFormat, TagsAndTheNewestAreFound) {
    EXPECT_EQ(put("files/tool/1.0/a?tag=stable", "one").status, 201);
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(put("files/tool/2.0/a", "two").status, 201);
    EXPECT_EQ(fetch("files/tool/stable/a").body, "one");
    const Reply newest = fetch("files/tool/latest/a");
    EXPECT_EQ(newest.body, "two");
    EXPECT_EQ(newest.header("x-lodestone-version"), "2.0");
    EXPECT_EQ(newest.header("cache-control"), "private, no-cache");
    EXPECT_EQ(ask("POST /api/v1/tenants/acme/repositories/files/packages/tool/versions/2.0/yank").status,
              200);
    EXPECT_EQ(fetch("files/tool/latest/a").body, "one");
    EXPECT_EQ(fetch("files/tool/2.0/a").body, "two") << "who names it gets it";
    clock().advance(std::chrono::seconds(1));
    EXPECT_EQ(put("files/tool/3.0/a?tag=latest&tag=stable", "three").status, 201);
    EXPECT_EQ(fetch("files/tool/stable/a").body, "three");
}

TEST_P(GenericFormat, TagsAndVersionsNeverShareAName) {
    EXPECT_EQ(put("files/tool/1.0/a", "good").status, 201);
    EXPECT_EQ(put("files/tool/2.0/a?tag=1.0", "evil").status, 409);
    EXPECT_EQ(ask("DELETE /generic/acme/files/tool/1.0").status, 204);
    EXPECT_EQ(put("files/tool/2.0/a?tag=1.0", "evil").status, 409) << "it was a version";
    EXPECT_EQ(fetch("files/tool/1.0/a").status, 404);
    EXPECT_EQ(put("files/tool/2.0/a?tag=stable", "good").status, 201);
    EXPECT_EQ(put("files/tool/stable/a", "evil").status, 409);
    EXPECT_EQ(put("files/tool/latest/a", "evil").status, 400);
    EXPECT_EQ(fetch("files/tool/stable/a").body, "good");
}

TEST_P(GenericFormat, APartIsNotTakenForTheWhole) {
    EXPECT_EQ(put("files/tool/1.0/a", "tail", "Content-Range: bytes 4-7/8\r\n").status, 400);
    EXPECT_EQ(fetch("files/tool/1.0/a").status, 404);
}

TEST_P(GenericFormat, OfBytesThatWereReplacedTheLastComeBack) {
    make_repository("generic", "nightly", R"(,"settings":{"overwrite":"allowed"})");
    EXPECT_EQ(put("nightly/tool/1.0/a", "one").status, 201);
    EXPECT_EQ(ask("DELETE /generic/acme/nightly/tool/1.0/a").status, 204);
    EXPECT_EQ(put("nightly/tool/1.0/a", "two").status, 201);
    EXPECT_EQ(ask("DELETE /generic/acme/nightly/tool/1.0/a").status, 204);
    EXPECT_EQ(ask("PATCH /api/v1/tenants/acme/repositories/nightly", R"({"settings":{"overwrite":"never"}})",
                  "If-Match: *\r\n")
                  .status,
              200);
    EXPECT_EQ(put("nightly/tool/1.0/a", "one").status, 409);
    EXPECT_EQ(put("nightly/tool/1.0/a", "two").status, 201);
}

TEST_P(GenericFormat, IsListed) {
    EXPECT_EQ(put("files/tool/1.0/a?tag=stable", "hello").status, 201);
    EXPECT_EQ(put("files/tool/1.0/b", "other").status, 201);
    const Reply package = fetch("files/tool/");
    EXPECT_EQ(package.at("/versions/0/version"), "1.0") << package.body;
    EXPECT_EQ(package.at("/versions/0/file_count"), "2");
    EXPECT_EQ(package.at("/tags/stable"), "1.0");
    const Reply version = fetch("files/tool/1.0/");
    EXPECT_EQ(version.at("/files/0/name") + " " + version.at("/files/0/sha256"), std::string("a ") + hello);
    EXPECT_EQ(version.at("/files/1/name"), "b");
    EXPECT_EQ(fetch("files/none/").refusal(), "404 not-found There is no package none.");
}

TEST_P(GenericFormat, IsDeletedForGood) {
    EXPECT_EQ(put("files/tool/1.0/a", "hello").status, 201);
    EXPECT_EQ(put("files/tool/1.0/b", "other").status, 201);
    EXPECT_EQ(ask("DELETE /generic/acme/files/tool/1.0/a").status, 204);
    EXPECT_EQ(ask("DELETE /generic/acme/files/tool/1.0/a").status, 404);
    EXPECT_EQ(fetch("files/tool/1.0/a").status, 404);
    EXPECT_EQ(put("files/tool/1.0/a", "hallo").status, 409) << "something else was there";
    EXPECT_EQ(put("files/tool/1.0/a", "hello").status, 201) << "the same was";
    EXPECT_EQ(ask("DELETE /generic/acme/files/tool/1.0").status, 204);
    EXPECT_EQ(fetch("files/tool/1.0/b").status, 404);
    EXPECT_EQ(ask("DELETE /generic/acme/files/tool").status, 204);
    EXPECT_EQ(fetch("files/tool/").status, 404);
}

TEST_P(GenericFormat, NamesAreRefusedThatCouldBeMistaken) {
    for (const char* place : {"files/.hidden/1.0/a", "files/a%20b/1.0/a", "files/tool/-1/a",
                              "files/t%C3%A4/1/a", "files/tool/1.0/%20a"})
        EXPECT_EQ(put(place, "x").status, 400) << place;
    for (const char* place : {"files/tool/1.0/..", "files/tool/1.0/%2e%2e", "files/tool/1.0/a%00b"})
        EXPECT_EQ(put(place, "x").status, 400) << place;
    EXPECT_EQ(put("files/tool/1.0/a%2Fb", "x").status, 404);
    EXPECT_EQ(put("files/" + std::string(201, 'a') + "/1.0/a", "x").status, 400);
    EXPECT_EQ(put("files/tool/1.0/read%20me.txt", "x").status, 201) << "files are called as people like";
}

TEST_P(GenericFormat, OnlyWhoMayDoesAnything) {
    EXPECT_EQ(put("files/tool/1.0/a", "hello").status, 201);
    const std::string owner = make_key("acme", "owner");
    act_as(make_tenant("other"));
    EXPECT_EQ(fetch("files/tool/1.0/a").status, 404);
    EXPECT_EQ(put("files/tool/1.0/b", "x").status, 404);
    act_as("");
    EXPECT_EQ(fetch("files/tool/1.0/a").status, 401);
    EXPECT_EQ(put("files/tool/1.0/b", "x").status, 401);
    act_as(make_key("acme", "owner",
                    identity::Scopes({{.actions = {"package:download"}, .resources = {}, .tags = {}}})));
    EXPECT_EQ(fetch("files/tool/1.0/a").status, 200);
    EXPECT_EQ(put("files/tool/1.0/b", "x").status, 403);
    EXPECT_EQ(ask("DELETE /generic/acme/files/tool/1.0/a").status, 403);
    act_as(owner);
    EXPECT_EQ(
        ask("PATCH /api/v1/tenants/acme/repositories/files", R"({"visibility":"public"})", if_match("*"))
            .status,
        200);
    act_as("");
    EXPECT_EQ(fetch("files/tool/1.0/a").body, "hello");
    EXPECT_EQ(ask("DELETE /generic/acme/files/tool/1.0/a").status, 401);
}

// Tags are moved, and files replaced, by whoever may change what is there.
TEST_P(GenericFormat, PublishingAloneChangesNothing) {
    make_repository("generic", "nightly", R"(,"settings":{"overwrite":"allowed"})");
    EXPECT_EQ(put("nightly/tool/1.0/a?tag=stable", "one").status, 201);
    act_as(make_key("acme", "owner",
                    identity::Scopes({{.actions = {"package:publish"}, .resources = {}, .tags = {}}})));
    EXPECT_EQ(put("nightly/tool/2.0/a", "two").status, 201);
    EXPECT_EQ(put("nightly/tool/2.0/a", "three").status, 403);
    EXPECT_EQ(put("nightly/tool/3.0/a?tag=stable", "three").status, 403);
}

TEST_P(GenericFormat, DamagedBytesAreGivenToNobodyUntilTheyComeAgain) {
    ASSERT_EQ(put("files/tool/1.0/a.txt", "hello").status, 201);
    ASSERT_EQ(put("files/tool/1.0/b.txt", "other").status, 201);
    run_sql(
        "UPDATE blobs SET state = 'quarantined', withdrawn_at = 1, fault = 'rot' WHERE size_bytes = 5 AND id "
        "= "
        "(SELECT blob_id FROM files WHERE name = 'a.txt')");
    const Reply refused = fetch("files/tool/1.0/a.txt");
    EXPECT_EQ(refused.status, 503);
    EXPECT_NE(refused.body.find("The file a.txt was damaged where it is kept"), std::string::npos)
        << refused.body;
    EXPECT_EQ(refused.body.find("hello"), std::string::npos);
    EXPECT_EQ(fetch("files/tool/1.0/b.txt").body, "other");
    EXPECT_EQ(put("files/tool/1.0/a.txt", "hellO").status, 409) << "other bytes are no cure";
    EXPECT_EQ(fetch("files/tool/1.0/a.txt").status, 503);
    const Reply healed = put("files/tool/1.0/a.txt", "hello");
    EXPECT_EQ(healed.status, 201) << healed.body;
    EXPECT_EQ(healed.header("x-checksum-sha256"), hello);
    EXPECT_EQ(fetch("files/tool/1.0/a.txt").body, "hello");
    EXPECT_EQ(put("files/tool/1.0/a.txt", "hello").status, 409) << "published is published";
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'blob.heal'"), "1");
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'package.publish'"), "2");
}

// The bytes that come would have healed a file that is gone by then, and 201 says that there is one.
TEST_P(GenericFormat, WhatIsDeletedWhileItComesAgainIsPublishedAnew) {
    ASSERT_EQ(put("files/tool/1.0/a.txt", "hello").status, 201);
    run_sql("UPDATE blobs SET state = 'quarantined', withdrawn_at = 1, fault = 'rot'");
    test::RawClient sender(port());
    const test::Answer asked = sender.exchange(
        "PUT /generic/acme/files/tool/1.0/a.txt HTTP/1.1\r\nHost: registry.example\r\n"
        "Authorization: Bearer " +
        owner_ + "\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    ASSERT_EQ(asked.status, 100) << "what is there was looked at";
    ASSERT_EQ(ask("DELETE /generic/acme/files/tool/1.0").status, 204);
    EXPECT_EQ(sender.exchange("hello").status, 201);
    EXPECT_EQ(fetch("files/tool/1.0/a.txt").body, "hello");
}

TEST_P(GenericFormat, MoreOrFewerBytesThanWerePublishedAreGivenToNobody) {
    for (const char* instead : {"hell", "hello ", ""}) {
        const std::string place =
            "files/tool/1." + std::to_string(std::string_view(instead).size()) + "/a.txt";
        ASSERT_EQ(put(place, "hello").status, 201);
        ASSERT_EQ(fetch(place).body, "hello");
        damage("hello", instead);
        const Reply refused = fetch(place);
        EXPECT_EQ(refused.status, 503);
        EXPECT_NE(refused.body.find("cannot be read"), std::string::npos) << refused.body;
        EXPECT_EQ(run_sql("SELECT fault FROM blobs WHERE state = 'quarantined'"),
                  "there are " + std::to_string(std::string_view(instead).size()) + " bytes instead of 5");
        EXPECT_EQ(put(place, "hello").status, 201) << "sent again, it is whole";
        EXPECT_EQ(fetch(place).body, "hello");
    }
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'blob.quarantine'"), "3");
    EXPECT_EQ(run_sql("SELECT count(*) FROM audit WHERE action = 'blob.heal'"), "3");
}

TEST_P(GenericFormat, WhoeverSendsTheBytesHealsThemForEverybody) {
    ASSERT_EQ(put("files/tool/1.0/a.txt", "hello").status, 201);
    ASSERT_EQ(put("files/other/2.0/b.txt", "hello").status, 201);
    run_sql("UPDATE blobs SET state = 'quarantined', withdrawn_at = 1, fault = 'rot'");
    EXPECT_EQ(fetch("files/tool/1.0/a.txt").status, 503);
    EXPECT_EQ(put("files/third/3.0/c.txt", "hello").status, 201);
    for (const char* place : {"files/tool/1.0/a.txt", "files/other/2.0/b.txt", "files/third/3.0/c.txt"})
        EXPECT_EQ(fetch(place).body, "hello") << place;
}

}  // namespace
}  // namespace lodestone::formats::generic
