// Uploads in several requests, to nodes that share a folder and a database.
#include "blobs/upload_session.hpp"

#include <gmock/gmock.h>

#include <set>

#include "blobs/lease.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "support/odd_disks.hpp"
#include "support/stores.hpp"
#include "support/wait.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using test::TextBody;

constexpr std::uint64_t limit_bytes = 1 << 20;

class UploadSessionTest : public test::WithBlobs {
  protected:
    void SetUp() override {
        WithBlobs::SetUp();
        if (IsSkipped()) return;
        for (auto& node : nodes_)
            node = std::make_unique<Blobs>(
                open_filesystem_store({.folder = folder_ / "blobs", .disk = &disk_}, workers_, context()),
                database(), context());
    }
    void TearDown() override {
        for (auto& node : nodes_)
            if (node) node->stop();
        WithBlobs::TearDown();
    }

    UploadId begin(std::vector<DigestKind> also = {}) {
        return loop_.run(begin_upload(*nodes_[0], {.actor = "alice"}, place_, std::move(also))).id;
    }
    std::int64_t append(std::size_t node, const UploadId& id, const std::string& text,
                        std::optional<std::uint64_t> offset = {}, TextBody::End end = TextBody::End::whole) {
        TextBody body(text, 1000, end);
        const UploadPart part{.bytes = &body, .offset = offset, .limit_bytes = limit_bytes};
        return loop_.run(append_upload(*nodes_[node], {}, place_, id, part)).size_bytes;
    }
    BlobId finish(std::size_t node, const UploadId& id, const std::string& rest, const std::string& whole) {
        TextBody body(rest);
        const UploadPart part{
            .bytes = rest.empty() ? nullptr : &body, .offset = {}, .limit_bytes = limit_bytes};
        UploadEnd end{
            .check =
                [whole](const Digests& digests, std::uint64_t size_bytes) {
                    if (size_bytes != whole.size() || digests.sha256 != test::sha256_of(whole))
                        throw Problem(problems::invalid_input, "The digest is another one.");
                },
            .note =
                [this](Tx& tx, BlobId blob) {
                    EXPECT_TRUE(lease_blob(tx, acme_, "1/app", blob, tx.now() + std::chrono::hours(1)));
                }};
        return loop_.run(finish_upload(*nodes_[node], {}, place_, id, part, std::move(end)));
    }
    // All of it in memory, of an upload that was found before.
    BlobId finish_at_once(std::size_t node, const Upload& found, const std::string& whole) {
        Blobs::Note note = [this](Tx& tx, BlobId blob) {
            EXPECT_TRUE(lease_blob(tx, acme_, "1/app", blob, tx.now() + std::chrono::hours(1)));
        };
        return loop_.run(blobs::finish_at_once(*nodes_[node], {}, place_, found,
                                               {.bytes = whole, .digests = digests_of(whole)},
                                               std::move(note)));
    }
    Upload find(const UploadId& id) {
        return read([&](Tx& tx) { return find_upload(tx, acme_, "1/app", id); }).value();
    }
    std::size_t count_files() {
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "blobs"))
            files += entry.is_regular_file() && entry.path().filename() != "name" ? 1 : 0;
        return files;
    }
    // Drafts are removed while nobody waits for it.
    bool has_files(std::size_t files) {
        return test::wait_until([&] { return count_files() == files; });
    }
    bool has_no_drafts() {
        return test::wait_until([&] { return std::filesystem::is_empty(folder_ / "blobs/uploads"); });
    }
    template <class Function>
    std::string refusal(Function function) {
        return test::StoreWorld::refusal_of(function);
    }
    std::optional<std::string> read_blob(BlobId id) {
        const Blob blob = need_blob(id);
        const auto body = loop_.run(nodes_[0]->open(blob.key(), blob.size_bytes));
        if (!body) return std::nullopt;
        return test::read_body(*body);
    }
    bool is_held() { return run_sql("SELECT count(*) FROM uploads WHERE holder IS NOT NULL") != "0"; }
    std::string count_uploads() { return run_sql("SELECT count(*) FROM uploads"); }

    const UploadPlace place_{.tenant = acme_, .scope = "1/app"};
    test::FailingDisk disk_;
    test::TempFolder folder_;
    test::LoopThread loop_;
    WorkerThreads workers_{2};
    std::array<std::unique_ptr<Blobs>, 2> nodes_;
};
INSTANTIATE_ON_EVERY_DATABASE(UploadSessionTest);

TEST_P(UploadSessionTest, BytesOfWhatIsRefusedAreNotKept) {
    BlobKey key{.sha256 = test::sha256_of("unwanted"), .id = {}};
    Blobs::Note refuse = [&](Tx&, BlobId id) {
        key.id = id;
        throw Problem(problems::conflict, "There is one already.");
    };
    EXPECT_THROW(loop_.run(nodes_[0]->enter_small({}, "unwanted", digests_of("unwanted"), refuse)), Problem);
    EXPECT_FALSE(key.id.is_empty());
    EXPECT_FALSE(loop_.run(nodes_[0]->open(key, 8)).has_value());
}

TEST_P(UploadSessionTest, GoesFromNodeToNode) {
    const std::string bytes = test::make_bytes(10'000);
    const UploadId id = begin();
    EXPECT_EQ(append(0, id, bytes.substr(0, 3'000), 0), 3'000);
    EXPECT_EQ(append(1, id, bytes.substr(3'000, 4'000), 3'000), 7'000);
    const BlobId blob = finish(0, id, bytes.substr(7'000), bytes);
    EXPECT_EQ(read_blob(blob), bytes);
    EXPECT_EQ(count_uploads(), "0");
    EXPECT_TRUE(has_no_drafts());
    EXPECT_TRUE(read([&](Tx& tx) { return find_leased_blob(tx, acme_, "1/app", test::sha256_of(bytes)); }));
    EXPECT_THAT(refusal([&] { append(0, id, "more"); }), ::testing::StartsWith("not-found"));
}

TEST_P(UploadSessionTest, HashesInOtherWaysFromTheBeginning) {
    const UploadId id = begin({DigestKind::sha512});
    append(0, id, "ab");
    const BlobId blob = finish(1, id, "c", "abc");
    const auto others = read([&](Tx& tx) { return list_digests(tx, blob); });
    ASSERT_EQ(others.size(), 1u);
    EXPECT_EQ(others.front().kind, DigestKind::sha512);
    ResumableDigest whole(DigestKind::sha512);
    whole.add("abc");
    EXPECT_EQ(others.front().bytes, whole.digest());
}

TEST_P(UploadSessionTest, RefusesBytesFromElsewhere) {
    const UploadId id = begin();
    append(0, id, "abc");
    for (const std::uint64_t offset : {0u, 2u, 4u})
        EXPECT_EQ(refusal([&] { append(0, id, "d", offset); }),
                  "range-not-satisfiable: The upload has 3 bytes so far; go on from there.");
    EXPECT_EQ(append(0, id, "d", 3), 4) << "and is as it was";
}

TEST_P(UploadSessionTest, WhatBrokeOffIsSentAgain) {
    const UploadId id = begin();
    append(0, id, "abc");
    EXPECT_THROW(append(0, id, std::string(200'000, 'x'), 3, TextBody::End::breaks_off), std::runtime_error);
    EXPECT_TRUE(test::wait_until([&] { return !is_held(); }));
    std::int64_t size_bytes = 0;
    // A thread may have the draft open for a moment longer.
    EXPECT_TRUE(
        test::wait_until([&] { return refusal([&] { size_bytes = append(1, id, "def", 3); }).empty(); }));
    EXPECT_EQ(size_bytes, 6);
    EXPECT_EQ(read_blob(finish(0, id, "", "abcdef")), "abcdef");
}

// Nothing of that file is believed any more, so the client has to begin anew, and is told so by every node.
TEST_P(UploadSessionTest, IsOverWhenTheDiskHasFailed) {
    for (const bool is_finishing : {false, true}) {
        const UploadId id = begin();
        append(0, id, "abc");
        disk_.fail(test::FailingDisk::Call::sync_file, EIO);
        const auto send = [&] {
            is_finishing ? void(finish(0, id, "d", "abcd")) : void(append(0, id, "d", 3));
        };
        EXPECT_EQ(refusal(send), "unavailable: The file could not be stored; send it again in a moment.");
        EXPECT_TRUE(nodes_[0]->find_fault());
        disk_.heal();
        EXPECT_TRUE(test::wait_until([&] { return count_uploads() == "0"; }));
        EXPECT_THAT(refusal([&] { append(1, id, "d", 3); }), ::testing::StartsWith("not-found"));
        EXPECT_EQ(count_files(), 0u);
    }
    EXPECT_EQ(read_blob(finish(0, begin(), "abcd", "abcd")), "abcd");
    EXPECT_FALSE(nodes_[0]->find_fault());
}

TEST_P(UploadSessionTest, ALyingDigestChangesNothing) {
    const UploadId id = begin();
    append(0, id, "abc");
    EXPECT_EQ(refusal([&] { finish(0, id, "x", "abcd"); }), "invalid-input: The digest is another one.");
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "0");
    EXPECT_TRUE(test::wait_until([&] { return !is_held(); }));
    EXPECT_EQ(read_blob(finish(1, id, "d", "abcd")), "abcd");
}

TEST_P(UploadSessionTest, TwoOfTheSameContentAreOneBlob) {
    const UploadId first = begin();
    const UploadId second = begin();
    append(0, first, "same");
    append(1, second, "same");
    auto ids = std::array<BlobId, 2>();
    test::run_at_once(2, [&](int i) {
        const auto node = static_cast<std::size_t>(i);
        ids[node] = finish(node, i == 0 ? first : second, "", "same");
    });
    EXPECT_EQ(ids[0], ids[1]);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "1");
    EXPECT_EQ(read_blob(ids[0]), "same");
    EXPECT_TRUE(has_files(1)) << "the loser's bytes are removed";
}

TEST_P(UploadSessionTest, ComesWholeAndLeavesNothing) {
    const UploadId id = begin();
    EXPECT_EQ(read_blob(finish_at_once(1, find(id), "all of it")), "all of it");
    EXPECT_EQ(count_uploads(), "0");
    EXPECT_TRUE(has_files(1));
    EXPECT_TRUE(
        read([&](Tx& tx) { return find_leased_blob(tx, acme_, "1/app", test::sha256_of("all of it")); }));
}

// What somebody has held may have a draft, though nothing of it was noted.
TEST_P(UploadSessionTest, ComesWholeAfterWhatBrokeOff) {
    const UploadId id = begin();
    clock().advance(std::chrono::seconds(1));
    EXPECT_THROW(append(0, id, std::string(200'000, 'x'), 0, TextBody::End::breaks_off), std::runtime_error);
    EXPECT_TRUE(test::wait_until([&] { return !is_held(); }));
    EXPECT_FALSE(std::filesystem::is_empty(folder_ / "blobs/uploads"));
    EXPECT_EQ(read_blob(finish_at_once(1, find(id), "all of it")), "all of it");
    EXPECT_TRUE(has_no_drafts());
}

TEST_P(UploadSessionTest, OfTwoWhoSendItWholeOneWins) {
    const UploadId id = begin();
    const Upload found = find(id);
    std::array<std::string, 2> refusals;
    test::run_at_once(2, [&](int i) {
        const auto node = static_cast<std::size_t>(i);
        refusals[node] = refusal([&] { finish_at_once(node, found, "of node " + std::to_string(i)); });
    });
    std::ranges::sort(refusals);
    EXPECT_EQ(refusals[0], "");
    EXPECT_THAT(refusals[1], ::testing::StartsWith("not-found"));
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "1");
    EXPECT_TRUE(has_files(1)) << "the loser's bytes are removed";
}

// That somebody else has the same bytes already is not to be told from what the storage can no longer take.
TEST_P(UploadSessionTest, WhatIsThereAlreadyIsRefusedAsAnythingElse) {
    finish_at_once(0, find(begin()), "of somebody else");
    const auto refusals = [&] {
        std::set<std::string> all;
        for (const std::string text : {"of somebody else", "of nobody"})
            all.insert(refusal([&] { finish_at_once(1, find(begin()), text); }));
        return all;
    };
    disk_.leave_room(3);
    disk_.fail(test::FailingDisk::Call::write, ENOSPC);
    EXPECT_THAT(refusals(), ::testing::ElementsAre(::testing::StartsWith("storage-full")));
    disk_.leave_room(1 << 20);
    disk_.fail(test::FailingDisk::Call::write, EIO);
    EXPECT_THAT(refusal([&] { finish_at_once(1, find(begin()), "first"); }),
                ::testing::StartsWith("unavailable"));
    EXPECT_THAT(refusals(),
                ::testing::ElementsAre(::testing::StartsWith("unavailable: The file could not be")));
    disk_.heal();
    EXPECT_THAT(refusals(), ::testing::ElementsAre(""));
}

TEST_P(UploadSessionTest, IsNotFinishedAtOnceOnceSomethingHasCome) {
    const UploadId id = begin();
    const Upload found = find(id);
    append(0, id, "abc");
    EXPECT_EQ(refusal([&] { finish_at_once(1, found, "all of it"); }),
              "range-not-satisfiable: The upload has 3 bytes so far; go on from there.");
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "0");
    EXPECT_EQ(read_blob(finish(0, id, "d", "abcd")), "abcd");
}

TEST_P(UploadSessionTest, IsGivenUp) {
    const UploadId id = begin();
    append(0, id, "abc");
    loop_.run(cancel_upload(*nodes_[1], {}, place_, id));
    EXPECT_EQ(count_uploads(), "0");
    EXPECT_TRUE(has_no_drafts());
    EXPECT_THAT(refusal([&] { loop_.run(cancel_upload(*nodes_[1], {}, place_, id)); }),
                ::testing::StartsWith("not-found"));
}

TEST_P(UploadSessionTest, BelongsToItsPlace) {
    const UploadId id = begin();
    for (const UploadPlace& elsewhere : {UploadPlace{other_, "1/app"}, UploadPlace{acme_, "2/app"}})
        EXPECT_THAT(refusal([&] { loop_.run(cancel_upload(*nodes_[0], {}, elsewhere, id)); }),
                    ::testing::StartsWith("not-found"));
    EXPECT_EQ(count_uploads(), "1");
}

}  // namespace
}  // namespace lodestone::blobs
