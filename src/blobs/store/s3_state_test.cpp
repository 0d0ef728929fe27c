// Unfinished uploads, written down and read again.
#include "blobs/store/s3_state.hpp"

#include <gtest/gtest.h>

#include "base/blob_limits.hpp"

namespace lodestone::blobs {
namespace {

const std::string hash = std::string(32, '0') + std::string(32, 'f');

TEST(S3State, ComesBackAsItWas) {
    const S3State states[] = {
        {},
        {.tail_bytes = 300,
         .tail_sha256 = hash,
         .old_tail_at = 7,
         .object = {},
         .upload_id = {},
         .parts = {}},
        {.tail_bytes = 0,
         .tail_sha256 = {},
         .old_tail_at = 0,
         .object = "large/0f/0f",
         .upload_id = "VX.~",
         .parts = {"a"}},
        {.tail_bytes = 5'000'000,
         .tail_sha256 = hash,
         .old_tail_at = UINT64_MAX,
         .object = "o",
         .upload_id = "u",
         .parts = {"a", "b-2", "c"}},
    };
    for (const S3State& state : states) EXPECT_EQ(parse_s3_state(render_s3_state(state)), state);
    EXPECT_EQ(parse_s3_state(""), S3State());
}

TEST(S3State, RefusesEverythingElse) {
    for (const char* text : {"1",
                             "1 ",
                             "2 0",
                             "1 0",
                             "1 0 ",
                             "1 0 -1",
                             "1 -1 0",
                             "1 01 0",
                             "1 0 0 0",
                             "1 0 0\n",
                             "1 0 0\no",
                             "1 0 0\no\nu",
                             "1 0 0\no\nu\n",
                             "1 0 0\no\n\na",
                             "1 0 0\n\nu\na",
                             "1 0 0\no\nu\na\n\nb",
                             "1 0 0\no\nu\na b",
                             "1 0 0\no\nu\na\n",
                             "1 5 0",
                             "1 5 0 ",
                             "1 5 0 ab",
                             "x"})
        EXPECT_FALSE(parse_s3_state(text)) << text;
    EXPECT_FALSE(parse_s3_state("1 0 0 " + hash)) << "no tail has no digest";
    EXPECT_FALSE(parse_s3_state("1 5 0 " + std::string(64, 'A')));
    EXPECT_FALSE(parse_s3_state("1 5 0 " + hash + "0"));
    EXPECT_FALSE(parse_s3_state("1 0 0\no\nu\n" + std::string(limits::s3_tag_bytes + 1, 'a')));
    EXPECT_FALSE(parse_s3_state("1 0 0\no\nu\n" + std::string(limits::s3_state_bytes, 'a')));
    std::string many = "1 0 0\no\nu";
    for (std::size_t i = 0; i <= limits::s3_parts; ++i) many += "\na";
    EXPECT_FALSE(parse_s3_state(many));
}

}  // namespace
}  // namespace lodestone::blobs
