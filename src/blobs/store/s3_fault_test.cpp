// The S3 store in bad weather: what passes is waited for, what does not is told, and nothing wrong is taken
// for stored.
#include <gmock/gmock.h>

#include "support/s3_world.hpp"

namespace lodestone::blobs {
namespace {

using test::S3Fault;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::size_t mib = 1 << 20;

class S3FaultTest : public ::testing::Test {
  protected:
    test::FakeS3& fake() { return s3_.s3(); }
    std::string put_refusal(const std::string& bytes) {
        return s3_.refusal_of([&] {
            auto draft = s3_.begin();
            s3_.append(*draft, bytes);
            s3_.publish(*draft);
        });
    }
    static std::vector<S3Fault> always(S3Fault fault) { return std::vector<S3Fault>(20, fault); }
    // Ends once the last words about the store are good ones again.
    void wait_until_well() {
        s3_.world().clock().advance(std::chrono::seconds(2));
        while (s3_.store().find_fault()) std::this_thread::yield();
    }

    test::S3World s3_;
};

TEST_F(S3FaultTest, TriesAgainWhatMayPass) {
    const std::string bytes = test::make_bytes(100'000);
    for (const S3Fault fault : {S3Fault::internal_error, S3Fault::slow_down, S3Fault::closed,
                                S3Fault::lost_reply, S3Fault::wrong_tag}) {
        fake().misbehave("PUT object", {fault, fault});
        const BlobKey key = s3_.world().put(bytes);
        fake().misbehave("GET object", {fault == S3Fault::wrong_tag ? S3Fault::closed : fault});
        EXPECT_EQ(s3_.world().find(key), bytes) << static_cast<int>(fault);
        fake().misbehave("HEAD object", {S3Fault::slow_down, S3Fault::closed});
        EXPECT_EQ(s3_.world().run(s3_.store().stat(key)), bytes.size());
        fake().misbehave("DELETE object", {fault, fault});
        s3_.world().run(s3_.store().remove(key));
        EXPECT_FALSE(s3_.world().find(key));
    }
    EXPECT_EQ(fake().refused_signatures(), 0u);
}

TEST(S3Patience, EndsWhereNoAnswerComes) {
    http::ClientOptions options;
    options.head_timeout = std::chrono::milliseconds(700);
    test::S3World s3(options);
    s3.s3().misbehave("PUT object", {S3Fault::silent});
    s3.world().put("bytes");
    EXPECT_GE(s3.s3().count("PUT object"), 2u);
}

TEST_F(S3FaultTest, TriesPartsAgain) {
    const std::string bytes = test::make_bytes(18 * mib);
    fake().misbehave("POST uploads", {S3Fault::slow_down, S3Fault::lost_reply});
    fake().misbehave("PUT part", {S3Fault::internal_error, S3Fault::none, S3Fault::closed, S3Fault::wrong_tag,
                                  S3Fault::lost_reply});
    fake().misbehave("POST upload", {S3Fault::late_error, S3Fault::slow_down, S3Fault::lost_reply});
    auto draft = s3_.begin();
    s3_.append(*draft, bytes);
    const BlobKey key = s3_.publish(*draft);
    EXPECT_TRUE(s3_.world().find(key) == bytes);
}

TEST_F(S3FaultTest, GivesUpInTheEndAndSaysSo) {
    fake().misbehave("PUT object", always(S3Fault::internal_error));
    EXPECT_THAT(put_refusal("bytes"), AllOf(StartsWith("unavailable: "), HasSubstr("InternalError no & no")));
    EXPECT_EQ(fake().count("PUT object"), 5u);
    EXPECT_TRUE(s3_.store().find_fault());
    wait_until_well();
    fake().misbehave("PUT object", {});
    EXPECT_EQ(put_refusal("bytes"), "");
}

TEST_F(S3FaultTest, DoesNotWaitLongerThanItMay) {
    auto options = s3_.options();
    options.timeout = std::chrono::milliseconds(50);
    options.retry_pause = std::chrono::hours(1);
    s3_.open(options);
    fake().misbehave("PUT object", {S3Fault::slow_down});
    EXPECT_THAT(put_refusal("bytes"), StartsWith("unavailable: "));
}

TEST_F(S3FaultTest, DoesNotInsistWhereItIsRefused) {
    fake().misbehave("PUT object", always(S3Fault::denied));
    EXPECT_THAT(put_refusal("bytes"), AllOf(StartsWith("unavailable: "), HasSubstr("AccessDenied")));
    EXPECT_EQ(fake().count("PUT object"), 1u);
    EXPECT_THAT(s3_.store().find_fault().value_or(""), HasSubstr("AccessDenied"));
    fake().misbehave("PUT object", {S3Fault::full});
    EXPECT_THAT(put_refusal("bytes"), StartsWith("storage-full: "));
    auto options = s3_.options();
    options.credentials.secret_key = "not it";
    s3_.open(options);
    EXPECT_THAT(put_refusal("bytes"), AllOf(HasSubstr("SignatureDoesNotMatch"), Not(HasSubstr("not it"))));
}

TEST_F(S3FaultTest, BelievesNoOtherTagThanItsOwn) {
    fake().misbehave("PUT object", always(S3Fault::wrong_tag));
    EXPECT_THAT(put_refusal("bytes"), AllOf(StartsWith("unavailable: "), HasSubstr("wrong ETag")));
    fake().misbehave("PUT part", always(S3Fault::wrong_tag));
    EXPECT_THAT(put_refusal(test::make_bytes(10 * mib)), HasSubstr("wrong ETag"));
    fake().misbehave("PUT part", {});
    fake().misbehave("PUT object", {});
    fake().misbehave("POST upload", {S3Fault::wrong_tag});
    auto draft = s3_.begin();
    s3_.append(*draft, test::make_bytes(17 * mib));
    EXPECT_THAT(s3_.refusal_of([&] { s3_.publish(*draft); }), HasSubstr("other parts"));
    auto options = s3_.options();
    options.checks_etags = false;
    s3_.open(options);
    fake().misbehave("PUT object", {S3Fault::wrong_tag});
    EXPECT_EQ(put_refusal("bytes"), "");
}

TEST_F(S3FaultTest, ReadsOnWhereItBrokeOff) {
    for (const std::size_t size : {1'000u, 300'000u, 12u << 20}) {
        const std::string bytes = test::make_bytes(size);
        auto draft = s3_.begin();
        s3_.append(*draft, bytes);
        const BlobKey key = s3_.publish(*draft);
        const auto lost = size > 8 * mib ? std::vector{S3Fault::none} : std::vector<S3Fault>();
        auto faults = lost;  // the mark of a large one comes first
        faults.insert(faults.end(),
                      {S3Fault::truncated, S3Fault::truncated, S3Fault::slow_down, S3Fault::truncated});
        fake().misbehave("GET object", faults);
        EXPECT_TRUE(s3_.world().find(key) == bytes) << size;
    }
}

// An answer is cut that gives a byte now and then; and a download that is no quicker each time is given up,
// though something of it comes each time.
TEST(S3Patience, CutsWhatTrickles) {
    http::ClientOptions options;
    options.body_grace = std::chrono::milliseconds(40);
    options.body_rate_bytes = 1 << 20;
    test::S3World s3(options);
    const std::string bytes = test::make_bytes(300'000);
    const BlobKey key = s3.world().put(bytes);
    const auto trickling = std::vector<S3Fault>(20, S3Fault::trickling);
    s3.s3().misbehave("GET object", trickling);
    EXPECT_THAT(s3.refusal_of([&] { s3.world().find(key); }),
                AllOf(StartsWith("unavailable: "), HasSubstr("breaks off while it is read from")));
    const std::size_t calls = s3.s3().count("GET object");
    EXPECT_EQ(calls, static_cast<std::size_t>(limits::s3_attempts) + 1);
    const std::size_t came = s3.s3().wait_for_cuts(calls);
    EXPECT_GT(came, calls) << "something came each time";
    EXPECT_LT(came, bytes.size());
    EXPECT_TRUE(s3.store().find_fault());
    s3.s3().misbehave("GET object", {S3Fault::trickling, S3Fault::truncated});
    EXPECT_TRUE(s3.world().find(key) == bytes) << "what gets better is had whole";
}

TEST(S3Patience, CutsTheAnswerToAnUploadThatTrickles) {
    test::S3World s3;
    auto options = s3.options();
    options.timeout = std::chrono::milliseconds(80);
    s3.open(options);
    s3.s3().misbehave("PUT object", std::vector<S3Fault>(20, S3Fault::trickling));
    EXPECT_THAT(s3.refusal_of([&] { s3.world().put("bytes"); }), StartsWith("unavailable: "));
    s3.s3().wait_for_cuts(s3.s3().count("PUT object"));
    s3.s3().misbehave("PUT object", {});
    const BlobKey key = s3.world().put("bytes");
    EXPECT_EQ(s3.world().find(key), "bytes");
    EXPECT_EQ(s3.store().find_fault(), std::nullopt);
}

TEST_F(S3FaultTest, ReadsNoOtherContentBehindWhatItHasRead) {
    const std::string bytes = test::make_bytes(300'000);
    const BlobKey key = s3_.world().put(bytes);
    const auto body = s3_.world().run(s3_.store().open(key));
    auto& seekable = *std::get<std::unique_ptr<http::SeekableSource>>(*body);
    s3_.world().run(s3_.store().remove(key));
    EXPECT_THAT(s3_.refusal_of([&] { s3_.world().read_range(seekable, {.offset = 100, .size_bytes = 10}); }),
                AllOf(StartsWith("unavailable: "), HasSubstr("has lost what is being read")));
}

TEST_F(S3FaultTest, TakesNoOtherPieceThanItAskedFor) {
    const std::string bytes = test::make_bytes(300'000);
    const BlobKey key = s3_.world().put(bytes);
    const auto body = s3_.world().run(s3_.store().open(key));
    auto& seekable = *std::get<std::unique_ptr<http::SeekableSource>>(*body);
    const auto refusal = [&] {
        return s3_.refusal_of([&] { s3_.world().read_range(seekable, {.offset = 100, .size_bytes = 10}); });
    };
    for (const S3Fault fault : {S3Fault::other_range, S3Fault::other_content}) {
        fake().misbehave("GET object", {fault});
        EXPECT_THAT(refusal(), AllOf(StartsWith("unavailable: "), HasSubstr("gave another piece")));
        // Nor behind what it has read already.
        fake().misbehave("GET object", {S3Fault::truncated, fault});
        EXPECT_THAT(s3_.refusal_of([&] { s3_.world().find(key); }), HasSubstr("gave another piece"));
    }
    EXPECT_EQ(refusal(), "");
}

TEST_F(S3FaultTest, TakesNoTailThatIsAnother) {
    DraftProgress progress = s3_.nothing();
    const std::string bytes = test::make_bytes(300'000);
    auto draft = s3_.reopen("upload-1", progress);
    s3_.append(*draft, bytes);
    progress = s3_.keep(*draft);
    draft.reset();
    s3_.reopen("upload-1", progress);
    fake().change("kept/uploads/upload-1/300000", test::make_bytes(300'000, 2));
    EXPECT_THAT(s3_.refusal_of([&] { s3_.reopen("upload-1", progress); }), StartsWith("not-found: "));
    fake().change("kept/uploads/upload-1/300000", bytes);
    draft = s3_.reopen("upload-1", progress);
    EXPECT_TRUE(s3_.world().find(s3_.publish(*draft)) == bytes);
}

TEST_F(S3FaultTest, DiscardsWhatItMayNotAbort) {
    DraftProgress progress = s3_.nothing();
    auto draft = s3_.reopen("upload-1", progress);
    s3_.append(*draft, test::make_bytes(10 * mib));
    progress = s3_.keep(*draft);
    draft.reset();
    const auto discard = [&] {
        return s3_.refusal_of(
            [&] { s3_.world().run(s3_.store().discard("upload-1", progress.store_state)); });
    };
    fake().misbehave("DELETE upload", always(S3Fault::internal_error));
    EXPECT_THAT(discard(), StartsWith("unavailable: ")) << "which passes";
    fake().misbehave("DELETE upload", {S3Fault::not_its_id, S3Fault::denied});
    EXPECT_THAT(fake().objects(), ::testing::SizeIs(1)) << "the tail";
    EXPECT_EQ(discard(), "");
    EXPECT_EQ(discard(), "");
    EXPECT_THAT(fake().objects(), ::testing::IsEmpty());
}

TEST_F(S3FaultTest, GoesOnWithUploadsInBadWeather) {
    const std::string bytes = test::make_bytes(9 * mib);
    DraftProgress progress = s3_.nothing();
    for (std::size_t at = 0; at < bytes.size(); at += 3 * mib) {
        fake().misbehave("GET object", {S3Fault::slow_down, S3Fault::truncated});
        fake().misbehave("GET upload", {S3Fault::internal_error, S3Fault::lost_reply});
        fake().misbehave("PUT object", {S3Fault::lost_reply, S3Fault::slow_down});
        auto draft = s3_.reopen("upload-1", progress);
        s3_.append(*draft, bytes.substr(at, 3 * mib));
        progress = s3_.keep(*draft);
    }
    auto draft = s3_.reopen("upload-1", progress);
    EXPECT_TRUE(s3_.world().find(s3_.publish(*draft)) == bytes);
}

}  // namespace
}  // namespace lodestone::blobs
