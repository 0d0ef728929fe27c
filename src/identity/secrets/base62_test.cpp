// Base 62: what is written is read, and nothing else is.
#include "identity/secrets/base62.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace lodestone::identity {
namespace {

TEST(Base62, WritesAsItAlwaysDid) {
    EXPECT_EQ(render_base62(""), "");
    EXPECT_EQ(render_base62("a"), "1Z");
    EXPECT_EQ(render_base62(std::string(8, '\0')), "00000000000");
    EXPECT_EQ(render_base62(std::string(8, '\xff')), "LygHa16AHYF");
    EXPECT_EQ(render_base62(std::string(9, '\xff')), "LygHa16AHYF47");
}

TEST(Base62, ReadsWhatItWrites) {
    SeededRandom random(3);
    for (std::size_t size = 0; size < 70; ++size) {
        std::string bytes(size, '\0');
        random.fill({reinterpret_cast<std::uint8_t*>(bytes.data()), size});
        for (const std::string& one : {bytes, std::string(size, '\0'), std::string(size, '\xff')}) {
            EXPECT_TRUE(is_base62(render_base62(one)));
            EXPECT_EQ(parse_base62(render_base62(one)), one) << size;
        }
    }
}

TEST(Base62, ReadsNothingElse) {
    for (const char* text : {"0", "0000", "00000000", "000000000000", "48", "zz", "zzz", "LygHa16AHYG",
                             "zzzzzzzzzzz", "0-", "0 ", "+0", "\xc3\xa9"})
        EXPECT_FALSE(parse_base62(text)) << text;
    EXPECT_EQ(parse_base62("47"), std::string(1, '\xff')) << "the last that fits";
    EXPECT_FALSE(parse_base62(std::string("0\0", 2)));
}

}  // namespace
}  // namespace lodestone::identity
