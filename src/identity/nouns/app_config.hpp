// What an app has set for itself, kept as JSON in its row. There is no place for secrets or signing
// algorithms in it, nor for callbacks and lifetimes of tokens: nobody signs in at an app here.
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

struct AppCredentials {
    KeyConfig apikey;
    bool operator==(const AppCredentials&) const = default;
};
BOOST_DESCRIBE_STRUCT(AppCredentials, (), (apikey))

// Of all repositories of the app together; absent: as much as its tenant may.
struct AppQuota {
    std::optional<std::int64_t> max_bytes;
    bool operator==(const AppQuota&) const = default;
};
BOOST_DESCRIBE_STRUCT(AppQuota, (), (max_bytes))

struct AppConfig {
    AppCredentials credentials;
    std::vector<std::string> allowed_scopes;   // actions: the most that the app's keys may do; none: anything
    std::vector<std::string> allowed_origins;  // web pages that may use them; none: every one
    RateLimits rate_limits;                    // of all of the app's keys together, on each node
    AppQuota quota;
    boost::json::object features;  // the client's own, as is what is custom
    boost::json::object custom;
    bool operator==(const AppConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(AppConfig, (),
                      (credentials, allowed_scopes, allowed_origins, rate_limits, quota, features, custom))

// Of JSON text; absent fields have their defaults. Refuses with a Problem (invalid_input) that names the
// field.
AppConfig parse_app_config(std::string_view text);

// The JSON of an AppConfig with this quota in place of its own.
std::string with_quota(std::string_view config, const AppQuota& quota);

}  // namespace lodestone::identity
