// The ranges and grammars of an app's configuration.
#include "identity/nouns/app_config.hpp"

#include <boost/json/serialize.hpp>

#include "base/limits.hpp"
#include "base/package_limits.hpp"
#include "http/message/url.hpp"
#include "identity/nouns/typed_json.hpp"
#include "identity/rules/patterns.hpp"

namespace lodestone::identity {

namespace {

template <class IsFine>
void check_each(const std::string& path, const std::vector<std::string>& texts, const char* wish,
                IsFine is_fine) {
    for (std::size_t i = 0; i < texts.size(); ++i)
        if (!is_fine(texts[i])) refuse_field(path + "[" + std::to_string(i) + "]", wish);
}

bool is_origin(const std::string& text) {
    const auto url = http::parse_url(text).url;
    return url && url->path_and_query == "/" && !text.ends_with('/');
}

}  // namespace

AppConfig parse_app_config(std::string_view text) {
    auto config = read_typed<AppConfig>("config", text);
    check_key_config("config.credentials.apikey", config.credentials.apikey);
    check_each("config.allowed_scopes", config.allowed_scopes, "an action, such as package:read",
               is_action_pattern);
    check_each("config.allowed_origins", config.allowed_origins,
               "an origin without a path, such as https://app.acme.example", is_origin);
    check_range("config.rate_limits.requests_per_minute", config.rate_limits.requests_per_minute, 1,
                limits::requests_per_minute_most);
    check_range("config.rate_limits.burst", config.rate_limits.burst, 1, limits::requests_per_minute_most);
    check_range("config.quota.max_bytes", config.quota.max_bytes, 0, limits::repository_bytes_most);
    return config;
}

std::string with_quota(std::string_view config, const AppQuota& quota) {
    boost::json::object changed = open_object("config", config);
    changed.erase("quota");
    if (quota.max_bytes) changed["quota"] = boost::json::object{{"max_bytes", *quota.max_bytes}};
    return boost::json::serialize(changed);
}

}  // namespace lodestone::identity
