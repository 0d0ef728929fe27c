// Disks that fail and disks that are full: who uploads is told, nothing of it is found, and the storage is
// well again when something could be written.
#include <gmock/gmock.h>

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/blob_limits.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "support/odd_disks.hpp"
#include "support/stores.hpp"
#include "support/wait.hpp"

namespace lodestone::blobs {
namespace {

using test::FailingDisk;
using test::TextBody;
using Call = FailingDisk::Call;

class FilesystemFaultTest : public ::testing::Test {
  protected:
    FilesystemFaultTest() {
        world_.open(open_filesystem_store({.folder = world_.folder(), .disk = &disk_}, world_.workers(),
                                          world_.context()));
    }
    std::string put_refusal(const std::string& text) {
        return test::StoreWorld::refusal_of([&] { world_.put(text); });
    }
    std::size_t count_files() {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(world_.folder()))
            count += entry.is_regular_file() ? 1 : 0;
        return count;
    }

    FailingDisk disk_;
    test::TempFolder folder_;
    test::StoreWorld world_{folder_ / "blobs"};
};

TEST_F(FilesystemFaultTest, WhatTheDiskDoesNotTakeIsRefusedAndNotFound) {
    for (const Call call : {Call::write, Call::sync_file, Call::sync_folder, Call::make_folder, Call::link}) {
        disk_.fail(call, EIO);
        EXPECT_EQ(put_refusal("bytes of call " + std::to_string(static_cast<int>(call))),
                  "unavailable: The file could not be stored; send it again in a moment.");
        disk_.heal();
        EXPECT_EQ(count_files(), 0u) << static_cast<int>(call);
        const auto fault = world_.store().find_fault();
        ASSERT_TRUE(fault);
        EXPECT_THAT(*fault, ::testing::EndsWith("Input/output error"));
        EXPECT_EQ(put_refusal("bytes"), "");
        EXPECT_FALSE(world_.store().find_fault()) << "it took something";
        std::filesystem::remove_all(world_.folder() + "/sha256/" +
                                    render_blob_key({test::sha256_of("bytes"), {}}).substr(0, 2));
    }
}

TEST_F(FilesystemFaultTest, SmallThingsToo) {
    for (const Call call : {Call::write, Call::sync_file, Call::sync_folder, Call::link}) {
        disk_.fail(call, EIO);
        const BlobKey key{.sha256 = test::sha256_of("bytes"), .id = world_.new_id()};
        EXPECT_THAT(test::StoreWorld::refusal_of([&] { world_.run(world_.store().put_small(key, "bytes")); }),
                    ::testing::StartsWith("unavailable"));
        disk_.heal();
        EXPECT_FALSE(world_.find(key));
    }
}

// Each that is sent or fetched is one until it is gone, however it ends.
TEST_F(FilesystemFaultTest, HoldsNoMoreFilesOpenThanItMay) {
    const BlobKey key = world_.put("bytes");
    world_.open(open_filesystem_store({.folder = world_.folder(), .disk = &disk_, .open_files = 2},
                                      world_.workers(), world_.context()));
    const auto refusal_of_opening = [&] {
        return test::StoreWorld::refusal_of([&] { world_.run(world_.store().open(key)); });
    };
    const auto draft = world_.run(world_.store().begin({.id = world_.new_id(), .also = {}}));
    auto body = world_.run(world_.store().open(key));
    EXPECT_EQ(refusal_of_opening(),
              "unavailable: The server sends and takes as many files as it can just now; try again in a "
              "moment.");
    EXPECT_FALSE(world_.store().find_fault()) << "that is no fault of the storage";
    body.reset();
    EXPECT_EQ(refusal_of_opening(), "");
    EXPECT_EQ(refusal_of_opening(), "") << "what nobody holds is no longer open";
}

TEST_F(FilesystemFaultTest, KnowsHowMuchRoomThereIs) {
    disk_.leave_room(12'345);
    EXPECT_EQ(world_.run(world_.store().find_room()), 12'345);
}

TEST_F(FilesystemFaultTest, TriesByItselfWhetherItIsWell) {
    disk_.fail(Call::sync_file, EIO);
    put_refusal("bytes");
    world_.clock().advance(limits::storage_probe_pause);
    EXPECT_TRUE(world_.store().find_fault()) << "and this has it tried, in vain";
    disk_.heal();
    world_.clock().advance(limits::storage_probe_pause);
    EXPECT_TRUE(world_.store().find_fault());
    test::wait_until([&] { return !world_.store().find_fault(); });
}

TEST_F(FilesystemFaultTest, AFullDiskIsNoFaultOfTheStorage) {
    for (const int error : {ENOSPC, EDQUOT, EFBIG}) {
        disk_.fail(Call::write, error);
        EXPECT_EQ(put_refusal("bytes"),
                  "storage-full: There is no room for the file: make some and send it again.");
    }
    disk_.heal();
    EXPECT_FALSE(world_.store().find_fault());
    EXPECT_EQ(count_files(), 0u);
}

TEST_F(FilesystemFaultTest, TooManyOpenFilesAreNoFaultOfTheStorageEither) {
    disk_.fail(Call::link, EMFILE);
    EXPECT_EQ(put_refusal("bytes"),
              "unavailable: The server has more to do than it can just now; try again in a moment.");
    EXPECT_FALSE(world_.store().find_fault());
}

// An upload session, as its row knows it.
class FilesystemUploadFaultTest : public FilesystemFaultTest {
  protected:
    // As one request does it.
    void append(const std::string& text) {
        auto draft = world_.run(world_.store().reopen("upload-1", progress_));
        const auto send = [&] {
            TextBody body(text);
            world_.run(draft->append(body, 1 << 20));
            world_.run(draft->keep());
        };
        is_lost_ = false;
        refusal_ = test::StoreWorld::refusal_of(send);
        is_lost_ = draft->is_lost();
        if (refusal_.empty()) progress_ = draft->progress();
    }
    void begin_with(const std::string& text) {
        progress_ = {.id = world_.new_id(),
                     .size_bytes = 0,
                     .digest_state = RunningDigests().save(),
                     .store_state = {}};
        append(text);
        EXPECT_EQ(refusal_, "");
    }
    std::string reopening_refusal() {
        return test::StoreWorld::refusal_of(
            [&] { world_.run(world_.store().reopen("upload-1", progress_)); });
    }
    static constexpr auto gone = "not-found: The bytes of this upload are gone; begin it again.";

    DraftProgress progress_;
    std::string refusal_;
    bool is_lost_ = false;
};

// The kernel has forgotten what it could not write, and would confirm the file when it is asked again: not
// even what was confirmed before is believed, since a page may have parts of both.
TEST_F(FilesystemUploadFaultTest, AfterAFailureOfTheDiskAnUploadIsOver) {
    struct Case {
        Call call;
        int error;
    };
    for (const auto& [call, error] : {Case{Call::write, EIO}, Case{Call::sync_file, EIO},
                                      Case{Call::sync_file, ENOSPC}, Case{Call::sync_folder, EIO}}) {
        begin_with("first ");
        disk_.fail(call, error);
        append("lost");
        EXPECT_THAT(refusal_, ::testing::StartsWith(error == EIO ? "unavailable" : "storage-full"));
        EXPECT_TRUE(is_lost_);
        EXPECT_EQ(world_.store().find_fault().has_value(), error == EIO);
        disk_.heal();
        EXPECT_EQ(reopening_refusal(), gone);
        EXPECT_EQ(count_files(), 0u) << "its bytes are removed";
        begin_with("anew");
        auto draft = world_.run(world_.store().reopen("upload-1", progress_));
        const BlobKey key{.sha256 = draft->digests().sha256, .id = draft->id()};
        world_.run(draft->publish(key));
        draft.reset();
        EXPECT_EQ(world_.find(key), "anew");
        EXPECT_FALSE(world_.store().find_fault()) << "it took something";
        world_.run(world_.store().remove(key));
        world_.run(world_.store().discard("upload-1", {}));
    }
}

TEST_F(FilesystemUploadFaultTest, AlsoWhenItWasToBeFinished) {
    begin_with("first ");
    auto draft = world_.run(world_.store().reopen("upload-1", progress_));
    const BlobKey key{.sha256 = draft->digests().sha256, .id = draft->id()};
    disk_.fail(Call::sync_file, EIO);
    EXPECT_THAT(test::StoreWorld::refusal_of([&] { world_.run(draft->publish(key)); }),
                ::testing::StartsWith("unavailable"));
    EXPECT_TRUE(draft->is_lost());
    draft.reset();
    disk_.heal();
    EXPECT_EQ(reopening_refusal(), gone);
    EXPECT_EQ(count_files(), 0u);
}

TEST_F(FilesystemUploadFaultTest, WhatTheDiskWillNotEvenRemoveIsGoneAsWell) {
    begin_with("first ");
    disk_.fail(Call::sync_file, EIO);
    disk_.fail_also(Call::remove, EROFS);
    append("lost");
    EXPECT_TRUE(is_lost_);
    EXPECT_EQ(count_files(), 1u);
    EXPECT_EQ(reopening_refusal(), gone);
    disk_.heal();
    EXPECT_EQ(reopening_refusal(), gone);
    world_.run(world_.store().discard("upload-1", {}));
    EXPECT_EQ(count_files(), 0u);
    begin_with("anew");
}

// That the disk has refused to take says nothing of what it took before.
TEST_F(FilesystemUploadFaultTest, WhereThereWasNoRoomAnUploadGoesOn) {
    begin_with("first ");
    disk_.fail(Call::write, ENOSPC);
    append("lost");
    EXPECT_THAT(refusal_, ::testing::StartsWith("storage-full"));
    EXPECT_FALSE(is_lost_);
    disk_.heal();
    append("second");
    auto draft = world_.run(world_.store().reopen("upload-1", progress_));
    const BlobKey key{.sha256 = draft->digests().sha256, .id = draft->id()};
    world_.run(draft->publish(key));
    EXPECT_EQ(world_.find(key), "first second");
}

// Or whoever sends a large file would wait for all of it at the end.
TEST(FilesystemStretchTest, TheDiskBeginsWhileBytesStillCome) {
    constexpr std::uint64_t stretch = limits::disk_stretch_bytes;
    const test::TempFolder folder;
    test::NotingDisk disk;
    test::StoreWorld world(folder / "blobs");
    world.open(
        open_filesystem_store({.folder = world.folder(), .disk = &disk}, world.workers(), world.context()));
    DraftProgress progress{
        .id = world.new_id(), .size_bytes = 0, .digest_state = RunningDigests().save(), .store_state = {}};
    const auto append = [&](const std::string& bytes) {
        auto draft = world.run(world.store().reopen("upload-1", progress));
        TextBody body(bytes, 100'000);
        world.run(draft->append(body, 1 << 30));
        world.run(draft->keep());
        progress = draft->progress();
    };
    append(test::make_bytes(2 * stretch + 5));
    using Stretch = test::NotingDisk::Stretch;
    EXPECT_THAT(disk.take_begun(), ::testing::ElementsAre(Stretch{.offset = 0, .size_bytes = stretch},
                                                          Stretch{.offset = stretch, .size_bytes = stretch}));
    append(test::make_bytes(stretch));
    EXPECT_THAT(disk.take_begun(),
                ::testing::ElementsAre(Stretch{.offset = 2 * stretch + 5, .size_bytes = stretch}));
    world.put("little");
    EXPECT_THAT(disk.take_begun(), ::testing::IsEmpty());
}

// On a file system of the test's own, in a mount namespace of its own.
int fill_a_disk(const std::string& folder) {
    if (::unshare(::geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0) return 77;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=1m") != 0) return 77;
    test::StoreWorld world(folder + "/blobs");
    world.open(open_filesystem_store({.folder = world.folder()}, world.workers(), world.context()));
    const std::string bytes = test::make_bytes(100'000);
    std::vector<BlobKey> kept;
    std::string refusal;
    for (int i = 0; i < 100 && refusal.empty(); ++i)
        refusal = test::StoreWorld::refusal_of([&] { kept.push_back(world.put(bytes)); });
    if (!refusal.starts_with("storage-full") || kept.size() < 5) return 1;
    for (const BlobKey& key : kept)
        if (world.find(key) != bytes) return 2;
    // What did not fit has left no trace.
    world.run(world.store().remove(kept.back()));
    kept.back() = world.put(bytes);
    return world.find(kept.back()) == bytes ? 0 : 3;
}

TEST(FilesystemFullDiskTest, KeepsWhatItHasAndGoesOnWhenThereIsRoom) {
    const test::TempFolder folder;
    const pid_t child = ::fork();
    if (child == 0) ::_exit(fill_a_disk(folder.path()));
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        GTEST_SKIP() << "nobody may mount a file system here, not even in a namespace of their own";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

// Only root opens what is protected: what was published, and was not entered then, is gone on with by
// anybody.
int publish_twice(const std::string& folder) {
    if (::geteuid() == 0 && (::setgid(65'534) != 0 || ::setuid(65'534) != 0)) return 2;
    test::StoreWorld world(folder + "/blobs");
    world.open(open_filesystem_store({.folder = world.folder()}, world.workers(), world.context()));
    DraftProgress progress{
        .id = world.new_id(), .size_bytes = 0, .digest_state = RunningDigests().save(), .store_state = {}};
    for (int turn = 0; turn < 2; ++turn) {
        auto draft = world.run(world.store().reopen("upload-1", progress));
        TextBody body("bytes");
        world.run(draft->append(body, 5));
        const BlobKey key{.sha256 = draft->digests().sha256, .id = draft->id()};
        world.run(draft->publish(key));
        if (world.find(key) != "bytes") return 1;
    }
    return 0;
}

TEST(FilesystemRightsTest, WhatWasNotEnteredIsPublishedAgain) {
    const test::TempFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    const pid_t child = ::fork();
    if (child == 0) ::_exit(publish_twice(folder.path()));
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(FilesystemPathTest, NothingButOurNamesIsEverTouched) {
    const test::TempFolder folder;
    test::StoreWorld world(folder / "blobs");
    const auto open = [&] {
        world.open(open_filesystem_store({.folder = world.folder()}, world.workers(), world.context()));
    };
    open();
    const BlobKey key = world.put("bytes");
    const std::string path = world.folder() + "/sha256/" + render_blob_key(key);
    namespace fs = std::filesystem;
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read);
    EXPECT_EQ(fs::status(world.folder()).permissions(), fs::perms::owner_all);
    // A link in a blob's place is not followed, and what is no key is not listed.
    std::ofstream(folder / "secret") << "secret";
    fs::remove(path);
    fs::create_symlink(folder / "secret", path);
    EXPECT_TRUE(!test::StoreWorld::refusal_of([&] { world.find(key); }).empty() || !world.find(key));
    std::ofstream(path + ".old") << "x";
    std::ofstream(fs::path(path).parent_path() / "README") << "x";
    EXPECT_EQ(world.run(world.store().list(render_blob_key(key).substr(0, 2), 10)).size(), 1u);
    world.close();
    std::ofstream(folder / "file") << "x";
    EXPECT_THAT(test::StoreWorld::refusal_of([&] {
                    open_filesystem_store({.folder = folder / "file"}, world.workers(), world.context());
                }),
                ::testing::StartsWith("invalid-input: Cannot open the folder for blobs"));
}

}  // namespace
}  // namespace lodestone::blobs
