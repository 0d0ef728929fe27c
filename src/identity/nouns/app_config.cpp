// The ranges and grammars of an app's configuration.
#include "identity/nouns/app_config.hpp"

#include "base/limits.hpp"
#include "http/message/url.hpp"
#include "identity/nouns/typed_json.hpp"

namespace lodestone::identity {

namespace {

template <class IsFine>
void check_each(const std::string& path, const std::vector<std::string>& texts, const char* wish,
                IsFine is_fine) {
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (!is_fine(texts[i])) refuse_field(path + "[" + std::to_string(i) + "]", wish);
}

bool is_url(const std::string& text) {
    return http::parse_url(text).url.has_value();
}

bool is_origin(const std::string& text) {
    const auto url = http::parse_url(text).url;
    return url && url->path_and_query == "/" && !text.ends_with('/');
}

bool is_action(const std::string& text) {
    const std::size_t colon = text.find(':');
    return text == "*" || (colon != std::string::npos && colon > 0 && colon + 1 < text.size());
}

}  // namespace

AppConfig parse_app_config(std::string_view text) {
    auto config = read_typed<AppConfig>("config", text);
    check_credential_config("config.credentials", config.credentials);
    check_token_config("config", {.access_expiry_seconds = config.access_expiry_seconds,
                                  .refresh_expiry_seconds = config.refresh_expiry_seconds});
    check_each("config.allowed_scopes", config.allowed_scopes, "an action, such as package:read", is_action);
    check_each("config.allowed_origins", config.allowed_origins,
               "an origin without a path, such as https://app.acme.example", is_origin);
    check_each("config.allowed_callbacks", config.allowed_callbacks,
               "a URL, such as https://app.acme.example/callback", is_url);
    check_range("config.rate_limits.requests_per_minute", config.rate_limits.requests_per_minute, 1,
                limits::requests_per_minute_most);
    check_range("config.rate_limits.burst", config.rate_limits.burst, 1, limits::requests_per_minute_most);
    return config;
}

}  // namespace lodestone::identity
