// Names as the specification's expressions take and refuse them.
#include "formats/oci/reference.hpp"

#include <gtest/gtest.h>

namespace lodestone::formats::oci {
namespace {

TEST(ImageName, TakesWhatTheSpecificationTakes) {
    for (const char* name : {"a", "0", "nginx", "library/nginx", "a/b/c/d/e", "a.b", "a_b", "a__b", "a-b",
                             "a---b", "a1/b.2/c--3"})
        EXPECT_TRUE(is_image_name(name)) << name;
}

TEST(ImageName, RefusesTheRest) {
    for (const char* name : {"",     "/",  "a/", "/a", "a//b", "A",   "a.",    ".a", "a..b",   "a___b",
                             "a._b", "a-", "-a", "_a", "a b",  "a:b", "a%2fb", "ä",  "a/../b", "a/."})
        EXPECT_FALSE(is_image_name(name)) << name;
    EXPECT_TRUE(is_image_name(std::string(255, 'a')));
    EXPECT_FALSE(is_image_name(std::string(256, 'a')));
}

TEST(Tag, IsOneWordOf128Characters) {
    for (const std::string& tag : {std::string("latest"), std::string("1.0"), std::string("_x"),
                                   std::string("A-b.C"), std::string(128, 't')})
        EXPECT_TRUE(is_tag(tag)) << tag;
    for (const std::string& tag : {std::string(), std::string(".a"), std::string("-a"), std::string("a/b"),
                                   std::string("a:b"), std::string("a b"), std::string(129, 't')})
        EXPECT_FALSE(is_tag(tag)) << tag;
}

TEST(ContentDigestText, HasOneSpelling) {
    const std::string sha256 = "sha256:" + std::string(64, 'a');
    const std::string sha512 = "sha512:" + std::string(128, '0');
    for (const std::string& text : {sha256, sha512}) {
        const auto digest = parse_content_digest(text);
        ASSERT_TRUE(digest) << text;
        EXPECT_EQ(render_content_digest(*digest), text);
    }
    for (const std::string& text :
         {std::string(), std::string("sha256"), std::string("sha256:"), "sha256:" + std::string(63, 'a'),
          "sha256:" + std::string(66, 'a'), "sha256:" + std::string(64, 'A'),
          "sha256:" + std::string(64, 'g'), "sha512:" + std::string(64, 'a'), "md5:" + std::string(32, 'a'),
          "SHA256:" + std::string(64, 'a'), sha256 + " "})
        EXPECT_FALSE(parse_content_digest(text)) << text;
}

TEST(ReferenceText, IsATagOrADigest) {
    EXPECT_TRUE(parse_reference("sha256:" + std::string(64, 'a'))->digest);
    EXPECT_FALSE(parse_reference("v1")->digest);
    EXPECT_FALSE(parse_reference("sha256:abc"));
    EXPECT_FALSE(parse_reference(""));
}

TEST(ChunkText, NamesItsEnds) {
    EXPECT_EQ(parse_chunk("0-1023"), (Chunk{0, 1023}));
    EXPECT_EQ(parse_chunk("bytes 5-9/100"), (Chunk{5, 9}));
    EXPECT_EQ(parse_chunk("bytes=5-9"), (Chunk{5, 9}));
    EXPECT_EQ(parse_chunk("7-7")->size_bytes(), 1U);
    for (const char* text : {"", "-", "0-", "-5", "5-4", "a-b", "0-18446744073709551616",
                             "0-18446744073709551615", "0 - 5", "+1-2", "1--2"})
        EXPECT_FALSE(parse_chunk(text)) << text;
}

}  // namespace
}  // namespace lodestone::formats::oci
