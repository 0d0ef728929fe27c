// What a tenant's settings say about signing in, sessions and keys, with a default for whatever they leave
// out.
#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "db/tx.hpp"
#include "identity/nouns/tenant_settings.hpp"
#include "identity/rules/ids.hpp"
#include "identity/secrets/password_policy.hpp"

namespace lodestone::identity {

struct SessionLifetimes {
    std::chrono::seconds access = limits::session_access;
    std::chrono::seconds refresh =
        limits::session_refresh;  // of each refresh token: a session unused so long ends
    std::chrono::seconds longest = limits::session_longest;  // then the password is asked for again
    bool operator==(const SessionLifetimes&) const = default;
};

struct KeyLifetimes {
    std::chrono::seconds usual = limits::key_lifetime;
    std::chrono::seconds longest = limits::key_lifetime_most;
    bool operator==(const KeyLifetimes&) const = default;
};

// After so many failures in a row, each makes the next one wait longer, up to a limit.
struct LockoutRules {
    bool is_enabled = true;
    std::int64_t free_failures = 5;
    std::chrono::seconds longest{15 * 60};
    std::chrono::seconds memory{60 * 60};  // without a failure for so long, counting begins anew
    bool operator==(const LockoutRules&) const = default;
};

struct SignInSettings {
    RegistrationMode registration = RegistrationMode::invited;
    bool is_second_factor_required = false;
    std::vector<AuthMethod> methods;  // by which somebody may come; none: by every one
    PasswordPolicy password_policy;
    SessionLifetimes session;
    KeyLifetimes keys;
    LockoutRules lockout;
    bool operator==(const SignInSettings&) const = default;

    bool allows(AuthMethod method) const;
};

// Of the JSON in tenants.settings:
//   {"registration": "invited", "require_mfa": false,
//    "password_policy": {"min_length": 12, "require_uppercase": false, …, "max_age_days": 0},
//    "session": {"access_seconds": 900, "refresh_seconds": 604800, "longest_seconds": 2592000},
//    "keys": {"usual_days": 90, "longest_days": 366},
//    "allowed_auth_methods": ["password", …],
//    "account_lockout": {"enabled": true, "max_attempts": 5, "lockout_seconds": 900, "reset_after_seconds":
//    3600}}
// What is missing, or makes no sense, keeps its default: settings are checked when they are stored.
SignInSettings parse_sign_in_settings(std::string_view json);

// Refuses with Problem(not_found) when the tenant is not there.
SignInSettings find_sign_in_settings(db::Tx& tx, const TenantId& tenant);

}  // namespace lodestone::identity
