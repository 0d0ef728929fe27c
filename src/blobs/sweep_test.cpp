// Sweeping: what nothing names goes when it is old enough, and nothing else does.
#include "blobs/sweep.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <set>

#include "base/blob_limits.hpp"
#include "blobs/collect_step.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/scrub_step.hpp"
#include "blobs/store/memory_store.hpp"
#include "blobs/store/s3_store.hpp"
#include "blobs/upload.hpp"
#include "blobs/use.hpp"
#include "support/fake_s3.hpp"
#include "support/stores.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::Contains;
using ::testing::Not;

class SweepTest : public test::WithBlobs {
  protected:
    void SetUp() override {
        WithBlobs::SetUp();
        if (IsSkipped()) return;
        begin_at(clock().now() - hours(1));
        blobs_ = std::make_unique<Blobs>(make_store(), database(), context());
        sweeper_ = std::make_unique<Sweeper>(*blobs_);
    }
    virtual std::unique_ptr<Store> make_store() { return make_memory_store(&clock()); }
    // When the database was made: by the clock of the test, too.
    void begin_at(Time time) {
        run_sql("UPDATE schema_history SET started_at = " + std::to_string(time.time_since_epoch().count()));
    }
    BlobKey put(const std::string& text) {
        const auto use = [&](Tx& tx, BlobId id) { EXPECT_TRUE(use_blob(tx, acme_, 1, id)); };
        const BlobId id = loop_.run(blobs_->enter_small({}, text, digests_of(text), use));
        return need_blob(id).key();
    }
    // As a crash leaves them that comes before the row is written.
    BlobKey put_unnamed(const std::string& text) { return put_unnamed(text, new_blob_id()); }
    BlobKey put_unnamed(const std::string& text, BlobId id) {
        const BlobKey key{.sha256 = test::sha256_of(text), .id = id};
        loop_.run(blobs_->store().put_small(key, text));
        return key;
    }
    Swept sweep_all() {
        Swept sum;
        for (int slice = 0; slice < 256; ++slice) {
            const Swept one = loop_.run(sweeper_->sweep(static_cast<std::uint8_t>(slice)));
            sum.removed += one.removed;
            sum.of_another_database += one.of_another_database;
        }
        return sum;
    }
    bool is_there(const BlobKey& key) { return loop_.run(blobs_->store().stat(key)).has_value(); }

    test::LoopThread loop_;
    std::unique_ptr<Blobs> blobs_;
    std::unique_ptr<Sweeper> sweeper_;
};
INSTANTIATE_ON_EVERY_DATABASE(SweepTest);

TEST_P(SweepTest, WhatIsUnnamedAndOldGoes) {
    const BlobKey old = put_unnamed("old");
    const BlobKey named = put("named");
    clock().advance(limits::unnamed_age);
    const BlobKey young = put_unnamed("young");
    clock().advance(minutes(1));
    EXPECT_EQ(sweep_all().removed, 1);
    EXPECT_FALSE(is_there(old));
    EXPECT_TRUE(is_there(young));
    EXPECT_TRUE(is_there(named));
    EXPECT_EQ(sweep_all().removed, 0);
}

TEST_P(SweepTest, WhateverTheStateWhatIsNamedStays) {
    const BlobKey deleting = put("deleting");
    const BlobKey quarantined = put("quarantined");
    write([&](Tx& tx) { quarantine_blob(tx, need_blob(quarantined.id), "rot"); });
    write([&](Tx& tx) { release_uses(tx, acme_, 1); });
    clock().advance(limits::blob_lease);
    write([&](Tx& tx) { review_blobs(tx, minutes(0)); });
    write([&](Tx& tx) { review_blobs(tx, minutes(0)); });
    EXPECT_EQ(need_blob(deleting.id).state, BlobState::deleting);
    clock().advance(hours(48));
    EXPECT_EQ(sweep_all().removed, 0);
    EXPECT_TRUE(is_there(deleting));
    EXPECT_TRUE(is_there(quarantined));
}

TEST_P(SweepTest, TheCopyThatWasReplacedGoesAndTheNewOneStays) {
    const BlobKey damaged = put("bytes");
    write([&](Tx& tx) { quarantine_blob(tx, need_blob(damaged.id), "rot"); });
    const BlobKey healed = put("bytes");
    EXPECT_NE(healed, damaged);
    clock().advance(hours(48));
    EXPECT_EQ(sweep_all().removed, 0) << "who knows where the new one went";
    EXPECT_TRUE(is_there(damaged));
    write([&](Tx& tx) { note_checked(tx, std::vector{need_blob(damaged.id)}); });
    EXPECT_EQ(sweep_all().removed, 1);
    EXPECT_FALSE(is_there(damaged));
    EXPECT_TRUE(is_there(healed));
}

TEST_P(SweepTest, TheCopyThatWasReplacedStaysWhileTheNewOneCannotBeRead) {
    const BlobKey first = put("bytes");
    write([&](Tx& tx) { quarantine_blob(tx, need_blob(first.id), "rot"); });
    const BlobKey second = put("bytes");
    ASSERT_NE(second, first);
    for (int time = 0; time < 3; ++time) {
        clock().advance(limits::scrub_interval);
        write([&](Tx& tx) {
            note_unreadable(tx, std::vector{need_blob(first.id)},
                            tx.now() - limits::scrub_interval + limits::unreadable_pause);
        });
        EXPECT_EQ(sweep_all().removed, 0) << time;
        EXPECT_TRUE(is_there(first));
    }
    write([&](Tx& tx) { note_checked(tx, std::vector{need_blob(first.id)}); });
    EXPECT_EQ(sweep_all().removed, 1);
    EXPECT_FALSE(is_there(first));
    // And what was hashed once is not named again by a check that fails.
    write([&](Tx& tx) { note_unreadable(tx, std::vector{need_blob(first.id)}, tx.now() - hours(1)); });
    EXPECT_EQ(read([&](Tx& tx) { return list_unnamed(tx, {&first.id, 1}); }), std::vector{first.id});
}

// Healed while another folder was open: that is found out when the right one is back, with the first copy.
TEST_P(SweepTest, WhatARowHadFirstStaysWhileItsNewCopyIsLost) {
    const BlobKey first = put("bytes");
    write([&](Tx& tx) { quarantine_blob(tx, need_blob(first.id), "they are not there"); });
    const BlobKey elsewhere = put("bytes");
    ASSERT_NE(elsewhere, first);
    loop_.run(blobs_->store().remove(elsewhere));
    clock().advance(hours(48));
    write([&](Tx& tx) { quarantine_blob(tx, need_blob(first.id), "they are not there"); });
    clock().advance(hours(48));
    EXPECT_EQ(sweep_all().removed, 0);
    EXPECT_TRUE(is_there(first));
}

TEST_P(SweepTest, WhatAnUploadWillBePublishedUnderStays) {
    const BlobId id = new_blob_id();
    write([&](Tx& tx) {
        insert_upload(tx, acme_, {.id = UploadId::trusted("u-1"), .scope = "1/app", .blob_id = id});
    });
    // Published, and then a crash: whoever finishes the upload again finds it there.
    const BlobKey key = put_unnamed("bytes", id);
    clock().advance(hours(48));
    EXPECT_EQ(sweep_all().removed, 0);
    EXPECT_TRUE(is_there(key));
    run_sql("DELETE FROM uploads");
    EXPECT_EQ(sweep_all().removed, 1);
    EXPECT_FALSE(is_there(key));
}

TEST_P(SweepTest, WhatIsOlderThanTheDatabaseIsSomebodyElses) {
    const BlobKey strange = put_unnamed("strange", BlobId::trusted(1'000'000));  // of 2020
    const BlobKey own = put_unnamed("own");
    clock().advance(hours(48));
    const Swept swept = sweep_all();
    EXPECT_EQ(swept.removed, 1);
    EXPECT_EQ(swept.of_another_database, 1);
    EXPECT_TRUE(is_there(strange));
    EXPECT_FALSE(is_there(own));
}

TEST_P(SweepTest, GoesThroughMoreThanOneListingTakes) {
    const int count = static_cast<int>(limits::swept_keys) + 200;
    for (int i = 0; i < count; ++i) {
        BlobKey key{.sha256 = {}, .id = new_blob_id()};
        key.sha256 = {0xab, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
        loop_.run(blobs_->store().put_small(key, ""));
    }
    clock().advance(hours(48));
    EXPECT_EQ(loop_.run(sweeper_->sweep(0xab)).removed, count);
    EXPECT_EQ(loop_.run(sweeper_->sweep(0xab)).removed, 0);
}

TEST_P(SweepTest, DraftsWithoutAnUploadGo) {
    for (const char* name : {"u-1", "u-2"}) {
        const DraftProgress nothing{
            .id = new_blob_id(), .size_bytes = 0, .digest_state = RunningDigests().save(), .store_state = {}};
        auto draft = loop_.run(blobs_->store().reopen(name, nothing));
        loop_.run(draft->keep());
    }
    write([&](Tx& tx) {
        insert_upload(tx, acme_,
                      {.id = UploadId::trusted("u-1"), .scope = "1/app", .blob_id = new_blob_id()});
    });
    EXPECT_EQ(loop_.run(sweeper_->sweep_drafts()).removed, 0) << "they are young";
    clock().advance(hours(48));
    EXPECT_EQ(loop_.run(sweeper_->sweep_drafts()).removed, 1);
    const auto left = loop_.run(blobs_->store().list_drafts(clock().now(), 10));
    EXPECT_EQ(left, std::vector<std::string>{"u-1"});
}

TEST_P(SweepTest, EachSliceHasItsTurnOnceADay) {
    std::set<int> turns;
    for (int minute = 0; minute < 24 * 60; ++minute) {
        if (const auto slice = sweeper_->next_slice(clock().now()))
            EXPECT_TRUE(turns.insert(*slice).second || minute > 24 * 60 - 10) << int{*slice};
        clock().advance(minutes(1));
    }
    EXPECT_EQ(turns.size(), 256u);
}

TEST_P(SweepTest, WhatHasMissedItsTurnHasItLater) {
    const std::uint8_t first = sweeper_->next_slice(clock().now()).value();
    clock().advance(minutes(17));  // a large file was hashed: three turns
    for (int later = 1; later <= 3; ++later)
        EXPECT_EQ(sweeper_->next_slice(clock().now()), static_cast<std::uint8_t>(first + later));
    clock().advance(minutes(12));
    EXPECT_TRUE(sweeper_->next_slice(clock().now()));
}

class SweepS3Test : public SweepTest {
  protected:
    std::unique_ptr<Store> make_store() override {
        s3_.set_now(clock().now());
        return open_s3_store(s3_.options(), world_.client(), world_.workers(), world_.loop().executor(),
                             context());
    }
    void TearDown() override {
        sweeper_.reset();
        blobs_.reset();
        SweepTest::TearDown();
    }

    test::TempFolder folder_;
    test::FakeS3 s3_;
    test::StoreWorld world_{folder_ / "blobs"};
};
INSTANTIATE_ON_EVERY_DATABASE(SweepS3Test);

TEST_P(SweepS3Test, WhatACrashLeftWithoutItsMarkGoesADayAfterItWasFound) {
    const BlobId id = new_blob_id();
    const std::string digits = render_number(id.value());
    const std::string object = "kept/large/" + digits.substr(14) + "/" + digits;
    s3_.change(object, "bytes");
    clock().advance(hours(48));
    const auto slice = static_cast<std::uint8_t>(id.value() & 0xFF);
    EXPECT_EQ(world_.run(sweeper_->sweep(slice)).removed, 0) << "it may have come to its end just now";
    clock().advance(hours(23));
    EXPECT_EQ(world_.run(sweeper_->sweep(slice)).removed, 0);
    EXPECT_THAT(s3_.objects(), Contains(object));
    clock().advance(hours(2));
    EXPECT_EQ(world_.run(sweeper_->sweep(slice)).removed, 1);
    EXPECT_THAT(s3_.objects(), Not(Contains(object)));
}

TEST_P(SweepS3Test, ADraftThatLeftSeveralTailsIsOne) {
    for (const char* object : {"kept/uploads/u-1/100", "kept/uploads/u-1/2000", "kept/uploads/u-2/100"})
        s3_.change(object, "tail");
    clock().advance(hours(48));
    EXPECT_EQ(world_.run(sweeper_->sweep_drafts()).removed, 2);
    EXPECT_THAT(s3_.objects(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace lodestone::blobs
