// What the store takes longer to make durable than a request may wait for anything: it is published all the
// same, whatever the protocol, since nobody would send it again for that.
#include "support/slow_store.hpp"
#include "support/image_test.hpp"

namespace lodestone::formats {
namespace {

class SlowStore : public test::ImageTest {
  protected:
    void SetUp() override {
        ImageTest::SetUp();
        if (!IsSkipped() && !HasFatalFailure()) make_repository("generic", "files");
    }
    std::unique_ptr<blobs::Store> make_store() override {
        return std::make_unique<test::SlowStore>(clock(), std::chrono::minutes(2));
    }
};
INSTANTIATE_ON_EVERY_DATABASE(SlowStore);

TEST_P(SlowStore, IsWaitedFor) {
    EXPECT_EQ(ask("PUT /generic/acme/files/tool/1.0/a", "hello", octets).status, 201);
    EXPECT_EQ(ask("GET /generic/acme/files/tool/1.0/a").body, "hello");
    const std::string manifest = push_image("web", "1", "layer");
    EXPECT_EQ(ask("GET " + at("web", "manifests/1")).body, manifest);
    EXPECT_EQ(ask("GET " + at("web", "blobs/" + test::digest_of("layer"))).body, "layer");
}

}  // namespace
}  // namespace lodestone::formats
