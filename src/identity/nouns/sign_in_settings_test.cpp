// Settings about signing in: what is there counts, within bounds; what is not keeps its default.
#include "identity/nouns/sign_in_settings.hpp"

#include <gtest/gtest.h>

namespace lodestone::identity {
namespace {

using std::chrono::days;
using std::chrono::seconds;

TEST(SignInSettingsTest, HaveDefaults) {
    const SignInSettings defaults;
    EXPECT_EQ(defaults.registration, RegistrationMode::invited);
    EXPECT_EQ(defaults.password_policy.min_length, 12);
    EXPECT_EQ(defaults.session.access, seconds(15 * 60));
    EXPECT_EQ(defaults.keys.usual, days(90));
    EXPECT_EQ(defaults.keys.longest, days(366));
    for (const char* json :
         {"{}", "", "[]", "rubbish",
          R"({"registration":"everybody","require_mfa":"yes","session":[],"keys":7})",
          R"({"password_policy":{"min_length":"20"},"keys":{"usual_days":1.5},"allowed_auth_methods":[]})"})
        EXPECT_EQ(parse_sign_in_settings(json), defaults) << json;
}

TEST(SignInSettingsTest, AreRead) {
    const SignInSettings settings = parse_sign_in_settings(R"({
        "registration": "open", "require_mfa": true, "allowed_auth_methods": ["oidc"],
        "password_policy": {"min_length": 20, "require_uppercase": true, "require_lowercase": true,
                            "require_numbers": true, "require_special": true, "max_age_days": 90},
        "session": {"access_seconds": 60, "refresh_seconds": 3600, "longest_seconds": 7200},
        "account_lockout": {"enabled": false, "max_attempts": 9, "lockout_seconds": 60, "reset_after_seconds": 120},
        "keys": {"usual_days": 30, "longest_days": 400}})");
    const SignInSettings wanted{
        .registration = RegistrationMode::open,
        .is_second_factor_required = true,
        .methods = {AuthMethod::oidc},
        .password_policy = {.min_length = 20,
                            .needs_upper = true,
                            .needs_lower = true,
                            .needs_digit = true,
                            .needs_special = true,
                            .max_age_days = 90},
        .session = {.access = seconds(60), .refresh = seconds(3600), .longest = seconds(7200)},
        .keys = {.usual = days(30), .longest = days(400)},
        .lockout = {.is_enabled = false, .free_failures = 9, .longest = seconds(60), .memory = seconds(120)}};
    EXPECT_EQ(settings, wanted);
    EXPECT_TRUE(settings.allows(AuthMethod::oidc));
    EXPECT_FALSE(settings.allows(AuthMethod::password));
    EXPECT_TRUE(SignInSettings().allows(AuthMethod::publisher));
}

TEST(SignInSettingsTest, StayWithinBounds) {
    const SignInSettings settings = parse_sign_in_settings(
        R"({"password_policy":{"min_length":1,"max_age_days":-5},"session":{"access_seconds":0},
            "keys":{"usual_days":500,"longest_days":99999999999}})");
    EXPECT_EQ(settings.password_policy.min_length, 8);
    EXPECT_EQ(settings.password_policy.max_age_days, 0);
    EXPECT_EQ(settings.session.access, seconds(1));
    EXPECT_EQ(settings.keys.longest, days(3660));
    EXPECT_EQ(settings.keys.usual, days(500));
    EXPECT_EQ(parse_sign_in_settings(R"({"keys":{"longest_days":7}})").keys.usual, days(7));
}

}  // namespace
}  // namespace lodestone::identity
