// Scrubbing real files and an S3 store: bits that have flipped on a disk, files that were cut or are gone,
// and a storage that does not answer.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/worker_threads.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/scrub.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "blobs/store/s3_store.hpp"
#include "blobs/store/s3_upload.hpp"
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
        catch_up_with_numbers();
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
    // As somebody who asks for it; nothing: he is refused.
    std::optional<std::string> fetch(BlobId id) {
        const Blob blob = need_blob(id);
        const auto body = world_.run(blobs_->open(blob.key(), blob.size_bytes));
        return body ? std::optional(world_.read(*body)) : std::nullopt;
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

TEST_P(ScrubFilesTest, ADiskThatReadsNothingIsNoDamage) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 12; ++i) ids.push_back(put(std::to_string(i)));
    std::vector<std::filesystem::path> paths;
    for (const BlobId& id : ids) paths.push_back(path_of(id));
    const auto break_disk = [&](std::size_t from) {
        for (std::size_t i = from; i < paths.size(); ++i) {
            std::filesystem::rename(paths[i], paths[i].string() + ".kept");
            std::filesystem::create_directory(paths[i]);
        }
    };
    const auto mend_disk = [&](std::size_t from) {
        for (std::size_t i = from; i < paths.size(); ++i) {
            std::filesystem::remove(paths[i]);
            std::filesystem::rename(paths[i].string() + ".kept", paths[i]);
        }
    };
    break_disk(0);
    for (int run = 0; run < 2; ++run) {
        const Scrubbed done = scrub();
        EXPECT_EQ(done.quarantined, 0);
        EXPECT_EQ(done.unreadable, 1) << "the rest need not be tried";
        EXPECT_THAT(scrubber_->find_fault().value_or(""), HasSubstr("can be read any more: "));
    }
    EXPECT_EQ(read([](Tx& tx) { return count_blobs(tx); }).quarantined, 0);
    mend_disk(0);
    EXPECT_EQ(scrub().checked, 12);
    EXPECT_EQ(scrubber_->find_fault(), std::nullopt);
    break_disk(1);
    EXPECT_EQ(scrub().quarantined, 11) << "one can be read: the others are damaged";
    mend_disk(1);
    EXPECT_EQ(scrub().released, 11);
    EXPECT_EQ(scrubber_->find_fault(), std::nullopt);
    break_disk(0);
    clock().advance(hours(25));
    EXPECT_EQ(world_.run(scrubber_->run({.has_all = true, .believes_loss = true})).quarantined, 12);
    mend_disk(0);
}

TEST_P(ScrubFilesTest, NobodyIsGivenMoreOrFewerBytesThanTheRowSays) {
    const std::string text = test::make_bytes(100'000);
    const std::map<std::string, std::uintmax_t> sizes{{text, 99'999}, {text + "1", 100'002}, {text + "2", 0}};
    const BlobId fine = put("fine");
    std::map<std::string, BlobId> ids;
    for (const auto& [content, size] : sizes) {
        ids[content] = put(content);
        EXPECT_EQ(fetch(ids[content]), content);
        std::filesystem::resize_file(path_of(ids[content]), size);
    }
    for (const auto& [content, size] : sizes) {
        EXPECT_EQ(fetch(ids[content]), std::nullopt);
        const Blob blob = need_blob(ids[content]);
        EXPECT_EQ(blob.state, BlobState::quarantined);
        EXPECT_EQ(blob.fault, fmt::format("there are {} bytes instead of {}", size, content.size()));
    }
    EXPECT_EQ(fetch(fine), "fine");
    for (const auto& [content, id] : ids) {
        EXPECT_EQ(put(content), id);
        EXPECT_EQ(fetch(id), content);
    }
    EXPECT_EQ(scrub().quarantined, 0);
}

TEST_P(ScrubFilesTest, WhatIsFoundOfAnOldCopySaysNothingOfTheNew) {
    const BlobId id = put("bytes");
    const BlobKey old = need_blob(id).key();
    std::filesystem::resize_file(path_of(id), 3);
    EXPECT_EQ(fetch(id), std::nullopt);
    EXPECT_EQ(put("bytes"), id);
    ASSERT_NE(need_blob(id).key(), old);
    // By somebody who had looked it up before.
    EXPECT_FALSE(world_.run(blobs_->open(old, 5)));
    EXPECT_EQ(need_blob(id).state, BlobState::live);
    EXPECT_EQ(fetch(id), "bytes");
}

TEST_P(ScrubFilesTest, ASizeThatOnlyTheAskerBelievesInIsNoDamage) {
    const BlobId id = put("bytes");
    EXPECT_FALSE(world_.run(blobs_->open(need_blob(id).key(), 6)));
    EXPECT_EQ(need_blob(id).state, BlobState::live);
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

TEST_P(ScrubS3Test, NobodyIsGivenMoreOrFewerBytesThanTheRowSays) {
    const std::string large = test::make_bytes(9 << 20);
    const BlobId fine = put("fine");
    const BlobId in_parts = put(large);
    const BlobId cut = put("bytes");
    const BlobId grown = put("other");
    const BlobId emptied = put("third");
    EXPECT_TRUE(fetch(in_parts) == large);
    s3_.change("kept/" + s3_large_object(in_parts), large.substr(1));
    s3_.change(object_of(cut), "byte");
    s3_.change(object_of(grown), test::make_bytes(100'000));
    s3_.change(object_of(emptied), "");
    for (const BlobId& id : {in_parts, cut, grown}) {
        EXPECT_FALSE(fetch(id));
        EXPECT_EQ(need_blob(id).state, BlobState::quarantined);
    }
    EXPECT_EQ(need_blob(in_parts).fault,
              fmt::format("there are {} bytes instead of {}", large.size() - 1, large.size()));
    EXPECT_EQ(need_blob(cut).fault, "there are 4 bytes instead of 5");
    // It looks as if its bytes were in parts elsewhere, and they are not: scrubbing says so.
    EXPECT_FALSE(fetch(emptied));
    EXPECT_EQ(scrub().quarantined, 1);
    EXPECT_EQ(fetch(fine), "fine");
    EXPECT_EQ(put(large), in_parts);
    EXPECT_TRUE(fetch(in_parts) == large);
    for (const auto& [text, id] :
         {std::pair("bytes", cut), std::pair("other", grown), std::pair("third", emptied)}) {
        EXPECT_EQ(put(text), id);
        EXPECT_EQ(fetch(id), text);
    }
}

TEST_P(ScrubS3Test, WhatIsSaidOnceIsNoDamage) {
    const BlobId id = put("bytes");
    s3_.misbehave("GET object", {test::S3Fault::shortened});
    EXPECT_EQ(fetch(id), std::nullopt) << "it is not handed on either";
    EXPECT_EQ(need_blob(id).state, BlobState::live);
    EXPECT_EQ(fetch(id), "bytes");
}

TEST_P(ScrubS3Test, WhoSendsWhatTheStoreHasLostHasItStoredUnlessItIsInTrouble) {
    const std::string large = test::make_bytes(9 << 20);
    const BlobId small = put("bytes");
    const BlobId in_parts = put(large);
    s3_.misbehave("HEAD object", std::vector(20, test::S3Fault::internal_error));
    EXPECT_THROW(put("bytes"), Problem);
    EXPECT_EQ(need_blob(small).state, BlobState::live);
    s3_.misbehave("HEAD object", {});
    for (const BlobId& id : {small, in_parts}) world_.run(blobs_->store().remove(need_blob(id).key()));
    EXPECT_EQ(put("bytes"), small);
    EXPECT_EQ(fetch(small), "bytes");
    EXPECT_EQ(put(large), in_parts);
    EXPECT_TRUE(fetch(in_parts) == large);
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

TEST_P(ScrubS3Test, GoesOnBehindWhatCannotBeRead) {
    const std::int64_t refused = limits::scrubbed_rows;
    std::vector<BlobId> ids;
    for (std::int64_t i = 0; i < refused + 5; ++i) ids.push_back(put(std::to_string(i)));
    s3_.change(object_of(ids.back()), "odd");
    const std::vector faults(static_cast<std::size_t>(refused), test::S3Fault::denied);
    for (const bool are_quarantined : {false, true}) {
        s3_.misbehave("GET object", faults);
        const Scrubbed done = scrub();
        EXPECT_EQ(done.unreadable, refused);
        EXPECT_EQ(done.checked, 5);
        if (are_quarantined) break;
        EXPECT_EQ(need_blob(ids.back()).state, BlobState::quarantined);
        for (const BlobId& id : ids)
            write([&](Tx& tx) { quarantine_blob(tx, need_blob(id), "they are not there"); });
    }
    s3_.misbehave("GET object", {});
    clock().advance(hours(2));
    EXPECT_EQ(world_.run(scrubber_->run({})).checked, refused) << "they are tried again soon";
}

}  // namespace
}  // namespace lodestone::blobs
