// One row for each content, however many send it at once; and who needs a blob moves its review on.
#include "blobs/blob.hpp"

#include <gmock/gmock.h>

#include "base/blob_limits.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;

class BlobTest : public test::WithBlobs {
  protected:
    void withdraw(BlobId id) {
        run_sql("UPDATE blobs SET state = 'deleting', withdrawn_at = 1 WHERE id = " +
                std::to_string(id.value()));
    }
    void condemn(BlobId id) {
        run_sql("UPDATE blobs SET state = 'condemned', review_at = 1 WHERE id = " +
                std::to_string(id.value()));
    }
};
INSTANTIATE_ON_EVERY_DATABASE(BlobTest);

TEST_P(BlobTest, OneContentIsOneBlob) {
    const BlobId first = new_blob_id();
    const BlobId second = new_blob_id();
    const auto settle = [&](BlobId id) {
        return write([&](Tx& tx) { return settle_blob(tx, digests_of("bytes"), 5, id); });
    };
    const SettledBlob mine = settle(first);
    EXPECT_TRUE(mine.is_new);
    EXPECT_EQ(mine.id, first);
    const SettledBlob theirs = settle(second);
    EXPECT_FALSE(theirs.is_new);
    EXPECT_EQ(theirs.id, first);
    EXPECT_TRUE(settle(first).is_new) << "the same upload, told again that it is stored";

    const Blob blob = need_blob(first);
    EXPECT_EQ(blob.sha256, digests_of("bytes").sha256);
    EXPECT_EQ(blob.size_bytes, 5);
    EXPECT_EQ(blob.state, BlobState::live);
    EXPECT_EQ(blob.created_at, clock().now());
    EXPECT_EQ(blob.review_at, clock().now() + limits::blob_lease);
    EXPECT_EQ(read([&](Tx& tx) { return find_readable_blob(tx, blob.sha256); }), blob);
    EXPECT_FALSE(read([&](Tx& tx) { return find_blob(tx, second); }));
}

TEST_P(BlobTest, ManyAtOnceSettleOnOne) {
    constexpr int count = 8;
    std::vector<SettledBlob> settled(count);
    std::vector<BlobId> ids;
    for (int i = 0; i < count; ++i) ids.push_back(new_blob_id());
    test::run_at_once(count, [&](int i) {
        const auto at = static_cast<std::size_t>(i);
        settled[at] = write([&](Tx& tx) { return settle_blob(tx, digests_of("bytes"), 5, ids[at]); });
    });
    EXPECT_EQ(std::ranges::count(settled, true, &SettledBlob::is_new), 1);
    for (const SettledBlob& one : settled) EXPECT_EQ(one.id, settled.front().id);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "1");
}

TEST_P(BlobTest, WhatIsOnItsWayOutIsStoredAnew) {
    const BlobId old = store_blob("bytes");
    withdraw(old);
    EXPECT_FALSE(read([&](Tx& tx) { return find_readable_blob(tx, digests_of("bytes").sha256); }));
    EXPECT_FALSE(write([&](Tx& tx) { return revive_blob(tx, digests_of("bytes").sha256); }));
    EXPECT_FALSE(write([&](Tx& tx) { return keep_blob(tx, old); }));
    const BlobId anew = store_blob("bytes");
    EXPECT_NE(anew, old);
    EXPECT_EQ(need_blob(anew).state, BlobState::live);
}

TEST_P(BlobTest, WhatIsCondemnedLivesAgainWhenSomebodyComes) {
    const BlobId id = store_blob("bytes");
    condemn(id);
    clock().advance(std::chrono::minutes(1));
    EXPECT_EQ(store_blob("bytes"), id);
    const Blob revived = need_blob(id);
    EXPECT_EQ(revived.state, BlobState::live);
    EXPECT_EQ(revived.state_at, clock().now());
    EXPECT_EQ(revived.review_at, clock().now() + limits::blob_lease);
    condemn(id);
    EXPECT_TRUE(write([&](Tx& tx) { return keep_blob(tx, id); }));
    EXPECT_EQ(need_blob(id).state, BlobState::live);
}

TEST_P(BlobTest, KeepingChangesTheRowOnlyWhenItsReviewIsNear) {
    const BlobId id = store_blob("bytes");
    const auto first = need_blob(id).review_at;
    clock().advance(limits::blob_lease / 2);
    EXPECT_TRUE(write([&](Tx& tx) { return keep_blob(tx, id); }));
    EXPECT_EQ(need_blob(id).review_at, first);
    clock().advance(std::chrono::microseconds(1));
    EXPECT_TRUE(write([&](Tx& tx) { return keep_blob(tx, id); }));
    EXPECT_EQ(need_blob(id).review_at, clock().now() + limits::blob_lease);
    run_sql("UPDATE blobs SET review_at = NULL");
    EXPECT_TRUE(write([&](Tx& tx) { return keep_blob(tx, id); }));
    EXPECT_EQ(need_blob(id).review_at, clock().now() + limits::blob_lease)
        << "it is in use, but may not be for long";
}

TEST_P(BlobTest, IsFoundByEachDigestThatWasAskedFor) {
    const DigestKind asked[] = {DigestKind::sha512, DigestKind::sha1};
    RunningDigests running(asked);
    running.add("bytes");
    const Digests digests = running.digests();
    const BlobId id = store_blob("bytes");
    const auto find = [&](DigestKind kind, const std::string& digest) {
        const auto found = read([&](Tx& tx) { return find_readable_blob(tx, kind, digest); });
        return found ? found->id : BlobId();
    };
    EXPECT_EQ(find(DigestKind::sha512, *digests.find(DigestKind::sha512)), BlobId());
    write([&](Tx& tx) { settle_blob(tx, digests, 5, new_blob_id()); });
    for (const DigestKind kind : {DigestKind::sha256, DigestKind::sha512, DigestKind::sha1})
        EXPECT_EQ(find(kind, *digests.find(kind)), id);
    EXPECT_EQ(find(DigestKind::sha512, "short"), BlobId());
    EXPECT_THAT(read([&](Tx& tx) { return list_digests(tx, id); }),
                ::testing::UnorderedElementsAreArray(digests.others));
    withdraw(id);
    EXPECT_EQ(find(DigestKind::sha512, *digests.find(DigestKind::sha512)), BlobId());
}

}  // namespace
}  // namespace lodestone::blobs
