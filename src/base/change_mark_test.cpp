// What a node told itself is not heard again.
#include "base/change_mark.hpp"

#include <gtest/gtest.h>

namespace lodestone {
namespace {

TEST(ChangeMark, KnowsItsOwn) {
    EXPECT_EQ(read_payload("0a1b", mark_payload("0a1b", "x")), std::nullopt);
    EXPECT_EQ(read_payload("0a1b", mark_payload("ffff", "x:y")), "x:y");
    EXPECT_EQ(read_payload("0a1b", "by hand"), "by hand");
    EXPECT_EQ(read_payload("0a1b", "a:b"), "a:b");
    EXPECT_EQ(read_payload("0a1b", ""), "");
}

}  // namespace
}  // namespace lodestone
