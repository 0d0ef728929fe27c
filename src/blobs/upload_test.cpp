// Upload sessions: one request at a time, any node, and an end when nobody comes.
#include "blobs/upload.hpp"

#include <gmock/gmock.h>

#include "base/blob_limits.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;

class UploadTest : public test::WithBlobs {
  protected:
    Upload begin(const std::string& id = "upload-1") {
        return write([&](Tx& tx) {
            return insert_upload(tx, acme_,
                                 {.id = UploadId::trusted(id), .scope = "1/app", .blob_id = new_blob_id()});
        });
    }
    Upload hold(const std::string& holder) {
        return write([&](Tx& tx) { return hold_upload(tx, acme_, "1/app", id_, holder); });
    }
    std::string hold_refusal(const std::string& holder, const TenantId& tenant,
                             std::string_view scope = "1/app") {
        return refusal_of([&](Tx& tx) { hold_upload(tx, tenant, scope, id_, holder); });
    }
    bool note(const std::string& holder, std::uint64_t size_bytes) {
        RunningDigests digests;
        digests.add(std::string(size_bytes, 'x'));
        return write([&](Tx& tx) {
            return note_progress(
                tx, acme_, id_, holder,
                {.id = {}, .size_bytes = size_bytes, .digest_state = digests.save(), .store_state = "s"});
        });
    }
    std::optional<Upload> find() {
        return read([&](Tx& tx) { return find_upload(tx, acme_, "1/app", id_); });
    }

    const UploadId id_ = UploadId::trusted("upload-1");
};
INSTANTIATE_ON_EVERY_DATABASE(UploadTest);

TEST_P(UploadTest, BeginsWithNothing) {
    const Upload begun = begin();
    EXPECT_EQ(find(), begun);
    EXPECT_EQ(begun.created_by, "alice");
    EXPECT_EQ(begun.expires_at, clock().now() + limits::upload_lifetime);
    EXPECT_EQ(begun.size_bytes, 0);
    const auto digests = RunningDigests::restore(begun.progress().digest_state);
    ASSERT_TRUE(digests);
    EXPECT_EQ(digests->digests(), digests_of(""));
}

TEST_P(UploadTest, OneRequestHoldsItAtATime) {
    begin();
    EXPECT_EQ(hold("first"), *find());
    EXPECT_THAT(hold_refusal("second", acme_), ::testing::StartsWith("conflict: Another request"));
    write([&](Tx& tx) { release_hold(tx, acme_, id_, "second"); });
    EXPECT_THAT(hold_refusal("second", acme_), ::testing::StartsWith("conflict"));
    write([&](Tx& tx) { release_hold(tx, acme_, id_, "first"); });
    hold("second");
    clock().advance(limits::upload_hold - std::chrono::seconds(1));
    EXPECT_TRUE(write([&](Tx& tx) { return extend_hold(tx, acme_, id_, "second"); }));
    clock().advance(limits::upload_hold - std::chrono::seconds(1));
    EXPECT_THAT(hold_refusal("third", acme_), ::testing::StartsWith("conflict"));
    clock().advance(std::chrono::seconds(1));
    hold("third");
    EXPECT_FALSE(write([&](Tx& tx) { return extend_hold(tx, acme_, id_, "second"); })) << "it was too late";
}

TEST_P(UploadTest, IsNobodyElses) {
    begin();
    EXPECT_THAT(hold_refusal("x", other_), ::testing::StartsWith("not-found"));
    EXPECT_THAT(hold_refusal("x", acme_, "1/other"), ::testing::StartsWith("not-found"));
    EXPECT_FALSE(read([&](Tx& tx) { return find_upload(tx, other_, "1/app", id_); }));
}

TEST_P(UploadTest, NotesWhatItsHolderWrote) {
    begin();
    hold("first");
    EXPECT_TRUE(note("first", 100));
    EXPECT_FALSE(note("second", 200));
    const Upload noted = *find();
    EXPECT_EQ(noted.size_bytes, 100);
    EXPECT_EQ(noted.store_state, "s");
    EXPECT_EQ(RunningDigests::restore(noted.progress().digest_state)->digests(),
              digests_of(std::string(100, 'x')));
    EXPECT_EQ(noted.progress().id, noted.blob_id);
    EXPECT_FALSE(
        write([&](Tx& tx) { return delete_upload(tx, acme_, id_, {.holder = "second", .sha256 = {}}); }));
    EXPECT_TRUE(
        write([&](Tx& tx) { return delete_upload(tx, acme_, id_, {.holder = "first", .sha256 = {}}); }));
    EXPECT_FALSE(find());
    EXPECT_FALSE(note("first", 300));
}

// By whoever has all of its bytes, and needs not hold it for that.
TEST_P(UploadTest, IsDeletedFreshOnlyWhereNothingHasComeAndNobodyHoldsIt) {
    const auto refusal = [&](const TenantId& tenant, std::string_view scope = "1/app") {
        return refusal_of([&](Tx& tx) { delete_fresh_upload(tx, tenant, scope, id_); });
    };
    begin();
    EXPECT_THAT(refusal(other_), ::testing::StartsWith("not-found"));
    EXPECT_THAT(refusal(acme_, "1/other"), ::testing::StartsWith("not-found"));
    hold("first");
    EXPECT_THAT(refusal(acme_), ::testing::StartsWith("conflict: Another request"));
    clock().advance(limits::upload_hold);
    EXPECT_EQ(refusal(acme_), "") << "who held it is gone";
    EXPECT_FALSE(find());
    EXPECT_FALSE(note("first", 100)) << "and finds nothing when he comes back";
    EXPECT_THAT(refusal(acme_), ::testing::StartsWith("not-found"));
    begin();
    hold("first");
    EXPECT_TRUE(note("first", 100));
    write([&](Tx& tx) { release_hold(tx, acme_, id_, "first"); });
    EXPECT_EQ(refusal(acme_), "range-not-satisfiable: The upload has 100 bytes so far; go on from there.");
    EXPECT_TRUE(find());
}

TEST_P(UploadTest, OfManyAtOnceOneGetsIt) {
    begin();
    std::atomic<int> held{0};
    std::atomic<int> refused{0};
    test::run_at_once(6, [&](int i) {
        const std::string refusal = hold_refusal("holder-" + std::to_string(i), acme_);
        ++(refusal.empty() ? held : refused);
    });
    EXPECT_EQ(held, 1);
    EXPECT_EQ(refused, 5);
}

TEST_P(UploadTest, EndsWhenNobodyGoesOn) {
    begin();
    const auto expired = [&] { return read([&](Tx& tx) { return list_expired_uploads(tx, tx.now()); }); };
    clock().advance(limits::upload_lifetime - std::chrono::hours(1));
    EXPECT_TRUE(expired().empty());
    hold("first");
    clock().advance(std::chrono::hours(2));
    EXPECT_TRUE(expired().empty()) << "somebody was there an hour before";
    clock().advance(limits::upload_lifetime);
    const auto found = expired();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.front().id, id_);
    EXPECT_EQ(found.front().tenant_id, acme_);
    hold("second");
    EXPECT_EQ(write([&](Tx& tx) { return delete_expired_upload(tx, found.front(), tx.now()); }), 0);
    clock().advance(limits::upload_lifetime);
    EXPECT_EQ(write([&](Tx& tx) { return delete_expired_upload(tx, found.front(), tx.now()); }), 1);
}

// What the store aborts a week after its first part is nobody's any more by then.
TEST_P(UploadTest, EndsThoughSomebodyGoesOn) {
    begin();
    constexpr auto half_a_day = std::chrono::hours(12);
    for (auto age = half_a_day; age < limits::upload_lifetime_most; age += half_a_day) {
        clock().advance(half_a_day);
        hold("first");
        EXPECT_TRUE(write([&](Tx& tx) { return extend_hold(tx, acme_, id_, "first"); }));
        EXPECT_TRUE(note("first", 100));
        write([&](Tx& tx) { release_hold(tx, acme_, id_, "first"); });
    }
    clock().advance(half_a_day - std::chrono::seconds(1));
    hold("last");
    clock().advance(std::chrono::seconds(1));
    EXPECT_FALSE(find());
    EXPECT_FALSE(write([&](Tx& tx) { return extend_hold(tx, acme_, id_, "last"); }));
    clock().advance(limits::upload_hold);
    EXPECT_THAT(hold_refusal("second", acme_), ::testing::StartsWith("not-found"));
    EXPECT_EQ(run_sql("SELECT count(*) FROM uploads"), "1") << "it has a draft";
    clock().advance(limits::upload_lifetime);
    const auto expired = read([&](Tx& tx) { return list_expired_uploads(tx, tx.now()); });
    ASSERT_EQ(expired.size(), 1u);
    EXPECT_EQ(write([&](Tx& tx) { return delete_expired_upload(tx, expired.front(), tx.now()); }), 1);
}

}  // namespace
}  // namespace lodestone::blobs
