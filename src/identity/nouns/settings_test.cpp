// What tenants, apps and branches set for themselves: defaults, what is read, and what is refused by its
// path.
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "identity/nouns/app_config.hpp"
#include "identity/nouns/branch_details.hpp"
#include "identity/nouns/tenant_settings.hpp"

namespace lodestone::identity {
namespace {

template <class Read>
std::string refusal(Read read, std::string_view text) {
    return find_problem([&] { (void)read(text); }).value_or("");
}

TEST(SettingsTest, HaveDefaults) {
    EXPECT_EQ(parse_tenant_settings("{}"), TenantSettings());
    EXPECT_EQ(parse_tenant_config("{}"), TenantConfig());
    EXPECT_EQ(parse_app_config("{}"), AppConfig());
}

TEST(SettingsTest, AreRead) {
    const auto settings = parse_tenant_settings(
        R"({"max_users":10,"max_apps":null,"allowed_auth_methods":["oidc","key"],"registration":"open",
            "require_mfa":true,"password_policy":{"min_length":16,"require_numbers":true},
            "session":{"access_seconds":600},"keys":{"usual_days":30,"longest_days":60},
            "account_lockout":{"max_attempts":3}})");
    EXPECT_EQ(settings.max_users, 10);
    EXPECT_FALSE(settings.max_apps);
    EXPECT_EQ(settings.allowed_auth_methods, (std::vector<AuthMethod>{AuthMethod::oidc, AuthMethod::key}));
    EXPECT_EQ(settings.registration, RegistrationMode::open);
    EXPECT_TRUE(settings.require_mfa && settings.password_policy.require_numbers);
    EXPECT_EQ(settings.session.access_seconds, 600);
    EXPECT_EQ(settings.account_lockout.max_attempts, 3);
    EXPECT_EQ(settings.account_lockout.lockout_seconds, 900);
    const auto config = parse_app_config(
        R"({"allowed_scopes":["package:*"],"allowed_origins":["https://app.acme.example"],
            "rate_limits":{"enabled":true,"burst":5},"custom":{"anything":[1,{"goes":null}]}})");
    EXPECT_EQ(config.rate_limits.burst, 5);
    EXPECT_TRUE(config.custom.contains("anything"));
    const auto address = parse_branch_address(R"({"city":"Berlin","latitude":52,"longitude":-0.5})");
    EXPECT_EQ(address.latitude, 52.0);
    EXPECT_EQ(parse_branch_settings(R"({"language":"de-CH"})").language, "de-CH");
}

TEST(SettingsTest, AreRefusedByTheirPath) {
    const std::pair<const char*, const char*> settings[] = {
        {"[]", "The field settings must be a JSON object."},
        {"{", "The field settings must be a JSON object."},
        {R"({"max_userz":1})",
         "There is no field settings.max_userz; there are: max_users, max_apps, max_bytes, "
         "allowed_auth_methods, "
         "registration, "
         "require_mfa, password_policy, session, keys, account_lockout."},
        {R"({"max_users":"10"})", "The field settings.max_users must be a whole number."},
        {R"({"max_users":1.5})", "The field settings.max_users must be a whole number."},
        {R"({"max_users":0})", "The field settings.max_users must be a number from 1 to 10000000."},
        {R"({"require_mfa":1})", "The field settings.require_mfa must be true or false."},
        {R"({"registration":"maybe"})",
         "The field settings.registration must be one of: closed, invited, open."},
        {R"({"registration":null})",
         "The field settings.registration must be one of: closed, invited, open."},
        {R"({"allowed_auth_methods":["key","magic"]})",
         "The field settings.allowed_auth_methods[1] must be one of: password, oidc, key, publisher."},
        {R"({"password_policy":[]})", "The field settings.password_policy must be an object."},
        {R"({"password_policy":{"min_length":4}})",
         "The field settings.password_policy.min_length must be a number from 8 to 128."},
        {R"({"session":{"access_seconds":600,"refresh_seconds":300}})",
         "The field settings.session.access_seconds must be no more than refresh_seconds."},
        {R"({"keys":{"usual_days":61,"longest_days":60}})",
         "The field settings.keys.usual_days must be no more than longest_days."},
        {R"({"account_lockout":{"permanent_lock_after":3}})",
         "There is no field settings.account_lockout.permanent_lock_after; there are: enabled, max_attempts, "
         "lockout_seconds, reset_after_seconds."},
    };
    for (const auto& [text, sentence] : settings) EXPECT_EQ(refusal(parse_tenant_settings, text), sentence);
    EXPECT_EQ(refusal(parse_tenant_settings, std::string(65 * 1024, ' ') + "{}"),
              "The field settings must be at most 64 KiB of JSON.");
}

TEST(SettingsTest, OfAppsAndBranchesAreRefusedLikewise) {
    EXPECT_EQ(refusal(parse_app_config, R"({"secret":"x"})").find("There is no field config.secret"), 0u)
        << "there is no place for secrets";
    EXPECT_EQ(refusal(parse_app_config, R"({"allowed_origins":["https://a.example/","https://a.example"]})"),
              "The field config.allowed_origins[0] must be an origin without a path, such as "
              "https://app.acme.example.");
    for (const char* nobodys : {"allowed_callbacks", "access_expiry_seconds", "refresh_expiry_seconds"})
        EXPECT_EQ(refusal(parse_app_config, std::string("{\"") + nobodys + "\":60}")
                      .find("There is no field config." + std::string(nobodys)),
                  0u)
            << "nothing would heed it";
    EXPECT_EQ(refusal(parse_branch_settings, R"({"max_users":5})").find("There is no field"), 0u);
    EXPECT_EQ(refusal(parse_app_config, R"({"allowed_scopes":["package"]})"),
              "The field config.allowed_scopes[0] must be an action, such as package:read.");
    EXPECT_EQ(refusal(parse_branch_address, R"({"latitude":91})"),
              "The field address.latitude must be degrees from -90 to 90.");
    EXPECT_EQ(refusal(parse_branch_contact, R"({"email":"x"})"),
              "The field contact.email must be an e-mail address, such as alice@acme.example.");
    EXPECT_EQ(refusal(parse_branch_settings, R"({"currency":"euro"})"),
              "The field settings.currency must be three capital letters, such as EUR.");
    EXPECT_EQ(refusal(parse_branch_settings, R"({"features":[1]})"),
              "The field settings.features must be an object.");
}

TEST(SettingsTest, TheNearerWordCounts) {
    const KeyConfig app{.expires_after_days = 10, .requests_per_minute = {}};
    const KeyConfig tenant{.expires_after_days = 20, .requests_per_minute = 30};
    EXPECT_EQ(combine(app, tenant), (KeyConfig{.expires_after_days = 10, .requests_per_minute = 30}));
}

}  // namespace
}  // namespace lodestone::identity
