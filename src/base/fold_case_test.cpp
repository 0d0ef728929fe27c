// Case folding: every script with cases, and nothing that it does not promise.
#include "base/fold_case.hpp"

#include <gtest/gtest.h>

#include "base/fold_ranges.hpp"

namespace lodestone {
namespace {

TEST(FoldCase, FoldsEveryScriptWithCases) {
    EXPECT_EQ(fold_case("Hello World 42!"), "hello world 42!");
    EXPECT_EQ(fold_case("ÀÉÎÕÜŸŁŻ"), "àéîõüÿłż");
    EXPECT_EQ(fold_case("ΑΘΗΝΑ ΣΊΣΥΦΟΣ"), fold_case("αθηνα σίσυφος")) << "both sigmas are one letter";
    EXPECT_EQ(fold_case("МОСКВА Ґ"), "москва ґ");
    EXPECT_EQ(fold_case("ԵՐԵՒԱՆ"), "երեւան");
    EXPECT_EQ(fold_case("𐐀"), "𐐨");
    EXPECT_EQ(fold_case("\u1E9E"), "ß");
    EXPECT_EQ(fold_case("\u212A"), "k") << "the sign for kelvin is a k";
}

TEST(FoldCase, LeavesTheRestAlone) {
    for (const char* text :
         {"", "東京", "مكة", "straße", "e\u0301", "🦀", "İ", "broken \xFF\xC3", "\xF4\x8F\xBF\xBF"})
        EXPECT_EQ(fold_case(text), text);
}

TEST(FoldCase, IsDoneAfterOnce) {
    for (const FoldRange& range : fold_ranges)
        for (char32_t c = range.first; c <= range.last; c += range.step) {
            const auto folded = static_cast<char32_t>(static_cast<std::int32_t>(c) + range.delta);
            for (const FoldRange& other : fold_ranges)
                EXPECT_FALSE(folded >= other.first && folded <= other.last &&
                             (folded - other.first) % other.step == 0)
                    << std::hex << static_cast<std::uint32_t>(c);
        }
}

}  // namespace
}  // namespace lodestone
