// The ranges of what is said about credentials, and whose word counts.
#include "identity/nouns/credential_config.hpp"

#include "base/limits.hpp"
#include "identity/nouns/typed_json.hpp"

namespace lodestone::identity {

void check_key_config(const std::string& path, const KeyConfig& config) {
    check_range(path + ".expires_after_days", config.expires_after_days, 1, 3'660);
    check_range(path + ".requests_per_minute", config.requests_per_minute, 1,
                limits::requests_per_minute_most);
}

void check_credential_config(const std::string& path, const CredentialConfig& config) {
    check_key_config(path + ".apikey", config.apikey);
    check_range(path + ".oauth2.state_seconds", config.oauth2.state_seconds, 60, 3'600);
}

KeyConfig combine(const KeyConfig& nearer, const KeyConfig& farther) {
    const auto first_of = [](std::optional<std::int64_t> near, std::optional<std::int64_t> far) {
        return near ? near : far;
    };
    return {.expires_after_days = first_of(nearer.expires_after_days, farther.expires_after_days),
            .requests_per_minute = first_of(nearer.requests_per_minute, farther.requests_per_minute)};
}

}  // namespace lodestone::identity
