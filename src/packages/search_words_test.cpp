// What is a word, whatever stands between words, and that no word is anything else to an engine.
#include "packages/search_words.hpp"

#include <gtest/gtest.h>

#include "base/package_limits.hpp"
#include "base/utf8.hpp"

namespace lodestone::packages {
namespace {

std::string split(std::string_view text, std::size_t most = 100) {
    return join_words(split_words(text, most));
}

TEST(SearchWords, AreLettersAndDigits) {
    EXPECT_EQ(split("left-pad"), "left pad");
    EXPECT_EQ(split("@scope/Left_Pad.js"), "scope left pad js");
    EXPECT_EQ(split("org.example:log4j"), "org example log4j");
    EXPECT_EQ(split("one two one TWO"), "one two") << "each once";
    EXPECT_EQ(split("one two three", 2), "one two");
    EXPECT_EQ(split(""), "");
    EXPECT_EQ(split("* \"( ) - ' & | ! : <-> \\ % _ ^ {} + ~"), "");
    EXPECT_EQ(split(std::string_view("a\0b\nc\td\x7F"
                                     "e",
                                     9)),
              "a b c d e");
}

TEST(SearchWords, AreOfAnyScript) {
    EXPECT_EQ(split("ÜBER-größe"), "über größe");
    EXPECT_EQ(split("ПРИВЕТ, мир"), "привет мир");
    EXPECT_EQ(split("don\u2019t \u201Cquote\u201D a\u00A0b"), "don t quote a b");
    EXPECT_EQ(split("画像を見る"), "画 像 を 見 る");
    EXPECT_EQ(split("npm画像"), "npm 画 像");
    EXPECT_EQ(split("한국어 검색"), "한국어 검색");
    EXPECT_EQ(split("a\xFF\xC3(b"), "a b") << "what is no UTF-8 separates";
}

TEST(SearchWords, AreCutBetweenCharacters) {
    const std::string longest(limits::search_word_bytes, 'a');
    EXPECT_EQ(split(longest + "a b"), longest + " b");
    std::string accents;
    while (accents.size() < 2 * limits::search_word_bytes) accents += "é";
    const std::string cut = split("x" + accents);
    EXPECT_EQ(cut.size(), limits::search_word_bytes - 1);
    EXPECT_TRUE(is_utf8(cut));
}

TEST(SearchWords, AreQuotedForEachEngine) {
    const TenantId tenant = TenantId::trusted("a-b");
    const std::string words[] = {"left", "pad"};
    EXPECT_EQ(render_match(db::EngineKind::sqlite, tenant, words),
              "\"@612d62\" AND \"left\" * AND \"pad\" *");
    EXPECT_EQ(render_match(db::EngineKind::postgres, tenant, words), "'@612d62' & 'left':* & 'pad':*");
    const std::string quotes[] = {"'\""};
    EXPECT_EQ(render_match(db::EngineKind::sqlite, tenant, quotes), "\"@612d62\" AND \"'\"\"\" *");
    EXPECT_EQ(render_match(db::EngineKind::postgres, tenant, quotes), "'@612d62' & '''\"':*");
}

}  // namespace
}  // namespace lodestone::packages
