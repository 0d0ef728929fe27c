// Which passwords are refused, and why.
#include "identity/secrets/password_policy.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace lodestone::identity {
namespace {

std::string fault_of(std::string_view password, const PasswordPolicy& policy = {},
                     const std::vector<std::string>& personal = {"alice", "ada.lovelace@acme.example"}) {
    return find_password_fault(password, policy, personal).value_or("");
}

TEST(PasswordPolicyTest, LengthIsWhatCounts) {
    EXPECT_EQ(fault_of("tall green mug"), "");
    EXPECT_EQ(fault_of("vqxkzjwbnpld"), "");
    EXPECT_EQ(fault_of("vqxkzjwbnpl"), "is too short: 12 characters is the least.");
    EXPECT_EQ(fault_of("日本語のパスワードです長い"), "") << "characters, not bytes";
    EXPECT_EQ(fault_of("日本語のパスワー"), "is too short: 12 characters is the least.");
    std::string longest = "tall green mug ";
    while (longest.size() < 1024) longest += static_cast<char>('a' + longest.size() * 7 % 26);
    EXPECT_EQ(fault_of(longest), "");
    EXPECT_EQ(fault_of(longest + "x"), "is too long: 1024 bytes is the most.");
}

TEST(PasswordPolicyTest, MustBeText) {
    EXPECT_EQ(fault_of("tall green mug\xFF"), "is not UTF-8 text.");
    EXPECT_EQ(fault_of(std::string("tall green mug\0x", 16)), "is not UTF-8 text.");
}

TEST(PasswordPolicyTest, FirstGuessesAreRefused) {
    for (const char* password :
         {"password1234", "Password1234!", "PASSWORDPASSWORD", "!!passw0rd!!2026", "qwertyuiop123",
          "administrator", "Administrator2026", "123456789012", "098765432109", "abcdefghijkl",
          "aaaaaaaaaaaa", "abababababab", "123123123123", "correcthorsebatterystaple", "1q2w3e4r5t6789",
          "Lodestone2026", "letmeinletmein"})
        EXPECT_EQ(fault_of(password), "is one of the first that anybody would try; choose another.")
            << password;
    for (const char* password : {"password tall mug", "my dragon eats moss", "12345 green mugs"})
        EXPECT_EQ(fault_of(password), "") << password;
}

TEST(PasswordPolicyTest, HoldsNothingOfItsOwner) {
    const std::string refused = "holds the user's name or e-mail address; choose another.";
    EXPECT_EQ(fault_of("my name is Alice"), refused);
    EXPECT_EQ(fault_of("xx ADA.Lovelace xx"), refused);
    EXPECT_EQ(fault_of("my name is al", {}, {"al"}), "") << "too short to mean anything";
    EXPECT_EQ(fault_of("tall green mug", {}, {"", ""}), "");
}

TEST(PasswordPolicyTest, ATenantMayAskForMore) {
    EXPECT_EQ(fault_of("tall green mug", {.needs_upper = true}), "needs a capital letter.");
    EXPECT_EQ(fault_of("Äall green mug", {.needs_upper = true}), "");
    EXPECT_EQ(fault_of("TALL GREEN MUG", {.needs_lower = true}), "needs a small letter.");
    EXPECT_EQ(fault_of("tall green mug", {.needs_digit = true}), "needs a digit.");
    EXPECT_EQ(fault_of("tallgreenmugs", {.needs_special = true}),
              "needs a character that is neither letter nor digit.");
    EXPECT_EQ(
        fault_of("Tall green mug 7",
                 {.needs_upper = true, .needs_lower = true, .needs_digit = true, .needs_special = true}),
        "");
    EXPECT_EQ(fault_of("mossmugs", {.min_length = 8}), "");
}

}  // namespace
}  // namespace lodestone::identity
