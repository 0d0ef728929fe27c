// A folder that is not the one that the database was made with takes nothing, and is noticed to be the right
// one again without anybody's doing.
#include "blobs/belonging.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <thread>
#include <vector>

#include "base/blob_limits.hpp"
#include "blobs/scrub.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "blobs/upload_session.hpp"
#include "blobs/use.hpp"
#include "support/odd_disks.hpp"
#include "support/stores.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

class BelongingTest : public test::WithBlobs {
  protected:
    void SetUp() override {
        WithBlobs::SetUp();
        if (IsSkipped()) return;
        catch_up_with_numbers();
        start();
    }
    void TearDown() override {
        if (blobs_) blobs_->stop();
        WithBlobs::TearDown();
    }
    // As another process, on what stands at the path.
    void start() {
        if (blobs_) blobs_->stop();
        blobs_ = std::make_unique<Blobs>(
            open_filesystem_store({.folder = path(), .disk = &disk_}, workers_, context()), database(),
            context());
    }
    std::string path() const { return folder_ / "blobs"; }
    // As a folder looks where nothing is mounted.
    void unmount() {
        fs::rename(path(), folder_ / "away");
        fs::create_directory(path());
    }
    void mount() {
        fs::remove_all(path());
        fs::rename(folder_ / "away", path());
        clock().advance(limits::storage_probe_pause);
    }
    BlobId put(const std::string& text) {
        const Blobs::Note use = [&](Tx& tx, BlobId id) { EXPECT_TRUE(use_blob(tx, acme_, 1, id)); };
        return loop_.run(blobs_->enter_small({}, text, digests_of(text), use));
    }
    template <class Function>
    static std::string refusal(Function function) {
        return test::StoreWorld::refusal_of(function);
    }
    std::string put_refusal(const std::string& text) {
        return refusal([&] { put(text); });
    }
    std::optional<std::string> bytes_of(BlobId id) {
        const Blob blob = need_blob(id);
        const auto body = loop_.run(blobs_->open(blob.key(), blob.size_bytes));
        return body ? std::optional(test::read_body(*body)) : std::nullopt;
    }
    std::size_t count_stored() {
        std::size_t files = 0;
        for (const auto& entry : fs::recursive_directory_iterator(path()))
            files += entry.is_regular_file() && entry.path().filename() != "name" ? 1 : 0;
        return files;
    }
    static constexpr auto refused =
        "unavailable: The server does not find what it has stored before; its administrator has to see to "
        "that "
        "first.";

    const UploadPlace place_{.tenant = acme_, .scope = "1/app"};
    test::FailingDisk disk_;
    test::TempFolder folder_;
    test::LoopThread loop_;
    WorkerThreads workers_{2};
    std::unique_ptr<Blobs> blobs_;
};
INSTANTIATE_ON_EVERY_DATABASE(BelongingTest);

TEST_P(BelongingTest, WhatIsNotMountedTakesNothing) {
    const BlobId kept = put("kept");
    unmount();
    start();
    EXPECT_EQ(put_refusal("new"), refused);
    EXPECT_EQ(put_refusal("kept"), refused);
    EXPECT_EQ(refusal([&] { loop_.run(blobs_->begin()); }), refused);
    EXPECT_EQ(refusal([&] { loop_.run(blobs_->is_lost(need_blob(kept).key())); }), refused);
    EXPECT_EQ(need_blob(kept).state, BlobState::live) << "whoever asks for it does not make it so";
    EXPECT_EQ(refusal([&] { loop_.run(begin_upload(*blobs_, {}, place_)); }), refused);
    EXPECT_THAT(blobs_->find_fault().value_or(""), HasSubstr("blobs.dir"));
    EXPECT_EQ(count_stored(), 0u);
    mount();
    EXPECT_EQ(put_refusal("new"), "") << "nobody has started it anew";
    EXPECT_EQ(blobs_->find_fault(), std::nullopt);
    EXPECT_EQ(bytes_of(kept), "kept");
    EXPECT_EQ(count_stored(), 2u);
}

TEST_P(BelongingTest, WhoAsksIsToldThoughNobodyPushes) {
    put("kept");
    unmount();
    start();
    EXPECT_TRUE(blobs_->belonging().take_turn());
    EXPECT_FALSE(blobs_->belonging().take_turn()) << "one looks";
    EXPECT_FALSE(loop_.run(blobs_->belonging().look()));
    EXPECT_TRUE(blobs_->find_fault());
    mount();
    EXPECT_TRUE(blobs_->belonging().take_turn());
    EXPECT_TRUE(loop_.run(blobs_->belonging().look()));
    EXPECT_EQ(blobs_->find_fault(), std::nullopt);
    EXPECT_FALSE(blobs_->belonging().take_turn()) << "it is certain";
}

TEST_P(BelongingTest, UploadsGoOnWhenTheFolderIsBack) {
    const UploadId id = loop_.run(begin_upload(*blobs_, {}, place_)).id;
    const auto append = [&](const std::string& text) {
        test::TextBody body(text);
        const UploadPart part{.bytes = &body, .offset = {}, .limit_bytes = 1 << 20};
        return loop_.run(append_upload(*blobs_, {}, place_, id, part)).size_bytes;
    };
    EXPECT_EQ(append("abc"), 3);
    unmount();
    start();
    EXPECT_EQ(refusal([&] { append("def"); }), refused);
    EXPECT_EQ(count_stored(), 0u);
    mount();
    EXPECT_EQ(append("def"), 6);
}

// The disk was exchanged, or mounted again, while the server ran.
TEST_P(BelongingTest, FollowsTheFolderAfterAFailure) {
    const BlobId kept = put("kept");
    unmount();
    EXPECT_EQ(put_refusal("more"), "") << "what was opened stays open";
    disk_.fail(test::FailingDisk::Call::write, EIO);
    EXPECT_THAT(put_refusal("failed"), HasSubstr("could not be stored"));
    EXPECT_TRUE(blobs_->find_fault());
    disk_.heal();
    EXPECT_EQ(put_refusal("new"), refused) << "in its place there is another one";
    mount();
    EXPECT_EQ(put_refusal("new"), "");
    EXPECT_EQ(blobs_->find_fault(), std::nullopt);
    EXPECT_EQ(bytes_of(kept), "kept");
}

// A store that has no name yet gets one, whoever is first, and nobody is refused meanwhile.
TEST_P(BelongingTest, ManyMayBeTheFirstAtOnce) {
    for (int round = 0; round < 20 && !HasFailure(); ++round) {
        fs::remove_all(path());
        run_sql("DELETE FROM blob_storage");
        start();
        const auto other = std::make_unique<Blobs>(
            open_filesystem_store({.folder = path()}, workers_, context()), database(), context());
        std::vector<std::jthread> crowd;
        for (int i = 0; i < 8; ++i)
            crowd.emplace_back([&, i] {
                Blobs& node = i % 2 == 0 ? *blobs_ : *other;
                EXPECT_EQ(refusal([&] { loop_.run(node.begin()); }), "") << "round " << round;
            });
        crowd.clear();
        other->stop();
    }
}

TEST_P(BelongingTest, TwoNodesShareAFolderAndAreRefusedTwo) {
    put("kept");
    start();
    EXPECT_EQ(put_refusal("more"), "");
    const auto elsewhere = std::make_unique<Blobs>(
        open_filesystem_store({.folder = folder_ / "elsewhere"}, workers_, context()), database(), context());
    EXPECT_EQ(refusal([&] { loop_.run(elsewhere->begin()); }), refused);
    elsewhere->stop();
}

// Of a version of this program that named nothing; and copies made of blobs alone.
TEST_P(BelongingTest, AFolderWithoutANameIsToldByWhatItHas) {
    put("kept");
    clock().advance(limits::unnamed_age + std::chrono::hours(1));
    for (const bool is_known : {true, false}) {
        fs::remove(path() + "/name");
        if (!is_known) run_sql("DELETE FROM blob_storage");
        unmount();
        start();
        EXPECT_EQ(put_refusal("new"), refused);
        mount();
        EXPECT_EQ(put_refusal("new"), "");
        EXPECT_TRUE(fs::exists(path() + "/name"));
        start();
        EXPECT_EQ(put_refusal("kept"), "");
    }
}

TEST_P(BelongingTest, ANewDatabaseTakesAFolderWithItsName) {
    put("kept");
    run_sql("UPDATE blob_storage SET name = 'of the database before'");
    start();
    EXPECT_EQ(put_refusal("new"), refused);
    run_sql("DELETE FROM blob_storage");
    clock().advance(limits::storage_probe_pause);
    EXPECT_EQ(put_refusal("new"), "");
    start();
    EXPECT_EQ(put_refusal("more"), "");
}

TEST_P(BelongingTest, WhoAnswersForItSaysThatTheRestIsLost) {
    const BlobId lost = put("lost");
    unmount();
    start();
    Scrubber scrubber(*blobs_, {});
    loop_.run(scrubber.run({.has_all = true}));
    EXPECT_THAT(scrubber.find_fault().value_or(""), HasSubstr("storage scrub --all --lost"));
    EXPECT_EQ(need_blob(lost).state, BlobState::live);
    clock().advance(std::chrono::minutes(1));
    EXPECT_EQ(loop_.run(scrubber.run({.has_all = true, .believes_loss = true})).quarantined, 1);
    EXPECT_EQ(scrubber.find_fault(), std::nullopt);
    EXPECT_EQ(put("lost"), lost);
    EXPECT_EQ(bytes_of(lost), "lost");
    start();
    EXPECT_EQ(put_refusal("new"), "");
}

}  // namespace
}  // namespace lodestone::blobs
