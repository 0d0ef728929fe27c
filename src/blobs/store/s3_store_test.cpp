// What is the S3 store's own: parts, their tails, going on elsewhere, and leaving nothing.
#include "blobs/store/s3_store.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <thread>

#include "blobs/store/s3_state.hpp"
#include "support/s3_world.hpp"

namespace lodestone::blobs {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr std::size_t mib = 1 << 20;

class S3StoreTest : public ::testing::Test {
  protected:
    std::size_t tails() {
        const auto names = s3_.s3().objects();
        return static_cast<std::size_t>(std::ranges::count_if(
            names, [](const std::string& name) { return name.starts_with("kept/uploads/"); }));
    }
    std::optional<std::string> find(const BlobKey& key) { return s3_.world().find(key); }

    test::S3World s3_;
};

TEST_F(S3StoreTest, SendsLargeFilesInParts) {
    const std::string bytes = test::make_bytes(20 * mib);
    auto draft = s3_.begin();
    s3_.append(*draft, bytes);
    const BlobKey key = s3_.publish(*draft);
    EXPECT_EQ(key.sha256, test::sha256_of(bytes));
    EXPECT_EQ(s3_.s3().count("PUT part"), 3u);
    EXPECT_EQ(s3_.s3().open_uploads(), 0u);
    EXPECT_EQ(s3_.world().run(s3_.store().stat(key)), bytes.size());
    const auto body = s3_.world().run(s3_.store().open(key));
    ASSERT_TRUE(body);
    auto& seekable = *std::get<std::unique_ptr<http::SeekableSource>>(*body);
    EXPECT_EQ(s3_.world().read_range(seekable, {.offset = 9 * mib, .size_bytes = 77}),
              bytes.substr(9 * mib, 77));
    EXPECT_EQ(s3_.world().read_range(seekable, {.offset = 0, .size_bytes = 5}), bytes.substr(0, 5));
    EXPECT_TRUE(s3_.world().read_range(seekable, {.offset = 0, .size_bytes = bytes.size()}) == bytes);
    const std::string slice = render_blob_key(key).substr(0, 2);
    EXPECT_THAT(s3_.world().run(s3_.store().list(slice, 10)), ElementsAre(Field(&StoredBlob::key, key)));
    s3_.world().run(s3_.store().remove(key));
    EXPECT_THAT(s3_.s3().objects(), IsEmpty());
}

TEST_F(S3StoreTest, TakesAsMuchAsFitsAPart) {
    for (const std::size_t size : {5 * mib, 8 * mib, 8 * mib + 1, 16 * mib}) {
        const std::string bytes = test::make_bytes(size);
        auto draft = s3_.begin();
        s3_.append(*draft, bytes);
        EXPECT_TRUE(find(s3_.publish(*draft)) == bytes) << size;
    }
    EXPECT_EQ(s3_.s3().count("PUT part"), 4u) << "what is one part is no upload in parts";
}

TEST_F(S3StoreTest, SendsSmallerPartsWhereMemoryIsShort) {
    auto options = s3_.options();
    options.buffer_bytes = 6 * mib;
    s3_.open(options);
    const auto upload = [](Store& store, BlobId id, test::TextBody& body) -> Task<BlobKey> {
        const auto draft = co_await store.begin({.id = id, .also = {}});
        co_await draft->append(body, 1 << 30);
        const BlobKey key{.sha256 = draft->digests().sha256, .id = id};
        co_await draft->publish(key);
        co_return key;
    };
    const std::string bytes = test::make_bytes(12 * mib);
    std::vector<std::unique_ptr<test::TextBody>> bodies;
    std::vector<std::future<BlobKey>> started;
    for (int i = 0; i < 3; ++i) {
        bodies.push_back(std::make_unique<test::TextBody>(bytes, 70'000));
        started.push_back(
            s3_.world().loop().start(upload(s3_.store(), s3_.world().new_id(), *bodies.back())));
    }
    for (auto& one : started) EXPECT_TRUE(find(one.get()) == bytes);
    EXPECT_EQ(s3_.s3().count("PUT part"), 9u);
}

TEST_F(S3StoreTest, RefusesUploadsThatNoMemoryIsLeftFor) {
    auto options = s3_.options();
    options.buffer_bytes = 6 * mib;
    options.buffer_wait = std::chrono::milliseconds(20);
    s3_.open(options);
    auto first = s3_.begin();
    s3_.append(*first, test::make_bytes(1 * mib));
    auto second = s3_.begin();
    s3_.append(*second, test::make_bytes(1000));
    EXPECT_THAT(s3_.refusal_of([&] { s3_.append(*second, test::make_bytes(1 * mib)); }),
                StartsWith("unavailable"));
    s3_.publish(*first);
    auto third = s3_.begin();
    s3_.append(*third, test::make_bytes(1 * mib));
}

TEST_F(S3StoreTest, AnotherNodeGoesOnWithAnUpload) {
    const std::string bytes = test::make_bytes(24 * mib);
    DraftProgress progress = s3_.nothing();
    std::size_t at = 0;
    for (const std::size_t size : {2 * mib, 4 * mib, 1 * mib, 9 * mib, 8 * mib}) {
        s3_.open(s3_.options());
        auto draft = s3_.reopen("upload-1", progress);
        s3_.append(*draft, bytes.substr(at, size));
        at += size;
        progress = s3_.keep(*draft);
        EXPECT_LE(tails(), 2u);
        // What came after it was kept, and is sent in part, is lost.
        if (at < bytes.size()) s3_.append(*draft, test::make_bytes(9 * mib, 7));
        draft.reset();
        if (at == 2 * mib) s3_.s3().wait_for("DELETE upload", 1);  // of parts that were never noted
    }
    s3_.open(s3_.options());
    auto draft = s3_.reopen("upload-1", progress);
    const BlobKey key = s3_.publish(*draft);
    EXPECT_EQ(key.sha256, test::sha256_of(bytes));
    draft.reset();
    s3_.world().run(s3_.store().discard("upload-1", progress.store_state));
    EXPECT_TRUE(find(key) == bytes);
    EXPECT_EQ(tails(), 0u);
    EXPECT_EQ(s3_.s3().open_uploads(), 0u);
}

TEST_F(S3StoreTest, PublishesAgainWhatWasCompletedBeforeACrash) {
    const std::string bytes = test::make_bytes(10 * mib);
    DraftProgress progress = s3_.nothing();
    auto draft = s3_.reopen("upload-1", progress);
    s3_.append(*draft, bytes);
    progress = s3_.keep(*draft);
    s3_.publish(*draft);
    draft.reset();
    draft = s3_.reopen("upload-1", progress);
    EXPECT_EQ(draft->size_bytes(), bytes.size());
    EXPECT_TRUE(find(s3_.publish(*draft)) == bytes);
    draft.reset();
    draft = s3_.reopen("upload-1", progress);
    EXPECT_THAT(s3_.refusal_of([&] { s3_.append(*draft, "more"); }), StartsWith("not-found"));
}

TEST_F(S3StoreTest, KnowsWhenAnUploadIsGone) {
    DraftProgress progress = s3_.nothing();
    auto draft = s3_.reopen("upload-1", progress);
    s3_.append(*draft, test::make_bytes(10 * mib));
    progress = s3_.keep(*draft);
    draft.reset();
    s3_.world().run(s3_.store().discard("upload-1", progress.store_state));
    EXPECT_EQ(s3_.s3().open_uploads(), 0u);
    EXPECT_THAT(s3_.refusal_of([&] { s3_.reopen("upload-1", progress); }), StartsWith("not-found"));
    progress.store_state = "";  // as another store noted it
    EXPECT_THAT(s3_.refusal_of([&] { s3_.reopen("upload-1", progress); }), StartsWith("not-found"));
}

TEST_F(S3StoreTest, AbortsWhatNobodyPublishes) {
    auto draft = s3_.begin();
    s3_.append(*draft, test::make_bytes(10 * mib));
    EXPECT_EQ(s3_.s3().open_uploads(), 1u);
    draft.reset();
    s3_.s3().wait_for("DELETE upload", 1);
    EXPECT_THAT(s3_.s3().objects(), IsEmpty());
}

TEST_F(S3StoreTest, AbortsWhatACrashHasLeft) {
    s3_.s3().wait_for("GET uploads", 1);
    s3_.s3().add_upload("kept/large/0f/old", "2020-01-01T00:00:00.000Z");
    s3_.s3().add_upload("kept/large/0f/new", "2099-01-01T00:00:00.000Z");
    s3_.s3().add_upload("others/old", "2020-01-01T00:00:00.000Z");
    s3_.open(s3_.options());
    s3_.s3().wait_for("DELETE upload", 1);
    s3_.world().put("something");
    EXPECT_EQ(s3_.s3().count("DELETE upload"), 1u);
}

TEST_F(S3StoreTest, AbortsAllThatWasLeftOnceADayAndPastWhatItMayNot) {
    s3_.s3().wait_for("GET uploads", 1);
    const auto leave = [&] {
        for (int i = 0; i < 7; ++i)
            s3_.s3().add_upload("kept/large/0f/" + std::to_string(i), "2020-01-01T00:00:00.000Z");
    };
    leave();
    s3_.s3().misbehave("DELETE upload", {test::S3Fault::denied});
    s3_.open(s3_.options());
    s3_.s3().wait_for("DELETE upload", 7);
    while (s3_.s3().open_uploads() > 1) std::this_thread::yield();
    leave();
    s3_.begin();
    s3_.world().clock().advance(limits::s3_leftover_pause);
    s3_.begin();
    s3_.s3().wait_for("DELETE upload", 15);
    while (s3_.s3().open_uploads() > 0) std::this_thread::yield();
}

TEST_F(S3StoreTest, RemovesNothingElseWithAnUpload) {
    const BlobKey key = s3_.world().put("something");
    std::map<std::string, DraftProgress> progress;
    for (const std::string name : {"upload-1", "upload-2"}) {
        auto draft = s3_.reopen(name, s3_.nothing());
        s3_.append(*draft, "a tail");
        progress[name] = s3_.keep(*draft);
    }
    const std::set<std::string> others{"kept/uploads/upload-1/notes", "kept/uploads/upload-1/06",
                                       "kept/uploads/upload-10/6", "others/uploads/upload-1/6", "a"};
    for (const std::string& other : others) s3_.s3().change(other, "of somebody else");
    auto expected = s3_.s3().objects();
    std::erase(expected, "kept/uploads/upload-1/6");
    s3_.s3().list_everything();
    s3_.world().run(s3_.store().discard("upload-1", progress["upload-1"].store_state));
    EXPECT_EQ(s3_.s3().objects(), expected);
    EXPECT_EQ(find(key), "something");
    const std::string slice = render_blob_key(key).substr(0, 2);
    EXPECT_THAT(s3_.world().run(s3_.store().list(slice, 10)), ElementsAre(Field(&StoredBlob::key, key)));
}

TEST_F(S3StoreTest, KeepsLargeFilesWhereTagsAreNoDigests) {
    s3_.s3().seal();
    const std::string bytes = test::make_bytes(20 * mib);
    auto draft = s3_.begin();
    s3_.append(*draft, bytes);
    const BlobKey key = s3_.publish(*draft);
    const BlobKey small = s3_.world().put(test::make_bytes(300'000));
    for (const BlobKey& one : {key, small}) {
        const auto body = s3_.world().run(s3_.store().open(one));
        auto& seekable = *std::get<std::unique_ptr<http::SeekableSource>>(*body);
        s3_.world().read_range(seekable, {.offset = 100, .size_bytes = 10});
        EXPECT_EQ(s3_.s3().last_header("GET object", "if-match").size(), one == key ? 36u : 34u);
    }
    EXPECT_TRUE(find(key) == bytes);
}

TEST_F(S3StoreTest, FindsLargeFilesWhoseMarksHaveLostTheirMetadata) {
    const std::string bytes = test::make_bytes(10 * mib);
    auto draft = s3_.begin();
    s3_.append(*draft, bytes);
    const BlobKey key = s3_.publish(*draft);
    const std::string mark = "kept/sha256/" + render_blob_key(key);
    EXPECT_THAT(s3_.s3().bytes_of(mark), StartsWith("lodestone: the bytes of sha256/"));
    const BlobKey empty = s3_.world().put("");
    const BlobKey other = s3_.world().put(s3_.s3().bytes_of(mark));
    s3_.s3().lose_metadata();
    for (const bool is_emptied : {false, true}) {
        if (is_emptied) s3_.s3().change(mark, "");
        EXPECT_EQ(s3_.world().run(s3_.store().stat(key)), bytes.size()) << is_emptied;
        EXPECT_TRUE(find(key) == bytes) << is_emptied;
        const auto link = s3_.world().run(s3_.store().find_link(key, std::chrono::hours(1)));
        ASSERT_TRUE(link) << is_emptied;
        EXPECT_THAT(link->url, HasSubstr("/kept/large/")) << is_emptied;
        EXPECT_EQ(link->size_bytes, bytes.size()) << is_emptied;
    }
    EXPECT_EQ(find(empty), "");
    EXPECT_EQ(s3_.world().run(s3_.store().stat(empty)), 0u);
    EXPECT_THAT(find(other).value_or(""), StartsWith("lodestone: ")) << "what reads like a mark is none";
    EXPECT_TRUE(s3_.world().run(s3_.store().stat(other)));
    s3_.world().run(s3_.store().remove(key));
    EXPECT_FALSE(find(key));
}

TEST_F(S3StoreTest, AsksForNoMoreThanIsWanted) {
    auto draft = s3_.begin();
    s3_.append(*draft, test::make_bytes(10 * mib));
    const BlobKey key = s3_.publish(*draft);
    const auto body = s3_.world().run(s3_.store().open(key));
    EXPECT_EQ(s3_.s3().count("GET object"), 1u) << "of its mark";
    auto& seekable = *std::get<std::unique_ptr<http::SeekableSource>>(*body);
    s3_.world().read_range(seekable, {.offset = 100, .size_bytes = 10});
    EXPECT_EQ(s3_.s3().last_header("GET object", "range"), "bytes=100-109");
    s3_.world().read_range(seekable, {.offset = 0, .size_bytes = 5});
    EXPECT_EQ(s3_.s3().last_header("GET object", "range"), "bytes=0-4");
    EXPECT_EQ(s3_.s3().count("GET object"), 3u);
}

// Of what is not large either: whoever asks for its size, or for some of it, has no whole of it sent.
TEST_F(S3StoreTest, SendsNothingThatNobodyReads) {
    const std::string bytes = test::make_bytes(300'000);
    for (const std::string& text : {bytes, bytes.substr(0, 1000), std::string()}) {
        const BlobKey key = s3_.world().put(text);
        const std::size_t before = s3_.s3().count("GET object");
        const auto body = s3_.world().run(s3_.store().open_part(key));
        ASSERT_TRUE(body) << text.size();
        auto& seekable = *std::get<std::unique_ptr<http::SeekableSource>>(*body);
        EXPECT_EQ(seekable.size_bytes(), text.size());
        EXPECT_EQ(s3_.s3().count("GET object"), before) << "for its size, nothing of it";
        if (text.empty()) continue;
        EXPECT_EQ(s3_.world().read_range(seekable, {.offset = 100, .size_bytes = 10}), text.substr(100, 10));
        EXPECT_EQ(s3_.s3().last_header("GET object", "range"), "bytes=100-109");
        EXPECT_EQ(s3_.s3().count("GET object"), before + 1);
    }
    const BlobKey absent{.sha256 = test::sha256_of(bytes), .id = s3_.world().new_id()};
    EXPECT_FALSE(s3_.world().run(s3_.store().open_part(absent)));
}

TEST_F(S3StoreTest, MakesLinks) {
    const BlobKey key = s3_.world().put("bytes");
    const auto link = s3_.world().run(s3_.store().find_link(key, std::chrono::hours(24 * 30)));
    ASSERT_TRUE(link);
    EXPECT_EQ(link->size_bytes, 5u);
    EXPECT_THAT(link->url, StartsWith(s3_.options().endpoint + "/bucket/kept/sha256/" + render_blob_key(key) +
                                      "?X-Amz-Algorithm="));
    EXPECT_THAT(link->url, HasSubstr("&X-Amz-Expires=604800&"));
    EXPECT_THAT(link->url, ::testing::Not(HasSubstr(s3_.options().credentials.secret_key)));
    const BlobKey absent{.sha256 = key.sha256, .id = s3_.world().new_id()};
    EXPECT_FALSE(s3_.world().run(s3_.store().find_link(absent, std::chrono::hours(1))));
}

// By whoever has it, without any key.
TEST_F(S3StoreTest, LinksReadWhatTheyAreMadeFor) {
    auto options = s3_.options();
    options.prefix = "what is kept+/";
    s3_.open(options);
    const BlobKey key = s3_.world().put("bytes");
    const auto link = s3_.world().run(s3_.store().find_link(key, std::chrono::minutes(5)));
    ASSERT_TRUE(link);
    const auto fetch = [&](const std::string& url) {
        http::ClientRequest request;
        request.url = url;
        request.egress = s3_egress(options);
        request.headers.set("Range", "bytes=1-2");
        const auto response = s3_.world().run(s3_.world().client().send(std::move(request)));
        return std::to_string(response.status) + " " +
               s3_.world().run(http::read_all(*response.body, limits::kib)).substr(0, 2);
    };
    EXPECT_EQ(fetch(link->url), "206 yt");
    std::string longer = link->url;
    longer.replace(longer.find("Expires=300"), 11, "Expires=301");
    EXPECT_THAT(fetch(longer), StartsWith("403"));
}

TEST(S3Options, AreLookedAtWhenTheStoreIsOpened) {
    test::S3World s3;
    for (const char* endpoint : {"", "ftp://s3.example", "https://s3.example/path", "https://s3.example?a"}) {
        auto options = s3.options();
        options.endpoint = endpoint;
        EXPECT_THAT(s3.refusal_of([&] { s3.open(options); }), StartsWith("invalid-input")) << endpoint;
    }
}

}  // namespace
}  // namespace lodestone::blobs
