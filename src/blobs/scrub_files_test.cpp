// Scrubbing real files and an S3 store: bits that have flipped on a disk, files that were cut or are gone,
// and a storage that does not answer.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/worker_threads.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/scrub.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "blobs/store/s3_store.hpp"
#include "blobs/use.hpp"
#include "support/fake_s3.hpp"
#include "support/stores.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using std::chrono::hours;
using ::testing::HasSubstr;

class ScrubStoreTest : public test::WithBlobs {
  protected:
    void TearDown() override {
        if (scrubber_) scrubber_->stop();
        scrubber_.reset();
        blobs_.reset();
        WithBlobs::TearDown();
    }
    void open(std::unique_ptr<Store> store) {
        blobs_ = std::make_unique<Blobs>(std::move(store), database(), context());
        scrubber_ = std::make_unique<Scrubber>(*blobs_, ScrubOptions{});
    }
    BlobId put(const std::string& text) { return world_.run(enter(text)); }
    Task<BlobId> enter(std::string text) {
        auto draft = co_await blobs_->begin();
        test::TextBody body(text, 10'000);
        co_await draft->append(body, text.size());
        Blobs::Note note = [&](Tx& tx, BlobId id) { EXPECT_TRUE(use_blob(tx, acme_, 1, id)); };
        co_return co_await blobs_->enter({}, *draft, std::move(note));
    }
    Scrubbed scrub(bool has_all = true) {
        clock().advance(hours(25));
        return world_.run(scrubber_->run({.has_all = has_all}));
    }

    test::TempFolder folder_;
    test::FakeS3 s3_;
    test::StoreWorld world_{folder_ / "blobs"};  // its loop and threads
    std::unique_ptr<Blobs> blobs_;
    std::unique_ptr<Scrubber> scrubber_;
};

class ScrubFilesTest : public ScrubStoreTest {
  protected:
    void SetUp() override {
        WithBlobs::SetUp();
        if (IsSkipped()) return;
        open(open_filesystem_store({.folder = world_.folder()}, world_.workers(), context()));
    }
    std::filesystem::path path_of(BlobId id) {
        const std::filesystem::path path =
            world_.folder() + "/sha256/" + render_blob_key(need_blob(id).key());
        std::filesystem::permissions(path, std::filesystem::perms::owner_all);
        return path;
    }
};
INSTANTIATE_ON_EVERY_DATABASE(ScrubFilesTest);

TEST_P(ScrubFilesTest, FindsAFlippedBitACutAndALoss) {
    const std::string large = test::make_bytes(3'000'000);
    const BlobId fine = put(large);
    const BlobId flipped = put(large + "1");
    const BlobId cut = put(large + "2");
    const BlobId lost = put(large + "3");
    const BlobId empty = put("");
    {
        std::fstream file(path_of(flipped), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(2'345'678);
        file.put(static_cast<char>(large[2'345'678] ^ 0x10));
    }
    std::filesystem::resize_file(path_of(cut), 1'000);
    std::filesystem::remove(path_of(lost));
    const Scrubbed done = scrub();
    EXPECT_EQ(done.checked, 5);
    EXPECT_EQ(done.quarantined, 3);
    EXPECT_EQ(need_blob(fine).state, BlobState::live);
    EXPECT_EQ(need_blob(empty).state, BlobState::live);
    EXPECT_THAT(need_blob(flipped).fault.value_or(""), HasSubstr("their SHA-256 is "));
    EXPECT_EQ(need_blob(cut).fault, "there are 1000 bytes instead of 3000001");
    EXPECT_EQ(need_blob(lost).fault, "they are not there");
    // Sent again, they are whole again.
    EXPECT_EQ(put(large + "1"), flipped);
    EXPECT_EQ(put(large + "2"), cut);
    EXPECT_EQ(put(large + "3"), lost);
    EXPECT_EQ(scrub().quarantined, 0);
    EXPECT_EQ(read([](Tx& tx) { return count_blobs(tx); }).quarantined, 0);
}

TEST_P(ScrubFilesTest, WhatCannotBeReadFromTheDiskIsDamaged) {
    const BlobId id = put("bytes");
    // A folder in its place: open() takes it, read() does not.
    const auto path = path_of(id);
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    EXPECT_EQ(scrub().quarantined, 1);
    EXPECT_THAT(need_blob(id).fault.value_or(""), HasSubstr("they cannot be read: "));
    std::filesystem::remove(path);
}

class ScrubS3Test : public ScrubStoreTest {
  protected:
    void SetUp() override {
        WithBlobs::SetUp();
        if (IsSkipped()) return;
        open(open_s3_store(s3_.options(), world_.client(), world_.workers(), world_.loop().executor(),
                           context()));
    }
    std::string object_of(BlobId id) { return "kept/sha256/" + render_blob_key(need_blob(id).key()); }
};
INSTANTIATE_ON_EVERY_DATABASE(ScrubS3Test);

TEST_P(ScrubS3Test, FindsWhatTheStoreHasChanged) {
    const std::string large = test::make_bytes(9 << 20);
    const BlobId fine = put(large);
    const BlobId small = put("bytes");
    s3_.change(object_of(small), "bytez");
    const Scrubbed done = scrub();
    EXPECT_EQ(done.checked, 2);
    EXPECT_EQ(done.quarantined, 1);
    EXPECT_EQ(need_blob(small).state, BlobState::quarantined);
    EXPECT_EQ(need_blob(fine).state, BlobState::live);
}

TEST_P(ScrubS3Test, AStoreInTroubleIsNoDamage) {
    const BlobId id = put("bytes");
    s3_.misbehave("GET object", std::vector(20, test::S3Fault::internal_error));
    const Scrubbed done = scrub();
    EXPECT_EQ(done.checked, 0);
    EXPECT_EQ(done.unreadable, 1);
    EXPECT_EQ(need_blob(id).state, BlobState::live);
    s3_.misbehave("GET object", {});
    EXPECT_EQ(scrub(false).checked, 1) << "it is tried again soon";
}

}  // namespace
}  // namespace lodestone::blobs
