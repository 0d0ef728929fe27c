// What many uploads take of memory at once is a few pieces each, however large they are.
#include <gtest/gtest.h>

#include "blobs/store/filesystem_store.hpp"
#include "support/sanitized.hpp"
#include "support/stores.hpp"

namespace lodestone::blobs {
namespace {

constexpr int uploads = 64;
constexpr std::uint64_t size_bytes = 8 << 20;

// The same piece again and again; it is not held anywhere.
class Generated final : public http::BodySource {
  public:
    Task<std::string_view> next() override {
        if (given_ == size_bytes) co_return std::string_view();
        given_ += piece_.size();
        co_return piece_;
    }
    std::optional<std::uint64_t> length() const override { return size_bytes; }

  private:
    std::string piece_ = test::make_bytes(64 * 1024);
    std::uint64_t given_ = 0;
};

std::uint64_t resident_bytes() {
    std::uint64_t pages = 0;
    std::uint64_t resident = 0;
    std::FILE* file = std::fopen("/proc/self/statm", "r");
    if (std::fscanf(file, "%lu %lu", &pages, &resident) != 2) resident = 0;
    std::fclose(file);
    return resident * 4096;
}

Task<std::uint64_t> upload(Store& store, BlobId id) {
    Generated body;
    auto draft = co_await store.begin({.id = id, .also = {}});
    co_await draft->append(body, size_bytes);
    const std::uint64_t resident = resident_bytes();
    co_await draft->publish({.sha256 = draft->digests().sha256, .id = id});
    co_return resident;
}

TEST(UploadMemory, DoesNotGrowWithWhatIsUploaded) {
    const test::TempFolder folder;
    test::StoreWorld world(folder / "blobs");
    world.open(open_filesystem_store({.folder = world.folder()}, world.workers(), world.context()));
    world.put("what is needed once");
    const std::uint64_t before = resident_bytes();
    std::vector<std::future<std::uint64_t>> started;
    for (int i = 0; i < uploads; ++i)
        started.push_back(world.loop().start(upload(world.store(), world.new_id())));
    std::uint64_t most = before;
    for (auto& one : started) most = std::max(most, one.get());
    // Half a GiB came; each upload has five pieces of 64 KiB, and the one that this test gives it. A
    // sanitized program rounds a piece and its red zones up to 80 KiB, and keeps some that were given back.
    const std::uint64_t piece = test::is_sanitized() ? 96 * 1024 : 64 * 1024;
    EXPECT_LT(most - before, uploads * 6 * piece + (24ull << 20));
}

}  // namespace
}  // namespace lodestone::blobs
