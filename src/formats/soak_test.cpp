// Publishing, deleting, restoring, moving tags, retention, purging, collecting and sweeping at once, over
// HTTP and on files: no push fails, what was acknowledged and lives reads back, and in the end nothing else
// is left.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "base/blob_limits.hpp"
#include "base/number_time.hpp"
#include "blobs/store/filesystem_store.hpp"
#include "packages/retention.hpp"
#include "support/image_test.hpp"
#include "support/sanitized.hpp"
#include "support/storage_audit.hpp"

namespace lodestone::formats {
namespace {

using test::Reply;

// 10 000 operations where each takes little; a sanitized program takes longer for each.
const int operations_per_phase = test::is_sanitized() ? 50 : 200;
// PostgreSQL, where those who publish to one repository collide, takes several times as long.
constexpr int phases_of(db::EngineKind engine) {
    return engine == db::EngineKind::sqlite ? 50 : 6;
}
constexpr int operations_between_rounds = 4;  // of those who clean up
constexpr int writers = 6;
constexpr std::uint64_t contents = 300;
constexpr std::uint64_t shared_images = 12;
constexpr std::int64_t kept_versions = 3;
// From one phase to the next, while nothing is under way: what was promised in one is no longer in the second
// after it, and what nobody names is old enough to be swept a day later.
constexpr auto time_between_phases = std::chrono::minutes(40);

// Files that are as old as their numbers: those are made by the test's clock, and the disk has another one.
class AgedStore final : public blobs::Store {
  public:
    explicit AgedStore(std::unique_ptr<blobs::Store> files) : files_(std::move(files)) {}

    Task<std::unique_ptr<blobs::Draft>> begin(blobs::DraftOptions options) override {
        return files_->begin(std::move(options));
    }
    Task<std::unique_ptr<blobs::Draft>> reopen(const std::string& name,
                                               blobs::DraftProgress progress) override {
        return files_->reopen(name, std::move(progress));
    }
    Task<> discard(const std::string& name, const std::string& store_state) override {
        return files_->discard(name, store_state);
    }
    Task<> put_small(const blobs::BlobKey& key, std::string bytes) override {
        return files_->put_small(key, std::move(bytes));
    }
    Task<std::optional<http::ResponseBody>> open(const blobs::BlobKey& key) override {
        return files_->open(key);
    }
    Task<std::optional<std::uint64_t>> stat(const blobs::BlobKey& key) override { return files_->stat(key); }
    Task<> remove(const blobs::BlobKey& key) override { return files_->remove(key); }
    Task<std::vector<blobs::StoredBlob>> list(const std::string& slice, std::size_t limit) override {
        auto listed = co_await files_->list(slice, limit);
        for (blobs::StoredBlob& one : listed) one.stored_at = time_of_number(one.key.id.value());
        co_return listed;
    }
    Task<std::vector<std::string>> list_drafts(Time before, std::size_t limit) override {
        return files_->list_drafts(before, limit);
    }
    Task<std::optional<std::string>> find_name() override { return files_->find_name(); }
    Task<> give_name(std::string name) override { return files_->give_name(std::move(name)); }
    std::optional<std::string> find_fault() override { return files_->find_fault(); }
    void stop() override { files_->stop(); }

  private:
    const std::unique_ptr<blobs::Store> files_;
};

std::string content(std::uint64_t number) {
    return test::make_bytes(number % 10 == 0 ? 80'000 : 10 + number * 7 % 3'000, number);
}

class PublicationsSoak : public test::ImageTest {
  protected:
    void SetUp() override {
        ImageTest::SetUp();
        if (IsSkipped() || HasFatalFailure()) return;
        make_repository("generic", "files");
        make_repository("generic", "trimmed",
                        R"(,"settings":{"retention":{"is_applied":true,"keep_last":)" +
                            std::to_string(kept_versions) + "}}");
        beside_ = std::make_unique<blobs::Blobs>(make_store(), database(), context());
        collector_ = std::make_unique<blobs::Collector>(*beside_, std::chrono::microseconds(0));
        sweeper_ = std::make_unique<blobs::Sweeper>(*beside_);
    }
    void TearDown() override {
        if (beside_) beside_->stop();
        ImageTest::TearDown();
    }
    std::unique_ptr<blobs::Store> make_store() override {
        return std::make_unique<AgedStore>(
            blobs::open_filesystem_store({.folder = folder_ / "blobs"}, workers_, context()));
    }

    // What was published and can be fetched: a URL, and what it answers.
    struct Living {
        std::string url;
        std::string bytes;
        std::vector<std::pair<std::string, std::string>> blobs;  // of an image: the same
    };
    struct Deleted {
        std::string restore;  // its URL
        Living thing;
    };
    // Whose names are nobody else's, so that it is known what lives.
    struct Writer {
        explicit Writer(int number) : number(number), random(static_cast<std::uint64_t>(number)) {}
        std::uint64_t below(std::uint64_t end) { return random.next_u64() % end; }
        int number;
        SeededRandom random;
        int next = 0;
        std::map<std::string, Living> living;  // by what deletes it
        std::vector<Deleted> deleted;
        std::vector<std::pair<std::string, std::string>> trimmed;  // all that were ever acknowledged
    };

    void count_push(const Reply& reply, int status) {
        if (reply.status == status) return;
        ++failed_pushes_;
        ADD_FAILURE() << "a push failed: " << reply.status << " " << reply.body;
    }

    void push_file(Writer& writer) {
        const std::string package =
            "package-" + std::to_string(writer.number) + "-" + std::to_string(writer.below(4));
        const std::string version = "/generic/acme/files/" + package + "/" + std::to_string(++writer.next);
        const std::string bytes = content(writer.below(contents));
        const std::string tag = writer.below(3) == 0 ? "?tag=stable" : "";
        count_push(ask("PUT " + version + "/file" + tag, bytes, octets), 201);
        writer.living[version] = {.url = version + "/file", .bytes = bytes, .blobs = {}};
    }
    void push_trimmed(Writer& writer) {
        const std::string url = "/generic/acme/trimmed/package-" + std::to_string(writer.number) + "/" +
                                std::to_string(++writer.next) + "/file";
        const std::string bytes = content(writer.below(contents));
        count_push(ask("PUT " + url, bytes, octets), 201);
        writer.trimmed.emplace_back(url, bytes);
    }

    // As clients do it: asked for first, or mounted, sent whole or in parts.
    void bring_blob(Writer& writer, const std::string& image, const std::string& bytes) {
        const std::string digest = test::digest_of(bytes);
        const std::string uploads = at(image, "blobs/uploads/");
        if (writer.below(2) == 0 && ask("HEAD " + at(image, "blobs/" + digest)).status == 200) return;
        const std::uint64_t way = writer.below(4);
        if (way == 0) return count_push(ask("POST " + uploads + "?digest=" + digest, bytes, octets), 201);
        Reply begun =
            ask("POST " + uploads + (way == 1 ? "?mount=" + digest + "&from=acme/images/shared" : ""), {},
                "Content-Length: 0\r\n");
        if (begun.status == 201) return;
        count_push(begun, 202);
        const std::size_t half = way == 2 ? bytes.size() / 2 : 0;
        if (half != 0)
            count_push(ask("PATCH " + begun.header("location"), bytes.substr(0, half), octets), 202);
        count_push(ask("PUT " + begun.header("location") + "?digest=" + digest, bytes.substr(half), octets),
                   201);
    }
    struct Image {
        std::string manifest;
        std::string config;
        std::string layer;
    };
    static Image make_image(std::uint64_t number, const std::string& more = {}) {
        const std::string config = R"({"os":"linux","number":)" + std::to_string(number % 40) + "}";
        const std::string layer = content(number);
        return {.manifest = manifest_of(config, layer, more), .config = config, .layer = layer};
    }
    void push_image(Writer& writer, const std::string& name, const Image& image) {
        bring_blob(writer, name, image.config);
        bring_blob(writer, name, image.layer);
        const std::string tag = "tag-" + std::to_string(writer.below(6));
        count_push(push_manifest(name, tag, image.manifest), 201);
    }
    void push_own_image(Writer& writer) {
        const std::string name = "image-" + std::to_string(writer.number);
        const std::string more = R"(,"annotations":{"number":")" +
                                 std::to_string(writer.below(3) == 0 ? 0 : ++writer.next) + R"("})";
        const Image image = make_image(writer.below(contents), more);
        push_image(writer, name, image);
        const std::string url = at(name, "manifests/" + test::digest_of(image.manifest));
        Living living{.url = url, .bytes = image.manifest, .blobs = {}};
        for (const std::string& bytes : {image.config, image.layer})
            living.blobs.emplace_back(at(name, "blobs/" + test::digest_of(bytes)), bytes);
        writer.living[url] = std::move(living);
        // It is there again, and what was deleted before it cannot be restored beside it.
        std::erase_if(writer.deleted, [&](const Deleted& one) { return one.thing.url == url; });
    }
    // What all push and delete at once, so that nobody knows whether it is there.
    void push_or_delete_shared(Writer& writer) {
        const Image image = make_image(writer.below(shared_images));
        if (writer.below(3) != 0) return push_image(writer, "shared", image);
        const int status =
            ask("DELETE " + at("shared", "manifests/" + test::digest_of(image.manifest))).status;
        EXPECT_TRUE(status == 202 || status == 404) << status;
    }
    // Nobody goes on with it.
    void leave_upload(Writer& writer) {
        const Reply begun = ask("POST " + at("shared", "blobs/uploads/"), {}, "Content-Length: 0\r\n");
        count_push(begun, 202);
        count_push(ask("PATCH " + begun.header("location"), content(writer.below(contents)), octets), 202);
    }

    // Of "/generic/acme/files/package-1/1": where the API has the versions of package-1.
    static std::string versions_of(const std::string& url) {
        const std::string in_tenant = url.substr(url.find("/acme/") + 6);
        const auto repository_end = in_tenant.find('/');
        const auto package_end = in_tenant.find('/', repository_end + 1);
        return "/api/v1/tenants/acme/repositories/" + in_tenant.substr(0, repository_end) + "/packages" +
               in_tenant.substr(repository_end, package_end - repository_end) + "/versions/";
    }
    template <class Things>
    static auto choose(Writer& writer, Things& things) {
        return std::next(things.begin(), static_cast<std::ptrdiff_t>(writer.below(things.size())));
    }
    void delete_one(Writer& writer) {
        if (writer.living.empty()) return;
        const auto chosen = choose(writer, writer.living);
        const std::string versions = versions_of(chosen->first);
        const Reply found = ask("GET " + versions + chosen->first.substr(chosen->first.rfind('/') + 1));
        EXPECT_EQ(found.status, 200) << found.body;
        const int status = ask("DELETE " + chosen->first).status;
        EXPECT_EQ(status / 100, 2) << chosen->first << ": " << status;
        writer.deleted.push_back(
            {.restore = versions + found.at("/id") + "/restore", .thing = std::move(chosen->second)});
        writer.living.erase(chosen);
    }
    // Unless it has been purged.
    void restore_one(Writer& writer) {
        if (writer.deleted.empty()) return;
        const auto chosen = choose(writer, writer.deleted);
        const Reply reply = ask("POST " + chosen->restore);
        EXPECT_TRUE(reply.status == 200 || reply.status == 404) << reply.status << " " << reply.body;
        if (reply.status == 200) {
            std::string key = chosen->thing.url;
            if (key.starts_with("/generic/")) key.resize(key.rfind('/'));
            writer.living[key] = std::move(chosen->thing);
        }
        writer.deleted.erase(chosen);
    }
    void check(const Living& thing) {
        const Reply found = ask("GET " + thing.url);
        EXPECT_EQ(found.status, 200) << thing.url << " " << found.body;
        EXPECT_TRUE(found.body == thing.bytes) << thing.url;
        for (const auto& [url, bytes] : thing.blobs) {
            const Reply blob = ask("GET " + url);
            EXPECT_EQ(blob.status, 200) << url << " " << blob.body;
            EXPECT_TRUE(blob.body == bytes) << url;
        }
    }

    void work(Writer& writer) {
        for (; left_-- > 0; left_.notify_all()) {
            if (HasFailure()) left_ = 0;
            clock().advance(std::chrono::milliseconds(1));
            const std::uint64_t chance = writer.below(20);
            if (chance < 4)
                push_file(writer);
            else if (chance < 6)
                push_trimmed(writer);
            else if (chance < 9)
                push_own_image(writer);
            else if (chance < 13)
                push_or_delete_shared(writer);
            else if (chance < 14)
                leave_upload(writer);
            else if (chance < 17)
                delete_one(writer);
            else if (chance < 19)
                restore_one(writer);
            else if (!writer.living.empty())
                check(choose(writer, writer.living)->second);
        }
    }
    // Returns when some more has been done; false when all has.
    bool wait_for_more(int& seen) {
        int left = left_;
        for (; left > 0 && seen - left < operations_between_rounds; left = left_) left_.wait(left);
        seen = left;
        return left > 0;
    }
    void collect() {
        for (int seen = operations_per_phase; wait_for_more(seen);) {
            const blobs::Collected done = loop_.run(collector_->run());
            deleted_ += done.deleted;
            uploads_ += done.uploads;
            loop_.run(sweeper_->sweep(next_slice_++));  // the last ones are swept at the end
            loop_.run(sweeper_->sweep_drafts());
        }
    }
    void retire_and_purge() {
        packages::RetentionRounds rounds(packages::served_formats());
        for (int seen = operations_per_phase; wait_for_more(seen);) {
            retired_ += rounds.run(database());
            purged_ +=
                database().write_now({}, [](db::Tx& tx) { return packages::purge_versions(tx, tx.now()); });
        }
    }
    // As a crash leaves them, between the store and the row.
    void leave_bytes(int phase) {
        const std::string bytes = "left behind in phase " + std::to_string(phase);
        const blobs::BlobKey key{.sha256 = test::sha256_of(bytes), .id = beside_->new_id()};
        loop_.run(beside_->store().put_small(key, bytes));
    }
    void run_phase(std::vector<Writer>& crowd) {
        left_ = operations_per_phase;
        std::vector<std::thread> threads;
        for (Writer& writer : crowd) threads.emplace_back([&] { work(writer); });
        threads.emplace_back([this] { collect(); });
        threads.emplace_back([this] { retire_and_purge(); });
        for (std::thread& one : threads) one.join();
        clock().advance(time_between_phases);
    }

    // The newest of each, and nothing before them.
    void check_trimmed(const Writer& writer) {
        const std::size_t count = writer.trimmed.size();
        for (std::size_t i = 0; i < count; ++i) {
            const bool is_kept = i + kept_versions >= count;
            const Reply found = ask("GET " + writer.trimmed[i].first);
            EXPECT_EQ(found.status, is_kept ? 200 : 404) << writer.trimmed[i].first;
            if (is_kept) EXPECT_TRUE(found.body == writer.trimmed[i].second) << writer.trimmed[i].first;
        }
    }
    void check_all(const std::vector<Writer>& crowd) {
        for (const Writer& writer : crowd) {
            for (const auto& [key, thing] : writer.living) check(thing);
            check_trimmed(writer);
        }
    }
    void delete_everything() {
        for (const char* const repository : {"files", "trimmed", "images"}) {
            const std::string packages =
                "/api/v1/tenants/acme/repositories/" + std::string(repository) + "/packages";
            const Reply listed = ask("GET " + packages + "?limit=100");
            for (const auto& one : listed.json.at("items").as_array())
                EXPECT_EQ(
                    ask("DELETE " + packages + "/" + std::string(one.at("name").as_string())).status / 100,
                    2);
        }
    }

    test::TempFolder folder_;
    WorkerThreads workers_{2};
    std::unique_ptr<blobs::Blobs> beside_;
    std::unique_ptr<blobs::Collector> collector_;
    std::unique_ptr<blobs::Sweeper> sweeper_;
    test::HttpLoopThread loop_{context().metrics};
    std::atomic<int> left_{0};
    std::atomic<int> failed_pushes_{0};
    std::uint8_t next_slice_ = 0;
    std::int64_t deleted_ = 0;
    std::int64_t uploads_ = 0;
    std::int64_t retired_ = 0;
    std::int64_t purged_ = 0;
};
INSTANTIATE_ON_EVERY_DATABASE(PublicationsSoak);

TEST_P(PublicationsSoak, NoPushFailsAndNothingIsLostOrLeft) {
    std::vector<Writer> crowd;
    for (int i = 1; i <= writers; ++i) crowd.emplace_back(i);
    for (int phase = 0; phase < phases_of(GetParam()) && !HasFailure(); ++phase) {
        leave_bytes(phase);
        run_phase(crowd);
    }
    EXPECT_EQ(failed_pushes_, 0);
    EXPECT_GT(retired_, 0);
    if (GetParam() == db::EngineKind::sqlite)
        EXPECT_GT(std::min({deleted_, uploads_, purged_}), 0) << "there was something to lose";
    packages::RetentionRounds(packages::served_formats()).run(database());
    check_all(crowd);
    clock().advance(limits::unnamed_age);  // behind the last phase: then it can be swept
    test::StorageAudit audit(*beside_, loop_, clock(),
                             [this](const std::string& sql) { return run_sql(sql); });
    audit.clean();
    EXPECT_GT(audit.check(), 100);
    check_all(crowd);
    delete_everything();
    audit.clean();
    EXPECT_EQ(audit.check(), 0);
}

}  // namespace
}  // namespace lodestone::formats
