// The life of a file of a npm repository over HTTP, on both engines. What all formats owe is asked of this
// one by src/formats/conformance_test.cpp.
#include "support/shop_test.hpp"

namespace lodestone::formats::npm {
namespace {

using test::Reply;

class NpmFormat : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        make_repository("npm", "things");
    }
    Reply put(const std::string& place, const std::string& bytes) {
        return ask("PUT /npm/acme/things/" + place, bytes, "Content-Type: text/plain\r\n");
    }
    Reply fetch(const std::string& place) { return ask("GET /npm/acme/things/" + place); }
};
INSTANTIATE_ON_EVERY_DATABASE(NpmFormat);

TEST_P(NpmFormat, WhatWasPublishedIsFetched) {
    EXPECT_EQ(put("tool/1.0/a", "hello").status, 201);
    const Reply got = fetch("tool/1.0/a");
    EXPECT_EQ(got.status, 200);
    EXPECT_EQ(got.body, "hello");
    EXPECT_EQ(got.header("content-type"), "text/plain");
    EXPECT_EQ(put("tool/1.0/a", "other").status, 409) << "what is there stays";
    EXPECT_EQ(fetch("tool/2.0/a").status, 404);
}

TEST_P(NpmFormat, IsListed) {
    EXPECT_EQ(put("tool/1.0/a", "hello").status, 201);
    EXPECT_EQ(put("tool/1.0/b", "other").status, 201);
    const Reply list = fetch("tool/1.0/");
    EXPECT_EQ(list.at("/files/0/name") + " " + list.at("/files/1/name"), "a b") << list.body;
    EXPECT_EQ(list.at("/files/0/size_bytes"), "5");
    EXPECT_EQ(ask("GET /api/v1/tenants/acme/repositories/things/packages").at("/items/0/name"), "tool");
}

TEST_P(NpmFormat, IsDeleted) {
    EXPECT_EQ(put("tool/1.0/a", "hello").status, 201);
    EXPECT_EQ(put("tool/1.0/b", "other").status, 201);
    EXPECT_EQ(ask("DELETE /npm/acme/things/tool/1.0/a").status, 204);
    EXPECT_EQ(fetch("tool/1.0/a").status, 404);
    EXPECT_EQ(ask("DELETE /npm/acme/things/tool/1.0").status, 204);
    EXPECT_EQ(fetch("tool/1.0/b").status, 404);
    EXPECT_EQ(ask("DELETE /npm/acme/things/tool/1.0").status, 404);
}

}  // namespace
}  // namespace lodestone::formats::npm
