// The settings about signing in, out of the tenant's row.
#include "identity/nouns/sign_in_settings.hpp"

#include <algorithm>
#include <boost/describe/enum_from_string.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parse.hpp>

#include "db/noun.hpp"

namespace lodestone::identity {

namespace {

const db::Query<std::string, TenantId> find_settings{
    "tenant.find_settings", "SELECT settings FROM tenants WHERE id = $1 AND deleted_at IS NULL"};

using boost::json::object;

const object& section_of(const object& settings, std::string_view name) {
    static const object nothing;
    const auto* value = settings.if_contains(name);
    return value != nullptr && value->is_object() ? value->get_object() : nothing;
}

void take(const object& section, std::string_view name, bool& flag) {
    const auto* value = section.if_contains(name);
    if (value != nullptr && value->is_bool()) flag = value->get_bool();
}

void take(const object& section, std::string_view name, std::int64_t least, std::int64_t most,
          std::int64_t& number) {
    const auto* value = section.if_contains(name);
    if (value != nullptr && value->is_int64()) number = std::clamp(value->get_int64(), least, most);
}

void take(const object& section, std::string_view name, std::chrono::seconds unit,
          std::chrono::seconds& time) {
    constexpr std::int64_t ten_years = 10LL * 366 * 24 * 60 * 60;
    std::int64_t count = time / unit;
    const auto* value = section.if_contains(name);
    if (value == nullptr || !value->is_int64()) return;
    take(section, name, 1, ten_years / unit.count(), count);
    time = unit * count;
}

}  // namespace

SignInSettings parse_sign_in_settings(std::string_view json) {
    SignInSettings settings;
    boost::system::error_code error;
    const boost::json::value parsed = boost::json::parse(json, error);
    if (error || !parsed.is_object()) return settings;
    const object& all = parsed.get_object();

    const auto* registration = all.if_contains("registration");
    if (registration != nullptr && registration->is_string())
        boost::describe::enum_from_string(registration->get_string().c_str(), settings.registration);
    take(all, "require_mfa", settings.is_second_factor_required);

    const auto* methods = all.if_contains("allowed_auth_methods");
    if (methods != nullptr && methods->is_array())
        for (const auto& name : methods->get_array()) {
            AuthMethod method{};
            if (name.is_string() && boost::describe::enum_from_string(name.get_string().c_str(), method))
                settings.methods.push_back(method);
        }

    const object& password = section_of(all, "password_policy");
    take(password, "min_length", limits::password_characters_least, limits::password_characters_most,
         settings.password_policy.min_length);
    take(password, "require_uppercase", settings.password_policy.needs_upper);
    take(password, "require_lowercase", settings.password_policy.needs_lower);
    take(password, "require_numbers", settings.password_policy.needs_digit);
    take(password, "require_special", settings.password_policy.needs_special);
    take(password, "max_age_days", 0, 3660, settings.password_policy.max_age_days);

    constexpr std::chrono::seconds second{1};
    const object& session = section_of(all, "session");
    take(session, "access_seconds", second, settings.session.access);
    take(session, "refresh_seconds", second, settings.session.refresh);
    take(session, "longest_seconds", second, settings.session.longest);

    const object& lockout = section_of(all, "account_lockout");
    take(lockout, "enabled", settings.lockout.is_enabled);
    take(lockout, "max_attempts", 1, 1'000, settings.lockout.free_failures);
    take(lockout, "lockout_seconds", second, settings.lockout.longest);
    take(lockout, "reset_after_seconds", second, settings.lockout.memory);

    const object& keys = section_of(all, "keys");
    take(keys, "usual_days", std::chrono::days(1), settings.keys.usual);
    take(keys, "longest_days", std::chrono::days(1), settings.keys.longest);
    settings.keys.usual = std::min(settings.keys.usual, settings.keys.longest);
    return settings;
}

bool SignInSettings::allows(AuthMethod method) const {
    return methods.empty() || std::ranges::count(methods, method) > 0;
}

SignInSettings find_sign_in_settings(db::Tx& tx, const TenantId& tenant) {
    const std::optional<std::string> json = tx.maybe(find_settings, tenant);
    if (!json) db::refuse_absent("tenant", tenant.text());
    return parse_sign_in_settings(*json);
}

}  // namespace lodestone::identity
