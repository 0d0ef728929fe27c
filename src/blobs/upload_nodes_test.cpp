// Two nodes that finish one upload, on S3: the hold of the first runs out while it waits for the store, and
// the second is quicker. What that one has acknowledged stays.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <functional>

#include "blobs/store/s3_store.hpp"
#include "blobs/upload_session.hpp"
#include "blobs/use.hpp"
#include "support/fake_s3.hpp"
#include "support/stores.hpp"
#include "support/wait.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;
using ::testing::StartsWith;

constexpr std::uint64_t limit_bytes = 32 << 20;

// Something happens when its bytes are about to be stored, or when they are and nobody has heard of it yet.
struct Events {
    std::function<Task<>()> before;
    std::function<Task<>()> after;
};

class InterruptedDraft final : public Draft {
  public:
    InterruptedDraft(std::unique_ptr<Draft> draft, Events events)
        : draft_(std::move(draft)), events_(std::move(events)) {}
    Task<> append(http::BodySource& source, std::uint64_t limit) override {
        return draft_->append(source, limit);
    }
    Task<> keep() override { return draft_->keep(); }
    BlobId id() const override { return draft_->id(); }
    std::uint64_t size_bytes() const override { return draft_->size_bytes(); }
    Digests digests() const override { return draft_->digests(); }
    DraftProgress progress() const override { return draft_->progress(); }
    Task<> publish(const BlobKey& key) override {
        if (events_.before) co_await events_.before();
        co_await draft_->publish(key);
        if (events_.after) co_await events_.after();
    }
    bool is_published_by_id() const override { return draft_->is_published_by_id(); }
    bool is_lost() const override { return draft_->is_lost(); }

  private:
    const std::unique_ptr<Draft> draft_;
    const Events events_;
};

class InterruptedStore final : public Store {
  public:
    explicit InterruptedStore(std::unique_ptr<Store> store) : store_(std::move(store)) {}
    // Of the next named draft.
    void interrupt(Events events) { events_ = std::move(events); }

    Task<std::unique_ptr<Draft>> begin(DraftOptions options) override {
        return store_->begin(std::move(options));
    }
    Task<std::unique_ptr<Draft>> reopen(const std::string& name, DraftProgress progress) override {
        auto draft = co_await store_->reopen(name, std::move(progress));
        co_return std::make_unique<InterruptedDraft>(std::move(draft), std::exchange(events_, {}));
    }
    Task<> discard(const std::string& name, const std::string& store_state) override {
        return store_->discard(name, store_state);
    }
    Task<> put_small(const BlobKey& key, std::string bytes) override {
        return store_->put_small(key, std::move(bytes));
    }
    Task<std::optional<http::ResponseBody>> open(const BlobKey& key) override { return store_->open(key); }
    Task<std::optional<std::uint64_t>> stat(const BlobKey& key) override { return store_->stat(key); }
    Task<> remove(const BlobKey& key) override { return store_->remove(key); }
    Task<std::vector<StoredBlob>> list(const std::string& slice, std::size_t limit) override {
        return store_->list(slice, limit);
    }
    Task<std::vector<std::string>> list_drafts(Time before, std::size_t limit) override {
        return store_->list_drafts(before, limit);
    }
    Task<std::optional<std::string>> find_name() override { return store_->find_name(); }
    Task<> give_name(std::string name) override { return store_->give_name(std::move(name)); }
    std::optional<std::string> find_fault() override { return store_->find_fault(); }
    void stop() override { store_->stop(); }

  private:
    const std::unique_ptr<Store> store_;
    Events events_;
};

class UploadNodesTest : public test::WithBlobs {
  protected:
    void SetUp() override {
        WithBlobs::SetUp();
        if (IsSkipped()) return;
        auto first = std::make_unique<InterruptedStore>(open_store());
        first_store_ = first.get();
        nodes_[0] = std::make_unique<Blobs>(std::move(first), database(), context());
        nodes_[1] = std::make_unique<Blobs>(open_store(), database(), context());
    }
    void TearDown() override {
        for (auto& node : nodes_) node.reset();
        WithBlobs::TearDown();
    }
    std::unique_ptr<Store> open_store() {
        return open_s3_store(s3_.options(), world_.client(), world_.workers(), world_.loop().executor(),
                             context());
    }

    std::vector<std::string> stored() {
        std::vector<std::string> objects = s3_.objects();
        std::erase(objects, "kept/name");
        return objects;
    }
    // All of it has come, and is noted; what is left is to finish it.
    UploadId send(const std::string& bytes) {
        const UploadId id = world_.run(begin_upload(*nodes_[0], {}, place_)).id;
        test::TextBody body(bytes, 100'000);
        const UploadPart part{.bytes = &body, .offset = {}, .limit_bytes = limit_bytes};
        world_.run(append_upload(*nodes_[0], {}, place_, id, part));
        return id;
    }
    // Its last bytes come with the request that finishes it.
    Task<BlobId> finish_with(std::size_t node, UploadId id, std::string last) {
        test::TextBody body(std::move(last), 100'000);
        UploadEnd end{.admit = nullptr,
                      .check = [](const Digests&, std::uint64_t) {},
                      .note =
                          [this, node](Tx& tx, BlobId blob) {
                              EXPECT_TRUE(use_blob(tx, acme_, static_cast<std::int64_t>(node) + 1, blob));
                          }};
        co_return co_await finish_upload(*nodes_[node], {}, place_, std::move(id),
                                         {.bytes = &body, .offset = {}, .limit_bytes = limit_bytes},
                                         std::move(end));
    }
    Task<BlobId> finish(std::size_t node, UploadId id, std::int64_t owner, bool is_refused = false) {
        UploadEnd end{.admit = nullptr,
                      .check = [](const Digests&, std::uint64_t) {},
                      .note =
                          [this, owner, is_refused](Tx& tx, BlobId blob) {
                              if (is_refused) throw Problem(problems::conflict, "Not now.");
                              EXPECT_TRUE(use_blob(tx, acme_, owner, blob));
                          }};
        co_return co_await finish_upload(*nodes_[node], {}, place_, std::move(id),
                                         {.bytes = nullptr, .offset = {}, .limit_bytes = limit_bytes},
                                         std::move(end));
    }
    template <class Function>
    std::string refusal(Function function) {
        return test::StoreWorld::refusal_of(function);
    }
    std::optional<std::string> read_blob(BlobId id) {
        const Blob blob = need_blob(id);
        const auto body = world_.run(nodes_[1]->open(blob.key(), blob.size_bytes));
        return body ? std::optional(world_.read(*body)) : std::nullopt;
    }
    bool is_held() { return run_sql("SELECT count(*) FROM uploads WHERE holder IS NOT NULL") != "0"; }

    const UploadPlace place_{.tenant = acme_, .scope = "1/app"};
    test::TempFolder folder_;
    test::FakeS3 s3_;
    test::StoreWorld world_{folder_ / "blobs"};
    std::array<std::unique_ptr<Blobs>, 2> nodes_;
    InterruptedStore* first_store_ = nullptr;
};
INSTANTIATE_ON_EVERY_DATABASE(UploadNodesTest);

TEST_P(UploadNodesTest, WhatTheQuickerOneHasAcknowledgedStays) {
    for (const std::size_t size_bytes : {std::size_t{1'000}, std::size_t{9} << 20}) {
        const std::string bytes = test::make_bytes(size_bytes);
        const UploadId id = send(bytes);
        std::optional<BlobId> acknowledged;
        first_store_->interrupt({.before = nullptr, .after = [&]() -> Task<> {
                                     clock().advance(limits::upload_hold + std::chrono::seconds(1));
                                     acknowledged = co_await finish(1, id, 2);
                                 }});
        EXPECT_THAT(refusal([&] { world_.run(finish(0, id, 1)); }), StartsWith("conflict: Another request"));
        ASSERT_TRUE(acknowledged);
        EXPECT_TRUE(read_blob(*acknowledged) == bytes) << size_bytes;
        EXPECT_EQ(run_sql("SELECT count(*) FROM uploads"), "0");
    }
}

TEST_P(UploadNodesTest, WhatIsRefusedCanBeFinishedAgain) {
    const std::string bytes = test::make_bytes(9 << 20);
    const UploadId id = send(bytes);
    EXPECT_EQ(refusal([&] { world_.run(finish(0, id, 1, true)); }), "conflict: Not now.");
    EXPECT_TRUE(test::wait_until([&] { return !is_held(); }));
    BlobId blob;
    EXPECT_EQ(refusal([&] { blob = world_.run(finish(1, id, 1)); }), "");
    EXPECT_TRUE(read_blob(blob) == bytes);
}

TEST_P(UploadNodesTest, WhatIsRefusedAndGivenUpLeavesNothing) {
    const UploadId id = send(test::make_bytes(1'000));
    first_store_->interrupt({.before = nullptr, .after = [&]() -> Task<> {
                                 clock().advance(limits::upload_hold + std::chrono::seconds(1));
                                 co_await cancel_upload(*nodes_[1], {}, place_, id);
                             }});
    EXPECT_THAT(refusal([&] { world_.run(finish(0, id, 1)); }), StartsWith("conflict: Another request"));
    EXPECT_TRUE(test::wait_until([&] { return stored().empty(); }));
}

// Each puts its parts together under the upload's number: the later one would have its bytes where those are
// that the other one's digest was told for.
TEST_P(UploadNodesTest, OfTwoThatFinishItWithOtherBytesOneIsRefused) {
    const std::string first = test::make_bytes(17 << 20, 1);
    const std::string second = test::make_bytes(17 << 20, 2);
    const UploadId id = world_.run(begin_upload(*nodes_[0], {}, place_)).id;
    std::string refused;
    first_store_->interrupt({.before = [&]() -> Task<> {
                                 clock().advance(limits::upload_hold + std::chrono::seconds(1));
                                 try {
                                     co_await finish_with(1, id, second);
                                 } catch (const Problem& problem) {
                                     refused = problem.detail();
                                 }
                             },
                             .after = nullptr});
    BlobId blob;
    EXPECT_EQ(refusal([&] { blob = world_.run(finish_with(0, id, first)); }), "");
    EXPECT_THAT(refused, StartsWith("Another request is finishing this upload with other bytes"));
    EXPECT_TRUE(read_blob(blob) == first);
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), "1");
    EXPECT_EQ(run_sql("SELECT count(*) FROM uploads"), "0");
    EXPECT_TRUE(test::wait_until([&] { return stored().size() == 2; })) << "the mark and the bytes";
}

TEST_P(UploadNodesTest, OfTwoThatFinishItWithTheSameBytesOneWins) {
    const std::string bytes = test::make_bytes(17 << 20);
    const UploadId id = world_.run(begin_upload(*nodes_[0], {}, place_)).id;
    BlobId blob;
    first_store_->interrupt({.before = [&]() -> Task<> {
                                 clock().advance(limits::upload_hold + std::chrono::seconds(1));
                                 blob = co_await finish_with(1, id, bytes);
                             },
                             .after = nullptr});
    EXPECT_THAT(refusal([&] { world_.run(finish_with(0, id, bytes)); }),
                StartsWith("conflict: Another request"));
    EXPECT_TRUE(read_blob(blob) == bytes);
}

// Whoever is about to finish it has said what it will be.
TEST_P(UploadNodesTest, TakesNothingMoreWhileItIsFinished) {
    const std::string bytes = test::make_bytes(9 << 20);
    const UploadId id = send(bytes);
    std::string refused;
    first_store_->interrupt({.before = [&]() -> Task<> {
                                 clock().advance(limits::upload_hold + std::chrono::seconds(1));
                                 test::TextBody more("more");
                                 const UploadPart part{
                                     .bytes = &more, .offset = {}, .limit_bytes = limit_bytes};
                                 try {
                                     co_await append_upload(*nodes_[1], {}, place_, id, part);
                                 } catch (const Problem& problem) {
                                     refused = problem.detail();
                                 }
                             },
                             .after = nullptr});
    BlobId blob;
    EXPECT_EQ(refusal([&] { blob = world_.run(finish(0, id, 1)); }), "");
    EXPECT_THAT(refused, StartsWith("Another request is finishing this upload"));
    EXPECT_TRUE(read_blob(blob) == bytes);
}

// The client has been told by then, or is told nothing wrong: the row is gone, and with it the way back.
TEST_P(UploadNodesTest, WhatTheStoreDoesNotRemoveIsFinishedAllTheSame) {
    s3_.wait_for("GET bucket", 2);  // each node looks at its store first
    for (const std::size_t size_bytes : {std::size_t{1'000}, std::size_t{9} << 20}) {
        const std::string bytes = test::make_bytes(size_bytes);
        const UploadId id = send(bytes);
        s3_.misbehave("GET bucket", std::vector(100, test::S3Fault::slow_down));
        BlobId blob;
        EXPECT_EQ(refusal([&] { blob = world_.run(finish(0, id, 1)); }), "");
        EXPECT_TRUE(read_blob(blob) == bytes);
        const UploadId given_up = send(bytes);
        EXPECT_EQ(refusal([&] { world_.run(cancel_upload(*nodes_[0], {}, place_, given_up)); }), "");
        EXPECT_EQ(run_sql("SELECT count(*) FROM uploads"), "0");
    }
    s3_.wait_for("GET bucket", 2 + 4 * limits::s3_attempts);
}

TEST_P(UploadNodesTest, WhatIsLeftIsRemovedWhileNobodyWaits) {
    s3_.wait_for("GET bucket", 2);
    const UploadId id = send(test::make_bytes(1'000));
    s3_.misbehave("GET bucket", {test::S3Fault::silent});
    const BlobId blob = world_.run(finish(0, id, 1));
    EXPECT_TRUE(read_blob(blob)) << "though the store does not answer";
    const UploadId next = send(test::make_bytes(2'000));
    world_.run(finish(1, next, 1));
    EXPECT_TRUE(test::wait_until([&] {
        return std::ranges::none_of(s3_.objects(), [&](const std::string& object) {
            return object.starts_with("kept/uploads/" + next.text() + "/");
        });
    }));
}

}  // namespace
}  // namespace lodestone::blobs
