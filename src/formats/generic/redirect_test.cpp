// Files that clients fetch from the store itself: sent there, and counted all the same.
#include <gmock/gmock.h>

#include "support/linking_store.hpp"
#include "support/shop_test.hpp"

namespace lodestone::formats::generic {
namespace {

using test::Reply;

class GenericRedirect : public test::ShopTest {
  protected:
    void SetUp() override {
        ShopTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        make_repository("generic", "files");
        put("large", "hello");
        put("small", "hell");
    }
    std::unique_ptr<blobs::Store> make_store() override { return std::make_unique<test::LinkingStore>(); }
    blobs::LinkRule link_rule() override { return {.lifetime = std::chrono::minutes(5), .least_bytes = 5}; }
    void put(const std::string& file, const std::string& bytes) {
        EXPECT_EQ(ask("PUT " + at(file), bytes, "Content-Type: text/plain\r\n").status, 201);
    }
    Reply fetch(const std::string& file, const std::string& headers = {}) {
        return ask("GET " + at(file), {}, headers);
    }
    std::string count() {
        write_downloads();
        return ask("GET /api/v1/tenants/acme/repositories/files/packages/tool/versions/1.0")
            .at("/downloads/count");
    }

  private:
    static std::string at(const std::string& file) { return "/generic/acme/files/tool/1.0/" + file; }
};
INSTANTIATE_ON_EVERY_DATABASE(GenericRedirect);

TEST_P(GenericRedirect, LargeFilesAreFetchedFromTheStore) {
    const Reply sent = fetch("large");
    EXPECT_EQ(sent.status, 307) << sent.body;
    EXPECT_THAT(sent.header("location"), ::testing::StartsWith("https://store.example/"));
    EXPECT_EQ(sent.header("cache-control"), "no-store");
    // SHA-256 of "hello".
    EXPECT_EQ(sent.header("x-checksum-sha256"),
              "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    EXPECT_EQ(fetch("small").body, "hell");
    EXPECT_EQ(count(), "2");
}

TEST_P(GenericRedirect, CountsWhatIsFetchedFromItsBeginning) {
    EXPECT_EQ(fetch("large", "Range: bytes=0-1\r\n").status, 307);
    EXPECT_EQ(count(), "1");
    EXPECT_EQ(fetch("large", "Range: bytes=2-4\r\n").status, 307);
    EXPECT_EQ(ask("HEAD /generic/acme/files/tool/1.0/large").status, 200);
    EXPECT_EQ(count(), "1");
}

}  // namespace
}  // namespace lodestone::formats::generic
