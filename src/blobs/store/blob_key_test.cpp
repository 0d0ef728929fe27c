// A key has one spelling, and nothing else is read as one.
#include "blobs/store/blob_key.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace lodestone::blobs {
namespace {

TEST(BlobKey, HasOneSpelling) {
    FakeClock clock;
    SeededRandom random(1);
    for (int i = 0; i < 1000; ++i) {
        BlobKey key{.sha256 = {}, .id = BlobId::make(clock, random)};
        random.fill(key.sha256);
        const std::string text = render_blob_key(key);
        EXPECT_EQ(text.size(), 84u);
        EXPECT_EQ(parse_blob_key(text), key);
    }
}

TEST(BlobKey, IsNothingElse) {
    const std::string digest = "abcd" + std::string(60, '0');
    const std::string good = "ab/" + digest + "-0123456789abcdef";
    ASSERT_TRUE(parse_blob_key(good));
    for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(parse_blob_key(good.substr(0, size)));
    EXPECT_FALSE(parse_blob_key(good + "0"));
    EXPECT_FALSE(parse_blob_key("ac/" + good.substr(3))) << "in another folder";
    EXPECT_FALSE(parse_blob_key("../" + good.substr(3)));
    EXPECT_FALSE(parse_blob_key("AB/ABCD" + good.substr(7)));
    EXPECT_FALSE(parse_blob_key(good.substr(0, 67) + "_" + good.substr(68)));
    EXPECT_FALSE(parse_blob_key("ab/" + digest + "-0000000000000000")) << "no id";
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string odd = good;
        for (const char c : {'.', '/', '\0', '%', 'G', '\xc3'}) {
            odd[at] = c;
            if (odd != good) EXPECT_FALSE(parse_blob_key(odd)) << at;
        }
    }
}

TEST(BlobKey, ReadsDigests) {
    EXPECT_TRUE(parse_sha256(std::string(64, 'a')));
    for (const std::string& text : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'),
                                    std::string(64, 'g'), std::string()})
        EXPECT_FALSE(parse_sha256(text)) << text;
}

}  // namespace
}  // namespace lodestone::blobs
