// What tenants and apps may say about credentials and tokens. An app's word counts before its tenant's, and
// that before what is built in.
#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>

namespace lodestone::identity {

struct KeyConfig {
    std::optional<std::int64_t> expires_after_days;  // of a key that is made without a day of its own
    std::optional<std::int64_t> requests_per_minute;
    bool operator==(const KeyConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(KeyConfig, (), (expires_after_days, requests_per_minute))

struct OidcConfig {
    std::optional<std::int64_t> state_seconds;  // how long a sign-in at the provider may take
    bool operator==(const OidcConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(OidcConfig, (), (state_seconds))

struct CredentialConfig {
    KeyConfig apikey;
    OidcConfig oauth2;
    bool operator==(const CredentialConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(CredentialConfig, (), (apikey, oauth2))

struct TokenConfig {
    std::optional<std::int64_t> access_expiry_seconds;
    std::optional<std::int64_t> refresh_expiry_seconds;
    bool operator==(const TokenConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(TokenConfig, (), (access_expiry_seconds, refresh_expiry_seconds))

// `path` is where they stand: "config.credentials". Refuse with a Problem that names the field.
void check_credential_config(const std::string& path, const CredentialConfig& config);
void check_token_config(const std::string& path, const TokenConfig& config);

// What counts of two, field by field: the nearer one's, or else the farther one's.
CredentialConfig combine(const CredentialConfig& nearer, const CredentialConfig& farther);
TokenConfig combine(const TokenConfig& nearer, const TokenConfig& farther);

}  // namespace lodestone::identity
