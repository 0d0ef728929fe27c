// The ranges of a tenant's settings.
#include "identity/nouns/tenant_settings.hpp"

#include <boost/json/serialize.hpp>

#include "base/limits.hpp"
#include "base/package_limits.hpp"
#include "http/message/network.hpp"
#include "identity/nouns/typed_json.hpp"

namespace lodestone::identity {

namespace {

constexpr std::int64_t day_seconds = 86'400;

void check_networks(const std::string& path, const std::vector<std::string>& networks) {
    for (std::size_t i = 0; i < networks.size(); ++i)
        if (const auto network = http::parse_network(networks[i]); !network || network->is_unix)
            refuse_field(path + "[" + std::to_string(i) + "]",
                         "an address or a network, such as 192.0.2.0/24 or 2001:db8::/32");
}

void check_session(const SessionRules& session) {
    check_range("settings.session.access_seconds", session.access_seconds, 60, day_seconds);
    check_range("settings.session.refresh_seconds", session.refresh_seconds, 300, 90 * day_seconds);
    check_range("settings.session.longest_seconds", session.longest_seconds, 300, 366 * day_seconds);
    if (session.access_seconds && session.refresh_seconds &&
        *session.access_seconds > *session.refresh_seconds)
        refuse_field("settings.session.access_seconds", "no more than refresh_seconds");
}

}  // namespace

TenantSettings parse_tenant_settings(std::string_view text) {
    auto settings = read_typed<TenantSettings>("settings", text);
    check_range("settings.max_users", settings.max_users, 1, limits::tenant_users);
    check_range("settings.max_apps", settings.max_apps, 1, limits::tenant_apps);
    check_range("settings.max_bytes", settings.max_bytes, 0, limits::repository_bytes_most);
    check_range("settings.password_policy.min_length", settings.password_policy.min_length, 8, 128);
    check_range("settings.password_policy.max_age_days", settings.password_policy.max_age_days, 0, 3'660);
    check_session(settings.session);
    check_range("settings.keys.usual_days", settings.keys.usual_days, 1, 3'660);
    check_range("settings.keys.longest_days", settings.keys.longest_days, 1, 3'660);
    if (settings.keys.usual_days && settings.keys.longest_days &&
        *settings.keys.usual_days > *settings.keys.longest_days)
        refuse_field("settings.keys.usual_days", "no more than longest_days");
    check_range("settings.account_lockout.max_attempts", settings.account_lockout.max_attempts, 1, 100);
    check_range("settings.account_lockout.lockout_seconds", settings.account_lockout.lockout_seconds, 1,
                day_seconds);
    check_range("settings.account_lockout.reset_after_seconds", settings.account_lockout.reset_after_seconds,
                1, 30 * day_seconds);
    return settings;
}

TenantConfig parse_tenant_config(std::string_view text) {
    auto config = read_typed<TenantConfig>("config", text);
    check_credential_config("config.default_credentials", config.default_credentials);
    check_networks("config.security.allowed_ips", config.security.allowed_ips);
    check_networks("config.security.blocked_ips", config.security.blocked_ips);
    check_range("config.security.global_rate_limit_per_minute", config.security.global_rate_limit_per_minute,
                1, limits::requests_per_minute_most);
    return config;
}

AddressRules address_rules_of(std::string_view config) {
    const SecurityConfig security = parse_tenant_config(config).security;
    AddressRules rules;
    for (const std::string& text : security.allowed_ips) rules.allowed.push_back(*http::parse_network(text));
    for (const std::string& text : security.blocked_ips) rules.blocked.push_back(*http::parse_network(text));
    return rules;
}

std::string with_quotas(std::string_view settings, const TenantQuota& quota) {
    boost::json::object changed = open_object("settings", settings);
    const auto put = [&](const char* name, std::optional<std::int64_t> most) {
        changed.erase(name);
        if (most) changed[name] = *most;
    };
    put("max_users", quota.max_users);
    put("max_apps", quota.max_apps);
    put("max_bytes", quota.max_bytes);
    return boost::json::serialize(changed);
}

}  // namespace lodestone::identity
