// The ranges of what is said about credentials, and whose word counts.
#include "identity/nouns/credential_config.hpp"

#include "base/limits.hpp"
#include "identity/nouns/typed_json.hpp"

namespace lodestone::identity {

namespace {

std::optional<std::int64_t> first_of(std::optional<std::int64_t> nearer,
                                     std::optional<std::int64_t> farther) {
    return nearer ? nearer : farther;
}

}  // namespace

void check_credential_config(const std::string& path, const CredentialConfig& config) {
    check_range(path + ".apikey.expires_after_days", config.apikey.expires_after_days, 1, 3'660);
    check_range(path + ".apikey.requests_per_minute", config.apikey.requests_per_minute, 1,
                limits::requests_per_minute_most);
    check_range(path + ".oauth2.state_seconds", config.oauth2.state_seconds, 60, 3'600);
}

void check_token_config(const std::string& path, const TokenConfig& config) {
    check_range(path + ".access_expiry_seconds", config.access_expiry_seconds, 60, 86'400);
    check_range(path + ".refresh_expiry_seconds", config.refresh_expiry_seconds, 300,
                std::int64_t{90} * 86'400);
    if (config.access_expiry_seconds && config.refresh_expiry_seconds &&
        *config.refresh_expiry_seconds < *config.access_expiry_seconds)
        refuse_field(path + ".refresh_expiry_seconds", "no less than access_expiry_seconds");
}

CredentialConfig combine(const CredentialConfig& nearer, const CredentialConfig& farther) {
    return {.apikey = {.expires_after_days =
                           first_of(nearer.apikey.expires_after_days, farther.apikey.expires_after_days),
                       .requests_per_minute =
                           first_of(nearer.apikey.requests_per_minute, farther.apikey.requests_per_minute)},
            .oauth2 = {.state_seconds = first_of(nearer.oauth2.state_seconds, farther.oauth2.state_seconds)}};
}

TokenConfig combine(const TokenConfig& nearer, const TokenConfig& farther) {
    return {
        .access_expiry_seconds = first_of(nearer.access_expiry_seconds, farther.access_expiry_seconds),
        .refresh_expiry_seconds = first_of(nearer.refresh_expiry_seconds, farther.refresh_expiry_seconds)};
}

}  // namespace lodestone::identity
