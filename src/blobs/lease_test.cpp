// Leases and uses: who was promised what, and who needs it.
#include "blobs/lease.hpp"

#include <gmock/gmock.h>

#include "base/blob_limits.hpp"
#include "blobs/use.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;

class LeaseTest : public test::WithBlobs {
  protected:
    bool lease(const TenantId& tenant, std::string_view scope, BlobId id, std::chrono::microseconds span) {
        return write([&](Tx& tx) { return lease_blob(tx, tenant, scope, id, tx.now() + span); });
    }
    bool is_leased(const TenantId& tenant, std::string_view scope, std::string_view text) {
        return read([&](Tx& tx) { return find_leased_blob(tx, tenant, scope, digests_of(text).sha256); })
            .has_value();
    }
    bool use(const TenantId& tenant, std::int64_t owner, BlobId id) {
        return write([&](Tx& tx) { return use_blob(tx, tenant, owner, id); });
    }
};
INSTANTIATE_ON_EVERY_DATABASE(LeaseTest);

using std::chrono::minutes;

TEST_P(LeaseTest, IsGoodWhereItWasMadeAndForItsTime) {
    const BlobId id = store_blob("bytes");
    EXPECT_TRUE(lease(acme_, "1/app", id, minutes(10)));
    EXPECT_TRUE(is_leased(acme_, "1/app", "bytes"));
    EXPECT_FALSE(is_leased(acme_, "1/other", "bytes")) << "another package";
    EXPECT_FALSE(is_leased(other_, "1/app", "bytes")) << "another tenant";
    EXPECT_FALSE(is_leased(acme_, "1/app", "others"));
    clock().advance(minutes(10));
    EXPECT_FALSE(is_leased(acme_, "1/app", "bytes"));
}

TEST_P(LeaseTest, ALongerOneStands) {
    const BlobId id = store_blob("bytes");
    EXPECT_TRUE(lease(acme_, "1/app", id, minutes(10)));
    EXPECT_TRUE(lease(acme_, "1/app", id, minutes(2)));
    clock().advance(minutes(9));
    EXPECT_TRUE(is_leased(acme_, "1/app", "bytes"));
    EXPECT_TRUE(lease(acme_, "1/app", id, minutes(10)));
    clock().advance(minutes(9));
    EXPECT_TRUE(is_leased(acme_, "1/app", "bytes"));
    write([&](Tx& tx) { release_lease(tx, acme_, "1/app", id); });
    EXPECT_FALSE(is_leased(acme_, "1/app", "bytes"));
}

TEST_P(LeaseTest, NothingIsPromisedOfWhatIsGoing) {
    const BlobId id = store_blob("bytes");
    run_sql("UPDATE blobs SET state = 'deleting', withdrawn_at = 1");
    EXPECT_FALSE(lease(acme_, "1/app", id, minutes(10)));
    EXPECT_FALSE(use(acme_, 1, id));
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_leases"), "0");
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "0");
}

TEST_P(LeaseTest, PurgesWhatHasRunOut) {
    const BlobId id = store_blob("bytes");
    for (int i = 0; i < 5; ++i) lease(acme_, "1/" + std::to_string(i), id, minutes(i));
    const auto purge = [&] { return write([&](Tx& tx) { return purge_leases(tx, tx.now() + minutes(3)); }); };
    EXPECT_EQ(purge(), 3);
    EXPECT_EQ(purge(), 0);
}

TEST_P(LeaseTest, RefusesAScopeThatIsNone) {
    const BlobId id = store_blob("bytes");
    const auto refusal = [&](const std::string& scope) {
        return refusal_of([&](Tx& tx) { lease_blob(tx, acme_, scope, id, tx.now()); });
    };
    EXPECT_THAT(refusal(""), ::testing::StartsWith("invalid-input"));
    EXPECT_THAT(refusal(std::string(limits::blob_scope_bytes + 1, 'x')),
                ::testing::StartsWith("invalid-input"));
}

TEST_P(LeaseTest, UsesAreTheirOwnersAlone) {
    const BlobId first = store_blob("first");
    const BlobId second = store_blob("second");
    EXPECT_TRUE(use(acme_, 7, first));
    EXPECT_TRUE(use(acme_, 7, first)) << "again";
    EXPECT_TRUE(use(acme_, 7, second));
    EXPECT_TRUE(use(other_, 7, first));
    const auto list = [&](const TenantId& tenant) {
        std::vector<BlobId> ids;
        for (const Blob& blob : read([&](Tx& tx) { return list_used_blobs(tx, tenant, 7); }))
            ids.push_back(blob.id);
        return ids;
    };
    EXPECT_THAT(list(acme_), ::testing::ElementsAre(first, second));
    EXPECT_TRUE(read([&](Tx& tx) { return is_used(tx, acme_, 7, second); }));
    EXPECT_FALSE(read([&](Tx& tx) { return is_used(tx, other_, 7, second); }));
    EXPECT_EQ(write([&](Tx& tx) { return release_use(tx, acme_, 7, second); }), 1);
    EXPECT_EQ(write([&](Tx& tx) { return release_uses(tx, acme_, 7); }), 1);
    EXPECT_THAT(list(acme_), ::testing::IsEmpty());
    EXPECT_THAT(list(other_), ::testing::ElementsAre(first));
}

TEST_P(LeaseTest, WhoReleasesHasTheBlobReviewed) {
    const BlobId id = store_blob("bytes");
    use(acme_, 7, id);
    run_sql("UPDATE blobs SET review_at = NULL");
    write([&](Tx& tx) { release_uses(tx, acme_, 7); });
    EXPECT_EQ(need_blob(id).review_at, clock().now());
    use(acme_, 7, id);
    const auto later = need_blob(id).review_at;
    EXPECT_GT(later, clock().now());
    write([&](Tx& tx) { release_use(tx, acme_, 7, id); });
    EXPECT_EQ(need_blob(id).review_at, later) << "a lease may be in force until then";
}

}  // namespace
}  // namespace lodestone::blobs
