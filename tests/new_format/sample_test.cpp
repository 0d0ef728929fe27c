// The life of a file of a sample repository over HTTP, on both engines. What all formats owe is asked of this
// one by src/formats/conformance_test.cpp.
#include "support/shop_test.hpp"

namespace lodestone::formats::sample {
namespace {

using test::Reply;

class SampleFormat : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        make_repository("sample", "things");
    }
    Reply put(const std::string& place, const std::string& bytes) {
        return ask("PUT /sample/acme/things/" + place, bytes, "Content-Type: text/plain\r\n");
    }
    Reply fetch(const std::string& place) { return ask("GET /sample/acme/things/" + place); }
};
INSTANTIATE_ON_EVERY_DATABASE(SampleFormat);

TEST_P(SampleFormat, WhatWasPublishedIsFetched) {
    EXPECT_EQ(put("tool/1.0/a", "hello").status, 201);
    const Reply got = fetch("tool/1.0/a");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "hello");
    EXPECT_EQ(got.header("content-type"), "text/plain");
    EXPECT_EQ(put("tool/1.0/a", "other").status, 409) << "what is there stays";
    EXPECT_EQ(fetch("tool/2.0/a").status, 404);
}

TEST_P(SampleFormat, IsListed) {
    EXPECT_EQ(put("tool/1.0/a", "hello").status, 201);
    EXPECT_EQ(put("tool/1.0/b", "other").status, 201);
    const Reply list = fetch("tool/1.0/");
    EXPECT_EQ(list.at("/files/0/name") + " " + list.at("/files/1/name"), "a b") << list.body;
    EXPECT_EQ(list.at("/files/0/size_bytes"), "5");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/repositories/things/packages").at("/items/0/name"), "tool");
}

TEST_P(SampleFormat, IsDeleted) {
    EXPECT_EQ(put("tool/1.0/a", "hello").status, 201);
    EXPECT_EQ(put("tool/1.0/b", "other").status, 201);
    EXPECT_EQ(ask("DELETE /sample/acme/things/tool/1.0/a").status, 204);
    EXPECT_EQ(fetch("tool/1.0/a").status, 404);
    EXPECT_EQ(ask("DELETE /sample/acme/things/tool/1.0").status, 204);
    EXPECT_EQ(fetch("tool/1.0/b").status, 404);
    EXPECT_EQ(ask("DELETE /sample/acme/things/tool/1.0").status, 404);
}

}  // namespace
}  // namespace lodestone::formats::sample
