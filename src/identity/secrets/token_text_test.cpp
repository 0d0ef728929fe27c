// Token texts: what is written is read, and nothing else is.
#include "identity/secrets/token_text.hpp"

#include <gmock/gmock.h>

#include <set>

namespace lodestone::identity {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

class TokenTextTest : public ::testing::Test {
  protected:
    SeededRandom random_{7};
};

TEST_F(TokenTextTest, SurvivesBeingWritten) {
    for (const TokenKind kind :
         {TokenKind::personal_key, TokenKind::app_key, TokenKind::session, TokenKind::refresh,
          TokenKind::invitation, TokenKind::reset_link, TokenKind::publisher}) {
        const TokenText token = make_token(kind, random_);
        EXPECT_EQ(parse_token(render_token(token)), token) << render_token(token);
    }
    for (const TokenKind kind : {TokenKind::personal_key, TokenKind::app_key}) {
        const TokenText token = make_token(kind, random_, KeyEnvironment::test);
        EXPECT_EQ(parse_token(render_token(token)), token) << render_token(token);
    }
}

TEST_F(TokenTextTest, HasTheFormThatScannersLookFor) {
    EXPECT_THAT(render_token(make_token(TokenKind::personal_key, random_)),
                MatchesRegex("lsk_live_[0-9A-Za-z]{54}"));
    EXPECT_THAT(render_token(make_token(TokenKind::app_key, random_, KeyEnvironment::test)),
                MatchesRegex("lsa_test_[0-9A-Za-z]{54}"));
    EXPECT_THAT(render_token(make_token(TokenKind::session, random_)), MatchesRegex("lss_[0-9A-Za-z]{54}"));
}

TEST_F(TokenTextTest, NeverChangesItsForm) {
    // Texts that are in the hands of clients: if this breaks, so do they.
    const TokenText token{.kind = TokenKind::personal_key,
                          .environment = KeyEnvironment::live,
                          .public_id = "0123456789abcdef",
                          .secret = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"};
    EXPECT_EQ(render_token(token), "lsk_live_0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXYZabcdef3hiEN4");
    EXPECT_EQ(render_hf_alias(token), "hf_0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXYZabcdef3hiEN4");
}

TEST_F(TokenTextTest, EveryMistypedCharacterIsNoticed) {
    const std::string text = render_token(make_token(TokenKind::personal_key, random_));
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string other = text;
        other[at] = other[at] == 'x' ? 'y' : 'x';
        EXPECT_FALSE(parse_token(other)) << other;
        EXPECT_FALSE(parse_token(text.substr(0, at))) << at;
    }
    EXPECT_FALSE(parse_token(text + "0"));
    EXPECT_FALSE(parse_token(" " + text));
    EXPECT_FALSE(parse_token(""));
    EXPECT_FALSE(parse_token("lsk_live_"));
}

TEST_F(TokenTextTest, OneKindIsNotAnother) {
    std::string text = render_token(make_token(TokenKind::session, random_));
    text[2] = 'r';
    EXPECT_FALSE(parse_token(text)) << "the checksum covers the kind";
    std::string key = render_token(make_token(TokenKind::personal_key, random_));
    EXPECT_FALSE(parse_token(key.replace(4, 4, "test")));
}

TEST_F(TokenTextTest, AnAliasIsTheSameKey) {
    for (const KeyEnvironment environment : {KeyEnvironment::live, KeyEnvironment::test}) {
        const TokenText key = make_token(TokenKind::personal_key, random_, environment);
        const std::string alias = render_hf_alias(key);
        EXPECT_THAT(alias, StartsWith("hf_"));
        EXPECT_EQ(parse_token(alias), key);
    }
    const std::string session = render_token(make_token(TokenKind::session, random_));
    EXPECT_FALSE(parse_token("hf_" + session.substr(4))) << "a session has no alias";
}

TEST_F(TokenTextTest, ChanceIsSpreadEvenly) {
    std::set<std::string> seen;
    std::array<int, 128> counts{};
    for (int i = 0; i < 2000; ++i) {
        const TokenText token = make_token(TokenKind::personal_key, random_);
        EXPECT_TRUE(seen.insert(token.public_id).second);
        for (const char c : token.secret) ++counts[static_cast<unsigned char>(c)];
    }
    for (const char c : std::string("09AZaz")) {
        EXPECT_GT(counts[static_cast<unsigned char>(c)], 850) << c;  // 1032 expected, ±32
        EXPECT_LT(counts[static_cast<unsigned char>(c)], 1215) << c;
    }
}

}  // namespace
}  // namespace lodestone::identity
