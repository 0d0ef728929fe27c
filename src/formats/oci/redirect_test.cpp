// Blobs that clients fetch from the store itself, on both engines: who gets a link, and for what.
#include <gmock/gmock.h>

#include "base/blob_limits.hpp"
#include "support/image_test.hpp"
#include "support/linking_store.hpp"

namespace lodestone::formats::oci {
namespace {

using test::digest_of;
using test::Reply;
using ::testing::StartsWith;

class OciRedirect : public test::ImageTest {
  protected:
    std::unique_ptr<blobs::Store> make_store() override {
        auto store = std::make_unique<test::LinkingStore>();
        store_ = store.get();
        return store;
    }
    blobs::LinkRule link_rule() override {
        return {.lifetime = std::chrono::minutes(5), .least_bytes = large_.size()};
    }
    Reply fetch(const std::string& bytes, const std::string& headers = {}) {
        return ask("GET " + at("web", "blobs/" + digest_of(bytes)), {}, headers);
    }

    const std::string large_ = std::string(50, 'x');
    test::LinkingStore* store_ = nullptr;
};
INSTANTIATE_ON_EVERY_DATABASE(OciRedirect);

class OciWithoutRedirect : public OciRedirect {
  protected:
    blobs::LinkRule link_rule() override { return {}; }
};
INSTANTIATE_ON_EVERY_DATABASE(OciWithoutRedirect);

TEST_P(OciRedirect, LayersAreFetchedFromTheStore) {
    push_blob("web", large_);
    for (const char* range : {"", "Range: bytes=10-\r\n"}) {
        const Reply sent = fetch(large_, range);
        EXPECT_EQ(sent.status, 307) << range;
        EXPECT_THAT(sent.header("location"), StartsWith("https://store.example/"));
        EXPECT_THAT(sent.header("location"), ::testing::EndsWith("?seconds=300"));
        EXPECT_EQ(sent.header("cache-control"), "no-store");
        EXPECT_EQ(sent.header("docker-content-digest"), digest_of(large_));
        EXPECT_EQ(sent.body, "");
    }
    EXPECT_EQ(store_->opened() + store_->opened_parts(), 0);
}

TEST_P(OciRedirect, WhatTheStoreCannotAnswerIsAnsweredHere) {
    push_blob("web", large_);
    const Reply head = ask("HEAD " + at("web", "blobs/" + digest_of(large_)));
    EXPECT_EQ(std::to_string(head.status) + " " + head.header("content-length"), "200 50");
    EXPECT_EQ(fetch(large_, "If-None-Match: \"" + digest_of(large_) + "\"\r\n").status, 304);
    EXPECT_EQ(fetch(large_, "If-None-Match: \"another\"\r\n").body, large_);
    EXPECT_EQ(fetch(large_, "Range: bytes=1-2\r\nIf-Range: \"" + digest_of(large_) + "\"\r\n").body, "xx");
    EXPECT_EQ(store_->linked(), 0);
    EXPECT_EQ(store_->opened(), 0) << "nobody is known to read all of it";
    EXPECT_EQ(store_->opened_parts(), 4);
}

TEST_P(OciRedirect, SmallThingsAndManifestsAreSentFromHere) {
    const std::string manifest = push_image("web", "1.0", "a layer");
    ASSERT_GT(manifest.size(), large_.size());
    EXPECT_EQ(ask("GET " + at("web", "manifests/1.0")).body, manifest);
    EXPECT_EQ(ask("GET " + at("web", "manifests/" + digest_of(manifest))).body, manifest);
    EXPECT_EQ(fetch("a layer").body, "a layer");
    EXPECT_EQ(store_->linked(), 0);
}

TEST_P(OciRedirect, WhoMayNotReadGetsNoLink) {
    push_blob("web", large_);
    EXPECT_EQ(ask("GET " + at("api", "blobs/" + digest_of(large_))).status, 404) << "of another image";
    act_as("");
    EXPECT_EQ(fetch(large_).status, 401);
    act_as(make_key(
        "acme", "owner",
        identity::Scopes({{.actions = {"package:*"}, .resources = {"package:images/api"}, .tags = {}}})));
    EXPECT_NE(fetch(large_).status, 307);
    EXPECT_EQ(store_->linked(), 0);
}

TEST_P(OciRedirect, NobodyIsSentToDamagedBytes) {
    push_blob("web", large_);
    damage(large_, "other bytes");
    EXPECT_EQ(fetch(large_).status, 503);
    EXPECT_EQ(fetch(large_).status, 404) << "it is known now, and whoever pushes has to send it";
}

TEST_P(OciWithoutRedirect, NobodyIsSentAnywhere) {
    const std::string bytes(limits::linked_bytes, 'x');
    push_blob("web", bytes);
    EXPECT_TRUE(fetch(bytes).body == bytes);
    EXPECT_EQ(store_->linked(), 0);
    EXPECT_EQ(store_->opened(), 1);
}

}  // namespace
}  // namespace lodestone::formats::oci
