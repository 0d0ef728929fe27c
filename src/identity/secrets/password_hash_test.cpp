// Stored passwords: our own, those of other systems, and what is none.
#include "identity/secrets/password_hash.hpp"

#include <gmock/gmock.h>

namespace lodestone::identity {
namespace {

using ::testing::StartsWith;

constexpr PasswordCost cheap{.passes = 1, .memory_kib = 8};

TEST(PasswordHashTest, ChecksWhatItHashed) {
    const std::string hash = hash_password("tall green mug", cheap).value();
    EXPECT_THAT(hash, StartsWith("$argon2id$v=19$m=8,t=1,p=1$"));
    EXPECT_TRUE(check_password(hash, "tall green mug", cheap).is_right);
    EXPECT_FALSE(check_password(hash, "tall green mug", cheap).is_outdated);
    EXPECT_FALSE(check_password(hash, "tall green mug ", cheap).is_right);
    EXPECT_FALSE(check_password(hash, "", cheap).is_right);
    EXPECT_NE(hash_password("tall green mug", cheap), hash) << "each has salt of its own";
}

TEST(PasswordHashTest, CostsWhatOwaspSays) {
    EXPECT_THAT(hash_password("tall green mug", {}).value(), StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST(PasswordHashTest, IsOutdatedWhenWeWouldChooseAnother) {
    const std::string hash = hash_password("tall green mug", cheap).value();
    const PasswordVerdict right = check_password(hash, "tall green mug", {.passes = 2, .memory_kib = 8});
    EXPECT_TRUE(right.is_right);
    EXPECT_TRUE(right.is_outdated);
    EXPECT_FALSE(check_password(hash, "wrong", {}).is_outdated);
}

TEST(PasswordHashTest, ChecksHashesOfOtherSystems) {
    // From the reference implementations' own tests: argon2 with one lane and with two; bcrypt, and one by
    // libxcrypt.
    const std::pair<const char*, const char*> hashes[] = {
        {"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
         "password"},
        {"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc", "password"},
        {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
        {"$2b$04$abcdefghijklmnopqrstuuollMaOIweio9pReE0Cf7jFpC2wM7p9.", "mug"}};
    for (const auto& [hash, password] : hashes) {
        const PasswordVerdict right = check_password(hash, password, cheap);
        EXPECT_TRUE(right.is_right) << hash;
        EXPECT_TRUE(right.is_outdated) << hash;
        EXPECT_FALSE(check_password(hash, std::string(password) + "x", cheap).is_right) << hash;
    }
}

TEST(PasswordHashTest, BcryptEndsAtNoNul) {
    const std::string hash = "$2b$04$abcdefghijklmnopqrstuuollMaOIweio9pReE0Cf7jFpC2wM7p9.";
    EXPECT_TRUE(check_password(hash, "mug", cheap).is_right);
    EXPECT_FALSE(check_password(hash, std::string("mug\0anything", 12), cheap).is_right);
}

TEST(PasswordHashTest, TheDecoyIsAsDearAsAnother) {
    const std::string decoy = make_decoy_hash(cheap);
    const auto parts = parse_password_hash(decoy);
    ASSERT_TRUE(parts);
    EXPECT_EQ(parts->cost, cheap);
    EXPECT_EQ(parts->lanes, 1u);
    EXPECT_EQ(decoy.size(), hash_password("tall green mug", cheap)->size());
    EXPECT_FALSE(check_password(decoy, "", cheap).is_right);
}

TEST(PasswordHashTest, TakesTheSameWorkWhateverIsStored) {
    const std::string own = hash_password("tall green mug", cheap).value();
    const std::string imported = "$2b$04$abcdefghijklmnopqrstuuollMaOIweio9pReE0Cf7jFpC2wM7p9.";
    const std::string dearer = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    const PasswordWork all{.argon2id = 1, .bcrypt_rounds = 64};
    for (const std::string& hash : {own, imported, dearer, make_decoy_hash(cheap)})
        EXPECT_EQ(check_password(hash, "wrong", cheap, 6).work, all) << hash;
    EXPECT_TRUE(check_password(imported, "mug", cheap, 6).is_right);
    EXPECT_TRUE(check_password(own, "tall green mug", cheap, 6).is_right);
    EXPECT_FALSE(check_password(imported, "", cheap, 6).is_right);
    EXPECT_EQ(check_password(own, "wrong", cheap).work, (PasswordWork{.argon2id = 1, .bcrypt_rounds = 0}))
        << "where nobody has bcrypt, nobody waits for it";
}

TEST(PasswordHashTest, RefusesWhatItCannotCheck) {
    for (const char* text :
         {"", "plain", "$1$salt$digest", "$5$rounds=1000$salt$digest",
          "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$x",
          "$argon2id$v=16$m=8,t=1,p=1$bG9kZXN0b25lLWRlY295IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",
          "$argon2id$v=19$m=99999999,t=1,p=1$bG9kZXN0b25lLWRlY295IQ$"
          "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",
          "$argon2id$v=19$m=8,t=999,p=1$bG9kZXN0b25lLWRlY295IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",
          "$argon2id$v=19$m=8,t=1,p=1$bG9kZXN0b25lLWRlY295IQ",
          "$argon2id$v=19$m=8,t=1,p=1$bG9kZXN0b25lLWRlY295IQ$",
          "$2b$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzabcdefg",
          "$2x$10$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyzabcdefg", "$2b$10$short"}) {
        EXPECT_FALSE(parse_password_hash(text)) << text;
        EXPECT_FALSE(check_password(text, "anything", cheap).is_right) << text;
        EXPECT_FALSE(check_password(text, "", cheap).is_right) << text;
    }
}

}  // namespace
}  // namespace lodestone::identity
