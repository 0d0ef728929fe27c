// What every store has to keep to, whatever it stands on.
#include <gmock/gmock.h>

#include <boost/describe/enum.hpp>
#include <cstdlib>
#include <sstream>

#include "blobs/store/filesystem_store.hpp"
#include "blobs/store/memory_store.hpp"
#include "blobs/store/s3_store.hpp"
#include "support/fake_s3.hpp"
#include "support/odd_disks.hpp"
#include "support/stores.hpp"

namespace lodestone::blobs {
namespace {

using test::TextBody;

enum class StoreKind { memory, filesystem, plain_filesystem, s3, s3_virtual_host, s3_named };

// "ENDPOINT BUCKET REGION ACCESS_KEY SECRET_KEY" in LODESTONE_TEST_S3: tests/faults starts one.
std::optional<S3Options> named_s3() {
    const char* const given = std::getenv("LODESTONE_TEST_S3");
    if (given == nullptr) return std::nullopt;
    std::istringstream words(given);
    S3Options options;
    words >> options.endpoint >> options.bucket >> options.region >> options.credentials.access_key >>
        options.credentials.secret_key;
    return options;
}

std::vector<StoreKind> all_kinds() {
    std::vector kinds{StoreKind::memory, StoreKind::filesystem, StoreKind::plain_filesystem, StoreKind::s3,
                      StoreKind::s3_virtual_host};
    if (named_s3()) kinds.push_back(StoreKind::s3_named);
    return kinds;
}

class StoreTest : public ::testing::TestWithParam<StoreKind> {
  protected:
    void SetUp() override { open(); }
    // What a store in memory kept is gone when it is opened again.
    void open() {
        world_.close();
        switch (GetParam()) {
            case StoreKind::s3: return open_s3(S3Addressing::path);
            case StoreKind::s3_virtual_host: return open_s3(S3Addressing::virtual_host);
            case StoreKind::s3_named: return open_named();
            case StoreKind::memory: return world_.open(make_memory_store());
            case StoreKind::filesystem:
                return world_.open(
                    open_filesystem_store({.folder = world_.folder()}, world_.workers(), world_.context()));
            case StoreKind::plain_filesystem:
                return world_.open(open_filesystem_store({.folder = world_.folder(), .disk = &plain_},
                                                         world_.workers(), world_.context()));
        }
    }
    void open_s3(S3Addressing addressing) {
        if (!s3_) s3_.emplace(addressing);
        http::ClientOptions options;
        options.look_up = [](const std::string&) {
            return http::LookupResult{.addresses = {*http::parse_address("127.0.0.1")}, .detail = {}};
        };
        world_.open(open_s3_store(s3_->options(), world_.client(std::move(options)), world_.workers(),
                                  world_.loop().executor(), world_.context()));
    }
    // A real one, which looks at the time; each test has names of its own in it.
    void open_named() {
        const auto now = std::chrono::system_clock::now() - world_.clock().now();
        world_.clock().advance(std::chrono::duration_cast<std::chrono::microseconds>(now));
        S3Options options = *named_s3();
        SystemRandom random;
        if (named_prefix_.empty()) named_prefix_ = random.next_hex(8) + "/";
        options.prefix = named_prefix_;
        world_.open(open_s3_store(std::move(options), world_.client(), world_.workers(),
                                  world_.loop().executor(), world_.context()));
    }
    Store& store() { return world_.store(); }
    std::unique_ptr<Draft> begin(std::vector<DigestKind> also = {}) {
        return world_.run(store().begin({.id = world_.new_id(), .also = std::move(also)}));
    }
    std::unique_ptr<Draft> reopen(const std::string& name, const DraftProgress& progress) {
        return world_.run(store().reopen(name, progress));
    }
    void append(Draft& draft, const std::string& text, std::size_t piece_bytes = 1000) {
        TextBody body(text, piece_bytes);
        world_.run(draft.append(body, 1 << 30));
    }
    static BlobKey key_of(const Draft& draft) { return {.sha256 = draft.digests().sha256, .id = draft.id()}; }
    DraftProgress nothing() {
        return {.id = world_.new_id(),
                .size_bytes = 0,
                .digest_state = RunningDigests().save(),
                .store_state = {}};
    }

    test::TempFolder folder_;
    test::PlainDisk plain_;
    std::optional<test::FakeS3> s3_;
    std::string named_prefix_;
    test::StoreWorld world_{folder_ / "blobs"};
};

std::string name_kind(const ::testing::TestParamInfo<StoreKind>& kind) {
    switch (kind.param) {
        case StoreKind::memory: return "memory";
        case StoreKind::filesystem: return "filesystem";
        case StoreKind::plain_filesystem: return "plain_filesystem";
        case StoreKind::s3: return "s3";
        case StoreKind::s3_virtual_host: return "s3_virtual_host";
        case StoreKind::s3_named: return "s3_named";
    }
    return {};
}
INSTANTIATE_TEST_SUITE_P(, StoreTest, ::testing::ValuesIn(all_kinds()), name_kind);

TEST_P(StoreTest, GivesBackWhatItWasGiven) {
    for (const std::size_t size : {0u, 1u, 999u, 65'536u, 65'537u, 1'000'000u}) {
        const std::string bytes = test::make_bytes(size);
        const BlobKey key = world_.put(bytes);
        EXPECT_EQ(key.sha256, test::sha256_of(bytes));
        EXPECT_EQ(world_.find(key), bytes) << size;
        EXPECT_EQ(world_.run(store().stat(key)), size);
        const auto part = world_.run(store().open_part(key));
        ASSERT_TRUE(part) << size;
        EXPECT_EQ(world_.read(*part), bytes) << size;
    }
}

TEST_P(StoreTest, KnowsNothingOfWhatIsNotPublished) {
    auto draft = begin();
    append(*draft, "bytes");
    const BlobKey key = key_of(*draft);
    EXPECT_FALSE(world_.find(key));
    EXPECT_FALSE(world_.run(store().stat(key)));
    world_.run(store().remove(key));
    world_.run(draft->publish(key));
    EXPECT_EQ(world_.find(key), "bytes");
}

TEST_P(StoreTest, KeepsTwoCopiesApart) {
    const BlobKey first = world_.put("bytes");
    const BlobKey second = world_.put("bytes");
    EXPECT_EQ(first.sha256, second.sha256);
    EXPECT_NE(first.id, second.id);
    world_.run(store().remove(first));
    EXPECT_FALSE(world_.find(first));
    EXPECT_EQ(world_.find(second), "bytes");
}

TEST_P(StoreTest, KeepsTheNameThatItWasGiven) {
    EXPECT_EQ(world_.run(store().find_name()), std::nullopt);
    world_.run(store().give_name("first"));
    EXPECT_EQ(world_.run(store().find_name()), "first");
    world_.run(store().give_name("second"));
    if (GetParam() != StoreKind::memory) open();
    EXPECT_EQ(world_.run(store().find_name()), "second");
}

TEST_P(StoreTest, RemovesAlsoWhatIsNotThere) {
    const BlobKey key = world_.put("bytes");
    world_.run(store().remove(key));
    world_.run(store().remove(key));
    EXPECT_FALSE(world_.find(key));
}

TEST_P(StoreTest, WhoReadsReadsToTheEnd) {
    const std::string bytes = test::make_bytes(100'000);
    const BlobKey key = world_.put(bytes);
    const auto body = world_.run(store().open(key));
    ASSERT_TRUE(body);
    world_.run(store().remove(key));
    EXPECT_EQ(world_.read(*body), bytes);
}

TEST_P(StoreTest, PutsSmallThingsAtOnce) {
    const std::string bytes = test::make_bytes(4096);
    const BlobKey key{.sha256 = test::sha256_of(bytes), .id = world_.new_id()};
    world_.run(store().put_small(key, bytes));
    EXPECT_EQ(world_.find(key), bytes);
}

TEST_P(StoreTest, HashesInAllTheWaysAskedFor) {
    auto draft = begin({DigestKind::sha512, DigestKind::md5, DigestKind::sha256});
    append(*draft, "abc");
    const Digests digests = draft->digests();
    EXPECT_EQ(digests.sha256, test::sha256_of("abc"));
    ASSERT_EQ(digests.others.size(), 2u);
    EXPECT_EQ(digests.find(DigestKind::md5),
              "\x90\x01\x50\x98\x3c\xd2\x4f\xb0\xd6\x96\x3f\x7d\x28\xe1\x7f\x72");
    EXPECT_EQ(digests.find(DigestKind::sha512)->size(), 64u);
    EXPECT_EQ(digests.find(DigestKind::sha1), std::nullopt);
}

TEST_P(StoreTest, TakesNoMoreThanItMay) {
    const auto refusal = [&](std::uint64_t limit_bytes, std::optional<std::uint64_t> promised) {
        auto draft = begin();
        TextBody body(std::string(5'000, 'x'));
        body.promised = promised;
        return test::StoreWorld::refusal_of([&] { world_.run(draft->append(body, limit_bytes)); });
    };
    EXPECT_EQ(refusal(5'000, std::nullopt), "");
    EXPECT_THAT(refusal(4'999, std::nullopt), ::testing::StartsWith("body-too-large"));
    EXPECT_THAT(refusal(4'999, 5'000), ::testing::StartsWith("body-too-large"));
    EXPECT_THAT(refusal(0, std::nullopt), ::testing::StartsWith("body-too-large"));
    auto draft = begin();
    append(*draft, std::string(5'000, 'x'));
    TextBody more("y");
    const std::string refused = test::StoreWorld::refusal_of([&] { world_.run(draft->append(more, 5'000)); });
    EXPECT_THAT(refused, ::testing::StartsWith("body-too-large")) << "the limit is on the whole";
}

TEST_P(StoreTest, LeavesNothingOfAClientThatVanished) {
    std::unique_ptr<Draft> draft = begin();
    TextBody body(std::string(200'000, 'x'), 1000, TextBody::End::breaks_off);
    EXPECT_THROW(world_.run(draft->append(body, 1 << 20)), std::runtime_error);
    draft.reset();
    for (int first = 0; first < 256; ++first) {
        char slice[3];
        std::snprintf(slice, sizeof slice, "%02x", first);
        EXPECT_TRUE(world_.run(store().list(slice, 10)).empty());
    }
}

TEST_P(StoreTest, GoesOnWithAnUpload) {
    const std::string bytes = test::make_bytes(300'000);
    DraftProgress progress = nothing();
    for (std::size_t at = 0; at < bytes.size(); at += 100'000) {
        auto draft = reopen("upload-1", progress);
        EXPECT_EQ(draft->size_bytes(), at);
        append(*draft, bytes.substr(at, 100'000), 7'777);
        world_.run(draft->keep());
        progress = draft->progress();
        // What comes after it was kept does not count.
        append(*draft, "lost");
    }
    auto draft = reopen("upload-1", progress);
    const BlobKey key = key_of(*draft);
    EXPECT_EQ(key.sha256, test::sha256_of(bytes));
    world_.run(draft->publish(key));
    draft.reset();
    world_.run(store().discard("upload-1", progress.store_state));
    world_.run(store().discard("upload-1", progress.store_state));
    EXPECT_EQ(world_.find(key), bytes);
    EXPECT_THAT(test::StoreWorld::refusal_of([&] { reopen("upload-1", progress); }),
                ::testing::StartsWith("not-found"));
}

TEST_P(StoreTest, PublishesAnUploadAgainAfterACrashInBetween) {
    DraftProgress progress = nothing();
    BlobKey key;
    for (int i = 0; i < 2; ++i) {
        auto draft = reopen("upload-1", progress);
        if (i == 0) append(*draft, "bytes");
        world_.run(draft->keep());
        progress = draft->progress();
        key = key_of(*draft);
        world_.run(draft->publish(key));
    }
    EXPECT_EQ(world_.find(key), "bytes");
}

TEST_P(StoreTest, TakesLargeFiles) {
    const std::string bytes = test::make_bytes(13 << 20);
    DraftProgress progress = nothing();
    auto draft = reopen("upload-1", progress);
    append(*draft, bytes.substr(0, 9 << 20), 60'000);
    world_.run(draft->keep());
    progress = draft->progress();
    draft.reset();
    draft = reopen("upload-1", progress);
    append(*draft, bytes.substr(9 << 20), 60'000);
    world_.run(draft->keep());
    progress = draft->progress();
    const BlobKey key = key_of(*draft);
    world_.run(draft->publish(key));
    draft.reset();
    world_.run(store().discard("upload-1", progress.store_state));
    EXPECT_EQ(world_.run(store().stat(key)), bytes.size());
    EXPECT_TRUE(world_.find(key) == bytes);
    world_.run(store().remove(key));
    EXPECT_FALSE(world_.find(key));
    EXPECT_TRUE(world_.run(store().list(render_blob_key(key).substr(0, 2), 10)).empty());
}

TEST_P(StoreTest, OneHasAnUploadOpenAtATime) {
    const DraftProgress progress = nothing();
    auto draft = reopen("upload-1", progress);
    EXPECT_THAT(test::StoreWorld::refusal_of([&] { reopen("upload-1", progress); }),
                ::testing::StartsWith("conflict"));
    reopen("upload-2", progress);
    draft.reset();
    reopen("upload-1", progress);
}

TEST_P(StoreTest, ListsASlice) {
    std::vector<BlobKey> all;
    for (int i = 0; i < 300; ++i) all.push_back(world_.put(std::to_string(i)));
    std::vector<BlobKey> listed;
    for (int first = 0; first < 256; ++first) {
        char slice[3];
        std::snprintf(slice, sizeof slice, "%02x", first);
        for (const StoredBlob& one : world_.run(store().list(slice, 1000))) listed.push_back(one.key);
    }
    EXPECT_THAT(listed, ::testing::UnorderedElementsAreArray(all));
    const std::string digits = to_hex(all.front().sha256);
    for (const std::size_t count : {2, 3, 4, 7, 64}) {
        std::vector<BlobKey> expected;
        for (const BlobKey& key : all)
            if (to_hex(key.sha256).starts_with(digits.substr(0, count))) expected.push_back(key);
        std::vector<BlobKey> found;
        for (const StoredBlob& one : world_.run(store().list(digits.substr(0, count), 1000)))
            found.push_back(one.key);
        EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(expected)) << count;
    }
    EXPECT_TRUE(world_.run(store().list(digits.substr(0, 4), 0)).empty());
}

TEST_P(StoreTest, TellsHowOldThingsAre) {
    constexpr auto rounding = std::chrono::seconds(2);
    const Time before = SystemClock().now() - rounding;
    const BlobKey key = world_.put("bytes");
    const auto listed = world_.run(store().list(render_blob_key(key).substr(0, 2), 10));
    ASSERT_EQ(listed.size(), 1u);
    const Time after = SystemClock().now() + rounding;
    EXPECT_GE(listed.front().stored_at, before);
    EXPECT_LE(listed.front().stored_at, after);
}

TEST_P(StoreTest, ListsDraftsThatNobodyTouches) {
    auto draft = reopen("upload-1", nothing());
    append(*draft, "bytes");
    world_.run(draft->keep());
    draft.reset();
    EXPECT_THAT(world_.run(store().list_drafts(SystemClock().now() - std::chrono::hours(1), 10)),
                ::testing::IsEmpty());
    const auto later = SystemClock().now() + std::chrono::hours(1);
    EXPECT_THAT(world_.run(store().list_drafts(later, 10)), ::testing::ElementsAre("upload-1"));
    EXPECT_THAT(world_.run(store().list_drafts(later, 0)), ::testing::IsEmpty());
    world_.run(store().discard("upload-1", {}));
    EXPECT_THAT(world_.run(store().list_drafts(later, 10)), ::testing::IsEmpty());
}

TEST_P(StoreTest, ManyAtOnce) {
    constexpr int count = 64;
    std::vector<std::future<BlobKey>> started;
    std::vector<std::unique_ptr<TextBody>> bodies;
    for (int i = 0; i < count; ++i) {
        bodies.push_back(
            std::make_unique<TextBody>(test::make_bytes(50'000, static_cast<std::uint64_t>(i)), 3'333));
        auto upload = [](Store& into, BlobId id, TextBody& body) -> Task<BlobKey> {
            auto draft = co_await into.begin({.id = id, .also = {}});
            co_await draft->append(body, 1 << 20);
            const BlobKey key = key_of(*draft);
            co_await draft->publish(key);
            co_return key;
        };
        started.push_back(world_.loop().start(upload(store(), world_.new_id(), *bodies.back())));
    }
    for (int i = 0; i < count; ++i)
        EXPECT_EQ(world_.find(started[static_cast<std::size_t>(i)].get()),
                  test::make_bytes(50'000, static_cast<std::uint64_t>(i)));
}

TEST_P(StoreTest, SaysThatItIsStopping) {
    if (GetParam() == StoreKind::memory) GTEST_SKIP() << "has no threads";
    store().stop();
    const BlobKey key{.sha256 = {}, .id = world_.new_id()};
    EXPECT_THAT(test::StoreWorld::refusal_of([&] { world_.run(store().put_small(key, "bytes")); }),
                ::testing::StartsWith("unavailable"));
}

}  // namespace
}  // namespace lodestone::blobs
