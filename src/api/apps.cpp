// Apps over HTTP: what a tenant runs, found and changed under the tenant that has them.
#include "api/apps.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "base/problem.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/app.hpp"
#include "identity/nouns/app_config.hpp"

namespace lodestone::api {

using identity::AppId;

struct NewApp {
    std::optional<AppId> id;
    Text<limits::name_bytes> name;
    std::optional<identity::AppType> type;
    std::optional<JsonObject> config;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(NewApp, (), (id, name, type, config, metadata))

struct AppChange {
    std::optional<Text<limits::name_bytes>> name;
    std::optional<identity::AppType> type;
    std::optional<JsonObject> config;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(AppChange, (), (name, type, config, metadata))

struct AppView : Stamped {
    AppId id;
    std::string name;
    identity::AppType type{};
    identity::AppStatus status{};
    JsonObject config;
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(AppView, (Stamped), (id, name, type, status, config, metadata))

struct AppFilters {
    static constexpr std::array<std::string_view, 3> sorts{"name", "created_at", "-created_at"};
    std::optional<identity::AppType> type;
    std::optional<identity::AppStatus> status;
    SearchText name;
    SearchText search;
};
BOOST_DESCRIBE_STRUCT(AppFilters, (), (type, status, name, search))

namespace {

using db::Tx;
using identity::App;

constexpr std::string_view kind = "app";

// Where the call's app is.
struct Place {
    TenantId tenant;
    AppId id;

    explicit Place(const Call& call) : tenant(call.id<TenantId>("tenant")), id(call.id<AppId>("app")) {}
    std::optional<App> operator()(Tx& tx) const { return identity::find_app(tx, tenant, id); }
};

Task<Created<AppView>> create_app(Call& call, NewApp input) {
    const auto tenant = call.id<TenantId>("tenant");
    App app;
    apply(input, app);
    app.id = call.new_id(input.id);
    auto make = [&](Tx& tx) { return make_view<AppView>(identity::insert_app(tx, tenant, app)); };
    co_return co_await call.create(make);
}

Task<Listed<AppView>> list_apps(Call& call, ListQuery<AppFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_apps(tx, tenant, query.request); };
    co_return co_await list_found<AppView>(call, list);
}

Task<Shown<AppView>> show_app(Call& call) {
    const Place place(call);
    co_return co_await show_found<AppView>(call, kind, place.id.text(), place);
}

// Who manages an app does not say how much it may hold: that is for whoever manages the tenant.
Task<bool> may_set_quota(Call& call, const TenantId& tenant) {
    const identity::Resource resource{
        .tenant = tenant, .type = "tenant", .id = tenant.text(), .app = {}, .tags = {}, .attributes = {}};
    const identity::Decision decision = co_await call.identity().gate.judge(
        call.request().principal, "tenant:update", resource, call.request());
    co_return decision.is_allowed;
}

// An app keeps its quota, whether or not whoever may not set it says it again.
void keep_quota(const std::string& before, std::string& config) {
    if (config == before) return;
    const identity::AppQuota had = identity::parse_app_config(before).quota;
    const identity::AppQuota wants = identity::parse_app_config(config).quota;
    if (wants.max_bytes && wants != had)
        throw Problem(problems::forbidden,
                      "config.quota is set by whoever may change the tenant (tenant:update).");
    config = identity::with_quota(config, had);
}

Task<Acted<AppView>> change_app(Call& call, AppChange change) {
    const Place place(call);
    const bool sets_quota = co_await may_set_quota(call, place.tenant);
    auto update = [&](Tx& tx, App app) {
        const std::string before = app.config;
        apply(change, app);
        if (!sets_quota) keep_quota(before, app.config);
        return identity::update_app(tx, place.tenant, std::move(app));
    };
    co_return co_await change_seen<AppView>(call, kind, place.id.text(), place, update);
}

Task<Acted<AppView>> disable_app(Call& call) {
    const Place place(call);
    auto disable = [&](Tx& tx, const App& app) { return identity::disable_app(tx, place.tenant, app.id); };
    co_return co_await act_on_seen<AppView>(call, kind, place.id.text(), place, disable);
}

Task<Acted<AppView>> activate_app(Call& call) {
    const Place place(call);
    auto activate = [&](Tx& tx, const App& app) { return identity::activate_app(tx, place.tenant, app.id); };
    co_return co_await act_on_seen<AppView>(call, kind, place.id.text(), place, activate);
}

Task<Removed> delete_app(Call& call) {
    const Place place(call);
    auto mark = [&](Tx& tx, App app) { identity::delete_app(tx, place.tenant, std::move(app)); };
    co_return co_await delete_seen(call, kind, place.id.text(), place, mark);
}

Task<Shown<AppView>> restore_app(Call& call) {
    const Place place(call);
    auto restore = [&](Tx& tx) {
        return make_view<AppView>(identity::restore_app(tx, place.tenant, place.id));
    };
    Shown<AppView> shown{co_await call.write(restore)};
    co_return shown;
}

using enum http::Method;

constexpr Access may(std::string_view permission) {
    return Access::needs(permission, {.id = "app", .app = "app"});
}

constexpr Endpoint endpoints[] = {
    endpoint<list_apps>(get, "/api/v1/tenants/{tenant}/apps", in_tenant("app:list"), "listApps",
                        "Lists the apps of a tenant."),
    endpoint<create_app>(post, "/api/v1/tenants/{tenant}/apps", in_tenant("app:create"), "createApp",
                         "Makes an app."),
    endpoint<show_app>(get, "/api/v1/tenants/{tenant}/apps/{app}", may("app:read"), "showApp",
                       "Shows an app."),
    endpoint<change_app>(patch, "/api/v1/tenants/{tenant}/apps/{app}", may("app:update"), "changeApp",
                         "Changes the fields that are sent."),
    endpoint<delete_app>(del, "/api/v1/tenants/{tenant}/apps/{app}", may("app:delete"), "deleteApp",
                         "Deletes an app; it can be restored until it is purged."),
    endpoint<restore_app>(post, "/api/v1/tenants/{tenant}/apps/{app}/restore", may("app:restore"),
                          "restoreApp", "Brings a deleted app back."),
    endpoint<disable_app>(post, "/api/v1/tenants/{tenant}/apps/{app}/disable", may("app:suspend"),
                          "disableApp", "Disables an app and its keys, from the next request on."),
    endpoint<activate_app>(post, "/api/v1/tenants/{tenant}/apps/{app}/activate", may("app:suspend"),
                           "activateApp", "Lets a disabled app work again."),
};

}  // namespace

std::span<const Endpoint> app_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
