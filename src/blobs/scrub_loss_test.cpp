// What scrubbing makes of bytes that are not there: a loss, or a folder that is another one. And what is made
// of them when somebody sends them again.
#include <gmock/gmock.h>

#include "blobs/quarantine.hpp"
#include "blobs/scrub.hpp"
#include "blobs/scrub_step.hpp"
#include "support/wait.hpp"
#include "support/with_scrubber.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using std::chrono::hours;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ScrubLossTest : public test::WithScrubber {};
INSTANTIATE_ON_EVERY_DATABASE(ScrubLossTest);

TEST_P(ScrubLossTest, WhatSomebodyDidNotFindIsLookedAtNext) {
    const BlobId id = put("bytes");
    const BlobId other = put("other");
    lose(id);
    EXPECT_EQ(scrub().checked, 0);
    EXPECT_FALSE(loop_.run(blobs_->open(need_blob(id).key(), 5)));
    EXPECT_TRUE(test::wait_until([&] { return need_blob(id).checked_at.has_value(); }));
    const Scrubbed done = scrub();
    EXPECT_EQ(done.checked, 1);
    EXPECT_EQ(done.quarantined, 1);
    EXPECT_EQ(need_blob(other).checked_at, std::nullopt);
    EXPECT_EQ(put("bytes"), id);
    EXPECT_EQ(bytes_of(id), "bytes");
}

TEST_P(ScrubLossTest, WhatSomebodyDidNotFindDoesNotWaitForAllThatIsDue) {
    for (int i = 0; i < 10; ++i) put(std::to_string(i));
    clock().advance(interval + minutes(1));
    const BlobId fresh = put("fresh");
    restart({.interval = interval, .rate_bytes = 0, .note_pause = minutes(0)});
    // While the first one is looked at; it is over when this one was.
    const auto turn = [&](Tx& tx) {
        const Blob blob = find_blob(tx, fresh).value();
        if (!blob.checked_at) doubt_copy(tx, fresh);
        return !blob.checked_at || *blob.checked_at == Time{};
    };
    EXPECT_LE(scrub({.keep_turn = turn}).checked, 3);
    EXPECT_EQ(need_blob(fresh).checked_at, clock().now());
}

TEST_P(ScrubLossTest, AnotherFolderIsNoDamage) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(put(std::to_string(i)));
    for (const BlobId& id : ids) lose(id);
    EXPECT_EQ(scrub_later().quarantined, 0);
    ASSERT_TRUE(scrubber_->find_fault());
    EXPECT_THAT(*scrubber_->find_fault(), HasSubstr("blobs.dir"));
    EXPECT_EQ(read([](Tx& tx) { return count_blobs(tx); }).quarantined, 0);
    // What comes now is there, and tells nothing of what came before.
    const BlobId fresh = put("new");
    EXPECT_EQ(scrub().quarantined, 0);
    restart();
    write([&](Tx& tx) { doubt_copy(tx, fresh); });
    EXPECT_EQ(scrub().quarantined, 0);
    EXPECT_TRUE(scrubber_->find_fault());
    // One of the old ones does: the folder is the right one.
    damage(ids[3], "3");
    EXPECT_EQ(scrub().quarantined, 19);
    EXPECT_EQ(scrubber_->find_fault(), std::nullopt);
    clock().advance(interval + hours(1));
    EXPECT_EQ(scrub().checked, 21);
}

TEST_P(ScrubLossTest, WhatIsKnownToBeLostIsNoOtherFolder) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(put(std::to_string(i)));
    clock().advance(hours(48));
    for (const BlobId& id : ids) {
        write([&](Tx& tx) { quarantine_blob(tx, need_blob(id), "they are not there"); });
        lose(id);
    }
    EXPECT_EQ(scrub_later(hours(25)).checked, 20);
    EXPECT_EQ(scrubber_->find_fault(), std::nullopt);
}

TEST_P(ScrubLossTest, WhoSendsWhatTheStoreHasLostHasItStored) {
    const BlobId lost = put("lost");
    const BlobId cut = put("cut short");
    put("fine");
    clock().advance(hours(48));
    lose(lost);
    damage(cut, "cut");
    EXPECT_EQ(put("lost", 2), lost);
    EXPECT_EQ(bytes_of(lost), "lost");
    EXPECT_EQ(put("cut short", 2), cut);
    EXPECT_EQ(bytes_of(cut), "cut short");
    EXPECT_THAT(take_records(), ElementsAre("blob.quarantine", "blob.heal", "blob.quarantine", "blob.heal"));
    EXPECT_EQ(scrub_later().quarantined, 0);
}

TEST_P(ScrubLossTest, NothingIsEnteredInAnotherFolder) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(put(std::to_string(i)));
    clock().advance(hours(48));
    for (const BlobId& id : ids) lose(id);
    put("new");
    EXPECT_THAT(test::StoreWorld::refusal_of([&] { put("1", 2); }),
                HasSubstr("unavailable: The server does not find what it has stored before"));
    EXPECT_EQ(need_blob(ids[1]).state, BlobState::live);
    EXPECT_THAT(test::StoreWorld::refusal_of([&] { put("newer"); }), HasSubstr("unavailable"))
        << "from now on nobody's bytes are taken";
    // As the mount comes back.
    for (int i = 0; i < 3; ++i) damage(ids[static_cast<std::size_t>(i)], std::to_string(i));
    clock().advance(limits::storage_probe_pause);
    EXPECT_EQ(put("1", 2), ids[1]);
    EXPECT_EQ(need_blob(ids[1]).copy_id, std::nullopt);
}

TEST_P(ScrubLossTest, WhoAsksForWhatIsLostIsToldSoAtOnce) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(put(std::to_string(i)));
    clock().advance(hours(48));
    const Blob there = need_blob(ids[0]);
    const Blob lost = need_blob(ids[1]);
    lose(lost.id);
    EXPECT_FALSE(loop_.run(blobs_->is_lost(there.key())));
    EXPECT_EQ(need_blob(there.id).state, BlobState::live);
    EXPECT_TRUE(loop_.run(blobs_->is_lost(lost.key())));
    EXPECT_EQ(need_blob(lost.id).state, BlobState::quarantined);
    EXPECT_TRUE(loop_.run(blobs_->is_lost(lost.key()))) << "and as often as he likes";
    EXPECT_THAT(take_records(), ElementsAre("blob.quarantine"));
    EXPECT_EQ(put("1", 2), lost.id);
    EXPECT_FALSE(loop_.run(blobs_->is_lost(lost.key()))) << "it has another copy by now";
}

TEST_P(ScrubLossTest, WhoAsksInAnotherFolderIsNotToldThatItIsLost) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(put(std::to_string(i)));
    clock().advance(hours(48));
    for (const BlobId& id : ids) lose(id);
    EXPECT_THAT(test::StoreWorld::refusal_of([&] { loop_.run(blobs_->is_lost(need_blob(ids[1]).key())); }),
                HasSubstr("unavailable: The server does not find what it has stored before"));
    EXPECT_EQ(need_blob(ids[1]).state, BlobState::live);
}

// What came since then is not even passed over: its numbers are larger.
TEST_P(ScrubLossTest, WitnessesAreThoseWhoseNumbersAreOld) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(put(std::to_string(i)));
    const Time before = clock().now() + hours(1);
    clock().advance(hours(2));
    const BlobId fresh = put("fresh");
    run_sql("UPDATE blobs SET created_at = 1");
    const auto witnesses = read([&](Tx& tx) { return list_witnesses(tx, 2, before); });
    std::vector<BlobId> found;
    for (const Blob& blob : witnesses) found.push_back(blob.id);
    EXPECT_THAT(found, ElementsAre(ids[2], ids[1], ids[0], ids[1])) << "not " << fresh.value();
}

TEST_P(ScrubLossTest, WhereOnlyTheNewestAreLostTheyAreStoredAgain) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(put(std::to_string(i)));
    clock().advance(hours(48));
    for (std::size_t i = 8; i < ids.size(); ++i) lose(ids[i]);
    EXPECT_EQ(put("15", 2), ids[15]);
    EXPECT_EQ(bytes_of(ids[15]), "15");
}

TEST_P(ScrubLossTest, WhoSaysThatTheyAreLostIsToldOfEach) {
    std::vector<BlobId> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(put(std::to_string(i)));
    for (const BlobId& id : ids) lose(id);
    clock().advance(minutes(1));
    EXPECT_EQ(scrub({.has_all = true}).quarantined, 0);
    EXPECT_TRUE(scrubber_->find_fault());
    const Scrubbed done = scrub({.has_all = true, .believes_loss = true});
    EXPECT_EQ(done.checked, 20);
    EXPECT_EQ(done.quarantined, 20);
    EXPECT_EQ(scrubber_->find_fault(), std::nullopt);
}

TEST_P(ScrubLossTest, WhoAsksForAllSweepsNothing) {
    run_sql("UPDATE schema_history SET started_at = 1");
    put("named");
    const BlobKey unnamed{.sha256 = test::sha256_of("unnamed"), .id = new_blob_id()};
    loop_.run(blobs_->store().put_small(unnamed, "unnamed"));
    clock().advance(hours(48));
    EXPECT_EQ(scrub({.has_all = true}).removed, 0);
    EXPECT_EQ(count_stored(), 2u);
    std::int64_t removed = 0;
    for (int turn = 0; turn < 24 * 60 / 5 + 2; ++turn) removed += scrub_later(minutes(5)).removed;
    EXPECT_EQ(removed, 1) << "that is what servers do, in the course of a day";
    EXPECT_EQ(count_stored(), 1u);
}

}  // namespace
}  // namespace lodestone::blobs
