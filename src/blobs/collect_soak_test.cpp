// Pushing, deleting and collecting the same few contents at once: whatever was promised is there.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "base/blob_limits.hpp"
#include "blobs/collect.hpp"
#include "blobs/lease.hpp"
#include "blobs/store/memory_store.hpp"
#include "blobs/use.hpp"
#include "support/stores.hpp"
#include "support/with_blobs.hpp"

namespace lodestone::blobs {
namespace {

using db::Tx;

constexpr int phases = 40;
constexpr int operations_per_phase = 250;  // 10 000 in all
constexpr int workers = 8;
constexpr std::uint64_t contents = 400;
constexpr auto grace = std::chrono::minutes(10);
// From one phase to the next, while nothing is under way: a content is looked at an hour after somebody came
// for it, so each comes to every state, and many do so while a phase runs.
constexpr auto time_between_phases = std::chrono::minutes(35);

class CollectSoakTest : public test::WithBlobs {
  protected:
    void SetUp() override {
        WithBlobs::SetUp();
        if (!IsSkipped()) blobs_ = std::make_unique<Blobs>(make_memory_store(), database(), context());
    }

    static std::string content(std::uint64_t number) { return "content " + std::to_string(number); }

    // As a client does: asks whether the blob is there, sends it if not, then names it.
    Task<> push(std::uint64_t number, std::int64_t owner) {
        const std::string text = content(number);
        const Digests digests = digests_of(text);
        const std::string scope = "1/" + std::to_string(owner);
        auto promise = [&](Tx& tx) {
            const auto found = revive_blob(tx, digests.sha256);
            return found && lease_blob(tx, acme_, scope, found->id, tx.now() + limits::blob_lease);
        };
        if (!co_await database().write({}, promise)) {
            ++uploads_;
            auto lease = [&](Tx& tx, BlobId id) {
                EXPECT_TRUE(lease_blob(tx, acme_, scope, id, tx.now() + limits::blob_lease));
            };
            co_await blobs_->enter_small({}, text, digests, lease);
        }
        co_await check(digests, text, "was promised");
        auto name = [&](Tx& tx) {
            const auto found = find_leased_blob(tx, acme_, scope, digests.sha256);
            return found && use_blob(tx, acme_, owner, found->id);
        };
        EXPECT_TRUE(co_await database().write({}, name)) << "a push failed";
    }
    Task<> check(const Digests& digests, const std::string& text, const char* why) {
        auto find = [&](Tx& tx) { return find_readable_blob(tx, digests.sha256); };
        const auto blob = co_await database().read({}, find);
        EXPECT_TRUE(blob) << text << ' ' << why;
        if (!blob) co_return;
        const auto body = co_await blobs_->open(blob->key(), blob->size_bytes);
        EXPECT_TRUE(body && test::read_body(*body) == text) << text << ' ' << why;
    }
    Task<> release(std::int64_t owner) {
        auto remove = [&](Tx& tx) { EXPECT_EQ(release_uses(tx, acme_, owner), 1); };
        co_await database().write({}, remove);
    }

    // One of the clients, with versions of its own.
    struct Client {
        explicit Client(int number)
            : random(static_cast<std::uint64_t>(number)), next_owner(number * 1'000'000) {}
        SeededRandom random;
        std::int64_t next_owner;
        std::map<std::int64_t, std::uint64_t> mine;
    };
    Task<> work(Client& client) {
        SeededRandom& random = client.random;
        auto& mine = client.mine;
        while (left_-- > 0) {
            const std::uint64_t chance = random.next_u64() % 10;
            if (chance < 5 || mine.empty()) {
                const std::uint64_t number = random.next_u64() % contents;
                co_await push(number, ++client.next_owner);
                mine[client.next_owner] = number;
                continue;
            }
            auto chosen =
                std::next(mine.begin(), static_cast<std::ptrdiff_t>(random.next_u64() % mine.size()));
            const std::string text = content(chosen->second);
            co_await check(digests_of(text), text, "is used");
            if (chance < 9) co_await release(chosen->first);
            if (chance < 9) mine.erase(chosen);
        }
    }
    Task<> collect() {
        Collector collector(*blobs_, grace);
        while (left_ > 0) deleted_ += (co_await collector.run()).deleted;
    }
    void run_phase(std::vector<Client>& clients) {
        left_ = operations_per_phase;
        std::vector<std::future<void>> started;
        for (Client& client : clients) started.push_back(loop_.start(work(client)));
        started.push_back(loop_.start(collect()));
        for (auto& one : started) one.get();
        clock().advance(time_between_phases);
    }

    std::unique_ptr<Blobs> blobs_;
    int left_ = 0;  // these belong to the loop while a phase runs
    int uploads_ = 0;
    std::int64_t deleted_ = 0;
    test::LoopThread loop_;
};
INSTANTIATE_ON_EVERY_DATABASE(CollectSoakTest);

TEST_P(CollectSoakTest, NothingThatWasPromisedIsEverGone) {
    std::vector<Client> clients;
    for (int i = 1; i <= workers; ++i) clients.emplace_back(i);
    for (int phase = 0; phase < phases && !HasFailure(); ++phase) run_phase(clients);
    std::set<std::uint64_t> kept;
    for (const Client& client : clients)
        for (const auto& [owner, number] : client.mine) kept.insert(number);
    for (const std::uint64_t number : kept)
        loop_.run(check(digests_of(content(number)), content(number), "is used at the end"));
    EXPECT_GT(deleted_, 100) << "there was something to lose";
    EXPECT_GT(uploads_, static_cast<int>(contents));
    // And in the end nothing else is left.
    for (int i = 0; i < 3; ++i) {
        clock().advance(2 * limits::blob_lease);
        Collector collector(*blobs_, grace);
        loop_.run(collector.run());
    }
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs"), std::to_string(kept.size()));
    EXPECT_EQ(run_sql("SELECT count(*) FROM blobs WHERE state <> 'live'"), "0");
}

}  // namespace
}  // namespace lodestone::blobs
