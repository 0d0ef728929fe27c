// What an app has set for itself, kept as JSON in its row. There is no place for secrets or signing
// algorithms in it: what must stay secret is stored sealed, elsewhere.
#pragma once

#include <boost/describe/class.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/nouns/credential_config.hpp"

namespace lodestone::identity {

struct RateLimits {
    bool enabled = false;
    std::int64_t requests_per_minute = 60;
    std::int64_t burst = 60;
    bool operator==(const RateLimits&) const = default;
};
BOOST_DESCRIBE_STRUCT(RateLimits, (), (enabled, requests_per_minute, burst))

struct AppConfig {
    CredentialConfig credentials;
    std::optional<std::int64_t> access_expiry_seconds;
    std::optional<std::int64_t> refresh_expiry_seconds;
    std::vector<std::string> allowed_scopes;     // the most that a key of the app may do; none: anything
    std::vector<std::string> allowed_origins;    // "https://app.acme.example"
    std::vector<std::string> allowed_callbacks;  // URLs
    RateLimits rate_limits;
    boost::json::object features;  // the client's own
    boost::json::object custom;
    bool operator==(const AppConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(AppConfig, (),
                      (credentials, access_expiry_seconds, refresh_expiry_seconds, allowed_scopes,
                       allowed_origins, allowed_callbacks, rate_limits, features, custom))

// Of JSON text; absent fields have their defaults. Refuses with a Problem (invalid_input) that names the
// field.
AppConfig parse_app_config(std::string_view text);

}  // namespace lodestone::identity
