// What a tenant has set for itself: rules for its people (settings) and for what it runs (config). Kept as
// JSON in the tenant's row; docs/dev/data.md says who obeys which.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/nouns/credential_config.hpp"
#include "identity/rules/address_rules.hpp"

namespace lodestone::identity {

enum class AuthMethod : std::uint8_t { password, oidc, key, publisher };
BOOST_DESCRIBE_ENUM(AuthMethod, password, oidc, key, publisher)

// How somebody becomes a user: only an administrator makes one; with an invitation; or anybody at all.
enum class RegistrationMode : std::uint8_t { closed, invited, open };
BOOST_DESCRIBE_ENUM(RegistrationMode, closed, invited, open)

// What sign-in reads of these stands in nouns/sign_in_settings.hpp.
struct PasswordRules {
    std::int64_t min_length = 12;
    bool require_uppercase = false;
    bool require_lowercase = false;
    bool require_numbers = false;
    bool require_special = false;
    std::int64_t max_age_days = 0;  // an older password must be changed at sign-in; 0: never
    bool operator==(const PasswordRules&) const = default;
};
BOOST_DESCRIBE_STRUCT(PasswordRules, (),
                      (min_length, require_uppercase, require_lowercase, require_numbers, require_special,
                       max_age_days))

struct SessionRules {
    std::optional<std::int64_t> access_seconds;   // of an access token
    std::optional<std::int64_t> refresh_seconds;  // a session unused so long ends
    std::optional<std::int64_t> longest_seconds;  // however active; then people sign in again
    bool operator==(const SessionRules&) const = default;
};
BOOST_DESCRIBE_STRUCT(SessionRules, (), (access_seconds, refresh_seconds, longest_seconds))

struct KeyRules {
    std::optional<std::int64_t> usual_days;    // of a key that is made without a day of its own
    std::optional<std::int64_t> longest_days;  // how long a key may live at most
    bool operator==(const KeyRules&) const = default;
};
BOOST_DESCRIBE_STRUCT(KeyRules, (), (usual_days, longest_days))

// After so many failures in a row everybody waits longer and longer, up to lockout_seconds; never for good,
// or anybody could lock out anybody.
struct AccountLockout {
    bool enabled = true;
    std::int64_t max_attempts = 5;
    std::int64_t lockout_seconds = 900;
    std::int64_t reset_after_seconds = 3'600;  // without a failure: counting begins anew
    bool operator==(const AccountLockout&) const = default;
};
BOOST_DESCRIBE_STRUCT(AccountLockout, (), (enabled, max_attempts, lockout_seconds, reset_after_seconds))

struct TenantSettings {
    std::optional<std::int64_t> max_users;  // absent: as many as there are
    std::optional<std::int64_t> max_apps;
    std::optional<std::int64_t> max_bytes;         // of all repositories together
    std::vector<AuthMethod> allowed_auth_methods;  // none: every one
    RegistrationMode registration = RegistrationMode::invited;
    bool require_mfa = false;
    PasswordRules password_policy;
    SessionRules session;
    KeyRules keys;
    AccountLockout account_lockout;
    bool operator==(const TenantSettings&) const = default;
};
BOOST_DESCRIBE_STRUCT(TenantSettings, (),
                      (max_users, max_apps, max_bytes, allowed_auth_methods, registration, require_mfa,
                       password_policy, session, keys, account_lockout))

// From where, and how often, a tenant's people and programs are let in.
struct SecurityConfig {
    std::vector<std::string> allowed_ips;  // addresses and networks; none: from everywhere
    std::vector<std::string> blocked_ips;  // wins over what is allowed
    std::optional<std::int64_t> global_rate_limit_per_minute;
    bool allow_concurrent_sessions = true;  // if not, a new session ends the older ones
    bool operator==(const SecurityConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(SecurityConfig, (),
                      (allowed_ips, blocked_ips, global_rate_limit_per_minute, allow_concurrent_sessions))

struct TenantConfig {
    CredentialConfig default_credentials;  // for apps that say nothing of their own
    SecurityConfig security;
    bool operator==(const TenantConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(TenantConfig, (), (default_credentials, security))

// Of JSON text; absent fields have their defaults. Refuse with a Problem (invalid_input) that names the
// field.
TenantSettings parse_tenant_settings(std::string_view text);
TenantConfig parse_tenant_config(std::string_view text);
// Of the JSON of a TenantConfig: its lists of addresses.
AddressRules address_rules_of(std::string_view config);

// How much a tenant may have; absent: as much as there is.
struct TenantQuota {
    std::optional<std::int64_t> max_users;
    std::optional<std::int64_t> max_apps;
    std::optional<std::int64_t> max_bytes;
};
// The JSON of TenantSettings with these quotas in place of its own.
std::string with_quotas(std::string_view settings, const TenantQuota& quota);

}  // namespace lodestone::identity
