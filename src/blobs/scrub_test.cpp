// Scrubbing: what has changed is found, quarantined, given to nobody, and whole again when its bytes come
// again or come back.
#include "blobs/scrub.hpp"

#include <gmock/gmock.h>

#include <map>

#include "base/hex.hpp"
#include "base/problem.hpp"
#include "blobs/collect.hpp"
#include "blobs/lease.hpp"
#include "blobs/quarantine.hpp"
#include "blobs/scrub_step.hpp"
#include "blobs/use.hpp"
#include "support/with_scrubber.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ScrubTest : public test::WithScrubber {};
INSTANTIATE_ON_EVERY_DATABASE(ScrubTest);

TEST_P(ScrubTest, LooksAtEachBlobOnceInAWhile) {
    const BlobId id = put("bytes");
    EXPECT_EQ(scrub().checked, 0) << "it was hashed as it came in";
    const Scrubbed first = scrub_later();
    EXPECT_EQ(first.checked, 1);
    EXPECT_EQ(first.checked_bytes, 5);
    EXPECT_EQ(first.quarantined, 0);
    EXPECT_EQ(need_blob(id).checked_at, clock().now());
    EXPECT_EQ(need_blob(id).state, BlobState::live);
    EXPECT_EQ(scrub().checked, 0);
    EXPECT_EQ(scrub_later().checked, 1);
    EXPECT_THAT(take_records(), IsEmpty());
}

TEST_P(ScrubTest, LooksAtTheLongestUncheckedFirst) {
    const BlobId first = put("first");
    clock().advance(hours(1));
    const BlobId second = put("second");
    clock().advance(hours(1));
    const BlobId third = put("third");
    clock().advance(hours(1));
    write([&](Tx& tx) { note_checked(tx, std::vector{need_blob(first)}); });
    clock().advance(hours(1));
    const auto due = read([&](Tx& tx) { return list_unchecked(tx, tx.now()); });
    std::vector<BlobId> ids;
    for (const Blob& blob : due) ids.push_back(blob.id);
    EXPECT_THAT(ids, ElementsAre(second, third, first));
}

TEST_P(ScrubTest, FindsWhatHasChanged) {
    std::map<std::string, BlobId> ids;
    for (const char* text : {"flipped", "shorter", "longer", "lost", "fine"}) ids[text] = put(text);
    damage(ids["flipped"], "flippeD");
    damage(ids["shorter"], "short");
    damage(ids["longer"], "longer.");
    lose(ids["lost"]);
    const Scrubbed done = scrub_later();
    EXPECT_EQ(done.checked, 5);
    EXPECT_EQ(done.quarantined, 4);
    EXPECT_EQ(need_blob(ids["flipped"]).fault, "their SHA-256 is " + to_hex(test::sha256_of("flippeD")));
    EXPECT_EQ(need_blob(ids["shorter"]).fault, "there are 5 bytes instead of 7");
    EXPECT_EQ(need_blob(ids["longer"]).fault, "there are 7 bytes instead of 6");
    EXPECT_EQ(need_blob(ids["lost"]).fault, "they are not there");
    for (const char* text : {"flipped", "shorter", "longer", "lost"}) {
        EXPECT_EQ(need_blob(ids[text]).state, BlobState::quarantined);
        EXPECT_FALSE(read([&](Tx& tx) { return find_readable_blob(tx, test::sha256_of(text)); }));
        EXPECT_FALSE(write([&](Tx& tx) { return use_blob(tx, acme_, 2, ids[text]); }));
    }
    EXPECT_EQ(need_blob(ids["fine"]).state, BlobState::live);
    EXPECT_EQ(bytes_of(ids["fine"]), "fine");
    EXPECT_THAT(take_records(),
                ElementsAre("blob.quarantine", "blob.quarantine", "blob.quarantine", "blob.quarantine"));
    const BlobCounts counts = read([](Tx& tx) { return count_blobs(tx); });
    EXPECT_EQ(counts.quarantined, 4);
    EXPECT_EQ(counts.quarantined_bytes, 24);
}

TEST_P(ScrubTest, WhoSendsTheBytesAgainHealsThemForAll) {
    const BlobId id = put("bytes", 1);
    put("bytes", 2);
    write([&](Tx& tx) { lease_blob(tx, other_, "1/app", id, tx.now() + hours(24 * 365)); });
    damage(id, "bytez");
    EXPECT_EQ(scrub_later().quarantined, 1);
    take_records();
    EXPECT_EQ(put("bytes", 3), id) << "the row stays, with all who need it";
    const Blob healed = need_blob(id);
    EXPECT_EQ(healed.state, BlobState::live);
    EXPECT_EQ(healed.fault, std::nullopt);
    EXPECT_NE(healed.key().id, id) << "the new copy has a name of its own";
    EXPECT_EQ(bytes_of(id), "bytes");
    for (const std::int64_t owner : {1, 2, 3})
        EXPECT_EQ(read([&](Tx& tx) { return list_used_blobs(tx, acme_, owner); }), std::vector{healed});
    EXPECT_EQ(read([&](Tx& tx) { return find_leased_blob(tx, other_, "1/app", test::sha256_of("bytes")); }),
              healed);
    EXPECT_THAT(take_records(), ElementsAre("blob.heal"));
    EXPECT_EQ(count_stored(), 2u) << "the damaged copy is still there";
    EXPECT_EQ(scrub_later().quarantined, 0);
    EXPECT_EQ(put("bytes", 4), id) << "nothing is stored again";
    // And once more.
    damage(id, "");
    EXPECT_EQ(scrub_later().quarantined, 1);
    EXPECT_EQ(put("bytes", 5), id);
    EXPECT_EQ(bytes_of(id), "bytes");
}

TEST_P(ScrubTest, IsFoundByItsOtherDigestsAfterItWasHealed) {
    RunningDigests running(std::vector{DigestKind::sha512});
    running.add("bytes");
    const Digests digests = running.digests();
    const auto use = [&](Tx& tx, BlobId blob) { EXPECT_TRUE(use_blob(tx, acme_, 1, blob)); };
    const BlobId id = loop_.run(blobs_->enter_small({}, "bytes", digests, use));
    damage(id, "bytez");
    scrub_later();
    const auto find = [&] {
        return read([&](Tx& tx) {
            return find_readable_blob(tx, DigestKind::sha512, *digests.find(DigestKind::sha512));
        });
    };
    EXPECT_FALSE(find());
    EXPECT_TRUE(read([&](Tx& tx) {
        return find_quarantined_blob(tx, DigestKind::sha512, *digests.find(DigestKind::sha512));
    }));
    put("bytes", 2);
    ASSERT_TRUE(find());
    EXPECT_EQ(find()->id, id);
}

TEST_P(ScrubTest, ManyWhoHealAtOnceStoreOneCopy) {
    const BlobId id = put("bytes", 1);
    damage(id, "bytez");
    scrub_later();
    std::vector<std::future<BlobId>> healing;
    for (std::int64_t owner = 2; owner < 18; ++owner) {
        auto note = [this, owner](Tx& tx, BlobId blob) { EXPECT_TRUE(use_blob(tx, acme_, owner, blob)); };
        healing.push_back(loop_.start(blobs_->enter_small({}, "bytes", digests_of("bytes"), note)));
    }
    for (auto& one : healing) EXPECT_EQ(one.get(), id);
    EXPECT_EQ(bytes_of(id), "bytes");
    EXPECT_EQ(count_stored(), 2u) << "the damaged one, and the one that the row names";
    EXPECT_EQ(run_sql("SELECT count(*) FROM blob_uses"), "17");
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "1");
}

TEST_P(ScrubTest, WhatIsRefusedHealsNothing) {
    const BlobId id = put("bytes");
    damage(id, "bytez");
    scrub_later();
    const auto refuse = [](Tx&, BlobId) { throw Problem(problems::conflict, "No."); };
    EXPECT_THAT(test::StoreWorld::refusal_of(
                    [&] { loop_.run(blobs_->enter_small({}, "bytes", digests_of("bytes"), refuse)); }),
                HasSubstr("No."));
    EXPECT_EQ(need_blob(id).state, BlobState::quarantined);
    EXPECT_EQ(count_stored(), 1u);
}

TEST_P(ScrubTest, WhatComesBackIsGivenOutAgain) {
    const BlobId id = put("bytes");
    damage(id, "bytez");
    scrub_later();
    damage(id, "bytes");
    EXPECT_EQ(scrub_later(hours(1)).released, 0) << "it is looked at once a day";
    const Scrubbed done = scrub_later(hours(24));
    EXPECT_EQ(done.released, 1);
    EXPECT_EQ(need_blob(id).state, BlobState::live);
    EXPECT_EQ(need_blob(id).copy_id, std::nullopt);
    EXPECT_EQ(bytes_of(id), "bytes");
    EXPECT_THAT(take_records(), ElementsAre("blob.quarantine", "blob.release"));
}

TEST_P(ScrubTest, WhatIsQuarantinedIsLookedAtWhenSomebodyAsksForIt) {
    const BlobId id = put("bytes");
    const BlobId other = put("other");
    damage(id, "bytez");
    scrub_later();
    damage(id, "bytes");
    EXPECT_EQ(scrub_later(minutes(1)).released, 0);
    const Scrubbed done = scrub({.has_quarantined = true});
    EXPECT_EQ(done.released, 1);
    EXPECT_EQ(done.checked, 1) << "and nothing that is not due";
    EXPECT_EQ(bytes_of(id), "bytes");
    EXPECT_EQ(need_blob(other).checked_at, clock().now() - minutes(1));
}

TEST_P(ScrubTest, WhatStaysDamagedStaysQuarantined) {
    const BlobId id = put("bytes");
    damage(id, "bytez");
    scrub_later();
    lose(id);
    const Scrubbed done = scrub_later(hours(25));
    EXPECT_EQ(done.checked, 1);
    EXPECT_EQ(done.quarantined, 0) << "it is already";
    EXPECT_EQ(need_blob(id).state, BlobState::quarantined);
    EXPECT_EQ(need_blob(id).fault, "they are not there");
    EXPECT_THAT(take_records(), ElementsAre("blob.quarantine"));
}

TEST_P(ScrubTest, WhatWasFoundOfOneCopySaysNothingOfTheNext) {
    const BlobId id = put("bytes");
    const Blob seen = need_blob(id);
    damage(id, "bytez");
    scrub_later();
    put("bytes", 2);
    EXPECT_FALSE(write([&](Tx& tx) { return quarantine_blob(tx, seen, "late"); }));
    EXPECT_FALSE(write([&](Tx& tx) { return release_blob(tx, seen); }));
    EXPECT_EQ(need_blob(id).state, BlobState::live);
}

// As an older program leaves it, which stores again what is quarantined.
TEST_P(ScrubTest, TwoRowsOfTheSameContentKeepTheirStates) {
    const BlobId first = put("bytes");
    write([&](Tx& tx) { quarantine_blob(tx, need_blob(first), "rot"); });
    const BlobId second = new_blob_id();
    const BlobKey key{.sha256 = test::sha256_of("bytes"), .id = second};
    loop_.run(blobs_->store().put_small(key, "bytez"));
    run_sql("INSERT INTO blobs (id, sha256, size_bytes, state, state_at, created_at) SELECT " +
            std::to_string(second.value()) + ", sha256, size_bytes, 'live', 1, 1 FROM blobs");
    clock().advance(interval + minutes(1));
    const Scrubbed done = scrub();
    EXPECT_EQ(done.checked, 2);
    EXPECT_EQ(done.released + done.quarantined, 0);
    EXPECT_EQ(need_blob(first).state, BlobState::quarantined);
    EXPECT_EQ(need_blob(second).state, BlobState::live);
    EXPECT_EQ(scrub().checked, 0);
}

TEST_P(ScrubTest, WhatComesBetweenHashingAndNotingStays) {
    const BlobId id = put("bytes");
    Blob seen = need_blob(id);
    write([&](Tx& tx) { doubt_copy(tx, id); });
    write([&](Tx& tx) { note_checked(tx, std::vector{seen}); });
    EXPECT_EQ(need_blob(id).checked_at, Time{}) << "somebody did not find it since";
    seen = need_blob(id);
    lose(id);
    put("bytes", 2);
    const Blob healed = need_blob(id);
    ASSERT_NE(healed.key(), seen.key());
    clock().advance(hours(1));
    write([&](Tx& tx) { note_checked(tx, std::vector{seen}); });
    EXPECT_EQ(need_blob(id).checked_at, healed.checked_at) << "it has another copy";
    write([&](Tx& tx) { note_checked(tx, std::vector{healed}); });
    EXPECT_EQ(need_blob(id).checked_at, clock().now());
}

TEST_P(ScrubTest, WhatTheDatabaseFailsOfSaysNothingOfTheStorage) {
    const BlobId id = put("bytes");
    restart({.interval = interval, .rate_bytes = 0, .note_pause = minutes(0)});
    clock().advance(interval + minutes(1));
    int calls = 0;
    const auto fail = [&](Tx&) {
        if (++calls == 1) throw Problem(problems::unavailable, "The database is gone.");
        return true;
    };
    EXPECT_THROW(scrub({.keep_turn = fail}), Problem);
    EXPECT_EQ(need_blob(id).checked_at, std::nullopt);
    EXPECT_EQ(scrub({.keep_turn = fail}).checked, 1);
}

TEST_P(ScrubTest, WhatNobodyNeedsGoesThoughItIsQuarantined) {
    const BlobId id = put("bytes");
    damage(id, "bytez");
    scrub_later();
    Collector collector(*blobs_, minutes(30));
    clock().advance(hours(2));
    loop_.run(collector.run());
    EXPECT_EQ(need_blob(id).state, BlobState::quarantined) << "somebody needs it";
    write([&](Tx& tx) { release_uses(tx, acme_, 1); });
    EXPECT_EQ(read([&](Tx& tx) { return plan_collection(tx); }).to_delete, 1);
    EXPECT_EQ(loop_.run(collector.run()).deleted, 1);
    EXPECT_FALSE(read([&](Tx& tx) { return find_blob(tx, id); }));
    EXPECT_EQ(count_stored(), 0u);
}

TEST_P(ScrubTest, HealedBytesAreDeletedUnderTheirOwnName) {
    const BlobId id = put("bytes");
    lose(id);
    scrub_later();
    put("bytes", 1);
    EXPECT_EQ(count_stored(), 1u);
    write([&](Tx& tx) { release_uses(tx, acme_, 1); });
    Collector collector(*blobs_, minutes(30));
    for (int i = 0; i < 3; ++i) {
        clock().advance(hours(2));
        loop_.run(collector.run());
    }
    EXPECT_FALSE(read([&](Tx& tx) { return find_blob(tx, id); }));
    EXPECT_EQ(count_stored(), 0u);
}

TEST_P(ScrubTest, EndsWhenAnotherHasTheTurnAndGoesOnThere) {
    for (int i = 0; i < 150; ++i) put(std::to_string(i));
    clock().advance(interval + minutes(1));
    const Scrubbed done = scrub({.keep_turn = [](Tx&) { return false; }});
    EXPECT_EQ(done.checked, limits::scrubbed_rows);
    restart();
    EXPECT_EQ(scrub().checked, 150 - limits::scrubbed_rows) << "what was looked at is noted";
    EXPECT_EQ(scrub().checked, 0);
}

TEST_P(ScrubTest, TakesItsTime) {
    for (int i = 0; i < 4; ++i) put(std::to_string(i));
    restart({.interval = interval, .rate_bytes = 1 * limits::mib});
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(scrub_later().checked, 4);
    // Each counts as 64 KiB: a sixteenth of a second.
    EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(4 * 60));
}

TEST_P(ScrubTest, EndsWhenItIsToldTo) {
    for (int i = 0; i < 4; ++i) put(std::to_string(i));
    restart({.interval = interval, .rate_bytes = 1});
    clock().advance(interval + minutes(1));
    auto run = loop_.start(scrubber_->run({}));
    scrubber_->stop();
    EXPECT_LE(run.get().checked, 1);
}

TEST_P(ScrubTest, CountsWhatThereIs) {
    put("used");
    const BlobId damaged = put("damaged");
    damage(damaged, "");
    scrub_later();
    clock().advance(hours(1));
    put("new");
    const StorageStatus status = read([](Tx& tx) { return describe_storage(tx, tx.now()); });
    EXPECT_EQ(status.blobs, 3);
    EXPECT_EQ(status.bytes, 14);
    EXPECT_EQ(status.live, 2);
    EXPECT_EQ(status.live_bytes, 7);
    EXPECT_EQ(status.quarantined, 1);
    EXPECT_EQ(status.quarantined_bytes, 7);
    EXPECT_EQ(status.reclaimable_bytes, 0);
    EXPECT_EQ(status.unchecked, 1);
    EXPECT_EQ(status.oldest_check, clock().now() - hours(1));
}

}  // namespace
}  // namespace lodestone::blobs
