// What tenants and apps may say about credentials. An app's word counts before its tenant's, and that before
// what is built in.
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
    std::optional<std::int64_t> state_seconds;  // how long somebody may take to sign in at a provider
    bool operator==(const OidcConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(OidcConfig, (), (state_seconds))

struct CredentialConfig {
    KeyConfig apikey;
    OidcConfig oauth2;
    bool operator==(const CredentialConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(CredentialConfig, (), (apikey, oauth2))

// `path` is where they stand: "config.credentials.apikey". Refuse with a Problem that names the field.
void check_key_config(const std::string& path, const KeyConfig& config);
void check_credential_config(const std::string& path, const CredentialConfig& config);

// What counts of two, field by field: the nearer one's, or else the farther one's.
KeyConfig combine(const KeyConfig& nearer, const KeyConfig& farther);

}  // namespace lodestone::identity
