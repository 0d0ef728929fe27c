// Keyed hashes: the same for the same, different for everything else, and worth nothing without the pepper.
#include "identity/secrets/keyed_hash.hpp"

#include <gtest/gtest.h>

#include "identity/secrets/token_mint.hpp"

namespace lodestone::identity {
namespace {

constexpr std::string_view pepper = "pepper of this test, long enough";

TEST(KeyedHashTest, IsStable) {
    // Hashes that are stored: if this breaks, every token of every installation does.
    EXPECT_EQ(KeyedHash(pepper).hash("token", "text"), "dTwN4YnfrrfvklSMArMYJ-ziI7De11AUFbnmsBwSXMo");
}

TEST(KeyedHashTest, DependsOnEverything) {
    const KeyedHash hasher(pepper);
    const std::string hash = hasher.hash("token", "text");
    EXPECT_EQ(hash, hasher.hash("token", "text"));
    EXPECT_NE(hash, hasher.hash("token", "texu"));
    EXPECT_NE(hash, hasher.hash("other", "text"));
    EXPECT_NE(hasher.hash("ab", "c"), hasher.hash("a", "bc"));
    EXPECT_NE(hash, KeyedHash("another pepper, as long as that").hash("token", "text"));
}

TEST(KeyedHashTest, MatchesItsOwnTokenOnly) {
    SeededRandom random(1);
    const FakeClock clock;
    const KeyedHash hasher(pepper);
    const TokenMint mint(hasher, clock, random);
    const MintedToken minted = mint.mint(TokenKind::personal_key);
    TokenText token = *parse_token(minted.text);
    EXPECT_EQ(minted.public_id, token.public_id);
    EXPECT_EQ(minted.hash.find(token.secret), std::string::npos);
    EXPECT_TRUE(hasher.is_match(token, minted.hash));
    EXPECT_FALSE(hasher.is_match(token, ""));
    EXPECT_FALSE(hasher.is_match(token, minted.hash.substr(1)));
    TokenText other = token;
    other.public_id = mint.mint(TokenKind::personal_key).public_id;
    EXPECT_FALSE(hasher.is_match(other, minted.hash)) << "a hash copied into another row";
    other = token;
    other.secret.back() = other.secret.back() == 'a' ? 'b' : 'a';
    EXPECT_FALSE(hasher.is_match(other, minted.hash));
}

TEST(KeyedHashTest, ComparesWholeTexts) {
    EXPECT_TRUE(is_equal_secret("", ""));
    EXPECT_TRUE(is_equal_secret("abc", "abc"));
    EXPECT_FALSE(is_equal_secret("abc", "abd"));
    EXPECT_FALSE(is_equal_secret("abc", "ab"));
}

}  // namespace
}  // namespace lodestone::identity
