// Small files in memory, on every database: kept once somebody asks again, believed until their package
// changes, and never with other bytes than they were published with.
#include "packages/file_memory.hpp"

#include <gtest/gtest.h>

#include "blobs/blobs.hpp"
#include "blobs/store/memory_store.hpp"
#include "support/loop_thread.hpp"
#include "support/with_packages.hpp"

namespace lodestone::packages {
namespace {

using db::Tx;

constexpr Format indexed{.name = "generic", .title = "Generic", .routes = {}, .has_indexes = true};
constexpr std::size_t room = 100'000;

class FileMemoryTest : public test::WithPackages {
  protected:
    void SetUp() override {
        WithPackages::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        repository_->described = &indexed;
        blobs_ = std::make_unique<blobs::Blobs>(blobs::make_memory_store(), database(), context());
        repository_->blobs = blobs_.get();
        memory_ = std::make_unique<FileMemory>(context(), changes_, room);
        database().tell_of_writes([this](const std::vector<db::Change>& changes) {
            for (const db::Change& change : changes)
                for (const std::uint32_t group : change.stale_indexes) changes_.note(group);
        });
    }

    static FileKey key_of(std::string version) {
        return {.package = "tool", .version = std::move(version), .name = "a"};
    }
    // With `stored` in the store, whatever was published.
    FoundFile add(const std::string& version, std::string published, std::string stored) {
        publish("tool", version, "a", published);
        const auto found = fetch("tool", version, "a");
        loop_.run(blobs_->store().put_small(found->key(), std::move(stored)));
        return *found;
    }
    FoundFile add(const std::string& version, const std::string& bytes) { return add(version, bytes, bytes); }
    bool is_wanted(const FoundFile& file) {
        return memory_->is_wanted(*repository_, key_of(file.version_name), file);
    }
    FileMemory::Found keep(const FoundFile& file) {
        return loop_.run(
            memory_->keep(*repository_, key_of(file.version_name), file, memory_->last_change()));
    }
    FileMemory::Found find(std::string version) {
        return memory_->find_now(*repository_, key_of(std::move(version)));
    }

    test::LoopThread loop_;
    IndexChanges changes_;
    std::unique_ptr<blobs::Blobs> blobs_;
    std::unique_ptr<FileMemory> memory_;
};
INSTANTIATE_ON_EVERY_DATABASE(FileMemoryTest);

TEST_P(FileMemoryTest, KeepsWhatIsAskedForAgain) {
    const FoundFile file = add("1.0", "words");
    EXPECT_FALSE(find("1.0"));
    EXPECT_FALSE(is_wanted(file)) << "the first to ask";
    EXPECT_TRUE(is_wanted(file));
    ASSERT_TRUE(keep(file));
    const auto found = find("1.0");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->bytes, "words");
    EXPECT_EQ(found->file.sha256, file.sha256);
    EXPECT_FALSE(find("2.0"));
}

TEST_P(FileMemoryTest, BelievesItUntilThePackageChanges) {
    const FoundFile file = add("1.0", "words");
    keep(file);
    publish("other", "1.0", "a", "else");
    EXPECT_TRUE(find("1.0")) << "nothing happened to it";
    write([&](Tx& tx) {
        const Package package = need_package(tx, place(), "tool");
        delete_version(tx, removing(), package, need_version(tx, place_of(package), "1.0"));
    });
    EXPECT_FALSE(find("1.0"));
}

TEST_P(FileMemoryTest, WhatChangedWhileItWasReadIsNotBelieved) {
    const FoundFile file = add("1.0", "words");
    const std::uint64_t asked = memory_->last_change();
    publish("tool", "2.0", "a", "more");
    loop_.run(memory_->keep(*repository_, key_of("1.0"), file, asked));
    EXPECT_FALSE(find("1.0"));
}

TEST_P(FileMemoryTest, IsAskedOfTheDatabaseAfterAMinuteInAnyCase) {
    keep(add("1.0", "words"));
    clock().advance(limits::index_lifetime - std::chrono::seconds(1));
    EXPECT_TRUE(find("1.0"));
    clock().advance(std::chrono::seconds(1));
    EXPECT_FALSE(find("1.0"));
}

TEST_P(FileMemoryTest, KeepsNoOtherBytesThanWerePublished) {
    const FoundFile file = add("1.0", "words", "wrods");
    EXPECT_FALSE(keep(file));
    EXPECT_FALSE(find("1.0"));
}

TEST_P(FileMemoryTest, WantsNeitherLargeFilesNorDamagedOnes) {
    FoundFile file = add("1.0", "words");
    file.size_bytes = limits::remembered_file_bytes + 1;
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(is_wanted(file));
    file.size_bytes = limits::remembered_file_bytes;
    file.withdrawn_at = Time();
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(is_wanted(file));
}

TEST_P(FileMemoryTest, ForgetsWhatNobodyAskedForTheLongest) {
    keep(add("1.0", std::string(limits::remembered_file_bytes, 'x')));
    keep(add("2.0", std::string(limits::remembered_file_bytes, 'y')));
    EXPECT_FALSE(find("1.0")) << "the second one took its place";
    EXPECT_TRUE(find("2.0"));
    EXPECT_LE(memory_->size_bytes(), room);
}

}  // namespace
}  // namespace lodestone::packages
