// The life of a blob through the collector: what nobody needs goes in two steps, what somebody comes for in
// between stays.
#include "blobs/collect.hpp"

#include <gmock/gmock.h>

#include "base/blob_limits.hpp"
#include "blobs/lease.hpp"
#include "blobs/store/memory_store.hpp"
#include "blobs/upload.hpp"
#include "blobs/use.hpp"
#include "support/stores.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using std::chrono::minutes;

constexpr auto grace = minutes(30);

class CollectTest : public test::WithBlobs {
  protected:
    void SetUp() override {
        WithBlobs::SetUp();
        if (IsSkipped()) return;
        blobs_ = std::make_unique<Blobs>(make_memory_store(), database(), context());
        collector_ = std::make_unique<Collector>(*blobs_, grace);
    }
    BlobId put(const std::string& text, const Blobs::Note& note) {
        const Digests digests = digests_of(text);
        return loop_.run(blobs_->enter_small({}, text, digests, note));
    }
    BlobId put_used(const std::string& text, std::int64_t owner) {
        return put(text, [&](Tx& tx, BlobId id) { EXPECT_TRUE(use_blob(tx, acme_, owner, id)); });
    }
    Collected collect() { return loop_.run(collector_->run()); }
    // Far enough for every review that has been set.
    Collected collect_later(std::chrono::microseconds after = limits::blob_lease) {
        clock().advance(after);
        return collect();
    }
    std::optional<BlobState> state_of(BlobId id) {
        const auto found = read([&](Tx& tx) { return find_blob(tx, id); });
        return found ? std::optional(found->state) : std::nullopt;
    }
    bool has_bytes(BlobId id, const std::string& text) {
        const auto body =
            loop_.run(blobs_->open({.sha256 = test::sha256_of(text), .id = id}, std::ssize(text)));
        return body && test::read_body(*body) == text;
    }

    test::LoopThread loop_;
    std::unique_ptr<Blobs> blobs_;
    std::unique_ptr<Collector> collector_;
};
INSTANTIATE_ON_EVERY_DATABASE(CollectTest);

TEST_P(CollectTest, WhatNobodyNeedsGoesInTwoSteps) {
    const BlobId id = put("bytes", [](Tx&, BlobId) {});
    EXPECT_EQ(collect().reviewed, 0) << "it was only just promised";
    EXPECT_EQ(collect_later().condemned, 1);
    EXPECT_EQ(state_of(id), BlobState::condemned);
    EXPECT_TRUE(has_bytes(id, "bytes"));
    EXPECT_EQ(collect_later(grace - minutes(1)).deleted, 0);
    const Collected last = collect_later(minutes(1));
    EXPECT_EQ(last.deleted, 1);
    EXPECT_EQ(last.deleted_bytes, 5);
    EXPECT_EQ(state_of(id), std::nullopt);
    EXPECT_FALSE(has_bytes(id, "bytes"));
    EXPECT_EQ(collect_later().reviewed, 0);
}

// Each of its steps is followed by a rest: that so many took at least their rests cannot be chance.
TEST_P(CollectTest, RestsAsLongAsItWorksWhereItStandsBack) {
    constexpr int steps = 4;
    for (std::int64_t i = 0; i < (steps - 1) * limits::collected_rows + 1; ++i)
        put(std::to_string(i), [](Tx&, BlobId) {});
    clock().advance(limits::blob_lease);
    const auto began = std::chrono::steady_clock::now();
    const Collected sum = loop_.run(collector_->run({}, Pace::half));
    EXPECT_EQ(sum.condemned, (steps - 1) * limits::collected_rows + 1);
    EXPECT_GE(std::chrono::steady_clock::now() - began, steps * limits::collection_least_rest);
}

TEST_P(CollectTest, WhatIsUsedStaysAndIsNotLookedAtAgain) {
    const BlobId id = put_used("bytes", 1);
    EXPECT_EQ(collect_later().reviewed, 1);
    EXPECT_EQ(need_blob(id).review_at, std::nullopt);
    EXPECT_EQ(collect_later().reviewed, 0);
    put_used("bytes", 2);
    write([&](Tx& tx) { release_uses(tx, acme_, 1); });
    collect_later();
    EXPECT_EQ(state_of(id), BlobState::live) << "the other one uses it";
    write([&](Tx& tx) { release_uses(tx, acme_, 2); });
    EXPECT_EQ(collect().condemned, 1);
    EXPECT_EQ(collect_later(grace).deleted, 1);
}

TEST_P(CollectTest, WhatIsPromisedStaysUntilThePromiseEnds) {
    const BlobId id = put("bytes", [&](Tx& tx, BlobId blob) {
        EXPECT_TRUE(lease_blob(tx, acme_, "1/app", blob, tx.now() + 3 * limits::blob_lease));
    });
    EXPECT_EQ(collect_later().condemned, 0);
    EXPECT_EQ(need_blob(id).review_at, clock().now() + 2 * limits::blob_lease);
    EXPECT_EQ(collect_later(2 * limits::blob_lease).condemned, 1);
    EXPECT_EQ(collect_later(grace).deleted, 1);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_leases"), "0");
}

TEST_P(CollectTest, WhoComesForACondemnedOneGetsIt) {
    const BlobId id = put("bytes", [](Tx&, BlobId) {});
    EXPECT_EQ(collect_later().condemned, 1);
    EXPECT_EQ(put_used("bytes", 1), id) << "nothing was stored again";
    EXPECT_EQ(state_of(id), BlobState::live);
    EXPECT_EQ(collect_later(grace).deleted, 0);
    EXPECT_EQ(collect_later().deleted, 0);
    EXPECT_TRUE(has_bytes(id, "bytes"));
}

TEST_P(CollectTest, WhoComesWhileItIsDeletedStoresItAnew) {
    const BlobId old = put("bytes", [](Tx&, BlobId) {});
    collect_later();
    clock().advance(grace);
    // As if the run had been killed before the bytes were removed.
    const Review review = write([&](Tx& tx) { return review_blobs(tx, grace); });
    ASSERT_EQ(review.doomed.size(), 1u);
    EXPECT_EQ(state_of(old), BlobState::deleting);
    const BlobId anew = put_used("bytes", 1);
    EXPECT_NE(anew, old);
    EXPECT_EQ(collect().deleted, 0) << "whoever was at it gets some time";
    EXPECT_EQ(collect_later(minutes(10)).deleted, 1);
    EXPECT_EQ(state_of(old), std::nullopt);
    EXPECT_FALSE(has_bytes(old, "bytes"));
    EXPECT_TRUE(has_bytes(anew, "bytes"));
}

TEST_P(CollectTest, TellsBeforehandWhatItWouldDo) {
    put_used("used", 1);
    put("one", [](Tx&, BlobId) {});
    put("three", [](Tx&, BlobId) {});
    const auto plan = [&] { return read([&](Tx& tx) { return plan_collection(tx); }); };
    EXPECT_EQ(plan().to_review, 0);
    clock().advance(limits::blob_lease);
    EXPECT_EQ(plan().to_review, 3);
    EXPECT_EQ(plan().to_condemn, 2);
    EXPECT_EQ(plan().to_delete, 0);
    EXPECT_EQ(collect().condemned, 2);
    clock().advance(grace);
    EXPECT_EQ(plan().to_condemn, 0);
    EXPECT_EQ(plan().to_delete, 2);
    EXPECT_EQ(plan().to_delete_bytes, 8);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "3") << "it was only asked";
}

TEST_P(CollectTest, GoesThroughMoreThanOneBatch) {
    write([&](Tx& tx) {
        for (int i = 0; i < 450; ++i) settle_blob(tx, digests_of(std::to_string(i)), 1, new_blob_id());
    });
    EXPECT_EQ(collect_later().condemned, 450);
    EXPECT_EQ(collect_later(grace).deleted, 450);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "0");
}

TEST_P(CollectTest, FindsWhatAPurgeLeftBehind) {
    const BlobId id = put_used("bytes", 1);
    collect_later();
    run_sql("DELETE FROM blob_uses");
    EXPECT_EQ(collect_later().reviewed, 0) << "nobody released it";
    std::int64_t found = 0;
    for (int slice = 0; slice < 256; ++slice)
        found += write([&](Tx& tx) { return review_slice(tx, static_cast<std::uint8_t>(slice)); });
    EXPECT_EQ(found, 1);
    EXPECT_EQ(collect().condemned, 1);
    EXPECT_EQ(collect_later(grace).deleted, 1);
    EXPECT_EQ(state_of(id), std::nullopt);
}

TEST_P(CollectTest, TheLastSliceIsNotForgotten) {
    run_sql(
        std::string("INSERT INTO blobs (id, sha256, size_bytes, state, state_at, created_at) VALUES (1, ") +
        (GetParam() == db::EngineKind::sqlite ? "x'" : "'\\x") + std::string(64, 'f') +
        "', 1, 'live', 1, 1)");
    EXPECT_EQ(write([&](Tx& tx) { return review_slice(tx, 0xFF); }), 1);
}

TEST_P(CollectTest, EndsUploadsThatNobodyGoesOnWith) {
    Upload upload = write([&](Tx& tx) {
        return insert_upload(tx, acme_,
                             {.id = UploadId::trusted("u-1"), .scope = "1/app", .blob_id = new_blob_id()});
    });
    auto draft = loop_.run(blobs_->store().reopen("u-1", upload.progress()));
    test::TextBody body("bytes");
    loop_.run(draft->append(body, 100));
    loop_.run(draft->keep());
    const DraftProgress progress = draft->progress();
    draft.reset();
    EXPECT_EQ(collect().uploads, 0);
    clock().advance(limits::upload_lifetime);
    EXPECT_EQ(collect().uploads, 1);
    EXPECT_EQ(run_sql("SELECT count(*) FROM uploads"), "0");
    EXPECT_THAT(test::StoreWorld::refusal_of([&] { loop_.run(blobs_->store().reopen("u-1", progress)); }),
                ::testing::StartsWith("not-found"));
}

}  // namespace
}  // namespace lodestone::blobs
