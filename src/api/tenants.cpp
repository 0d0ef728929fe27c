// Tenants over HTTP. A new one gets its owner in the same step, so that none is ever without.
#include "api/tenants.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "base/package_limits.hpp"
#include "base/problem.hpp"
#include "identity/nouns/duties.hpp"
#include "identity/nouns/reset_link.hpp"
#include "identity/nouns/tenant.hpp"
#include "identity/nouns/tenant_owner.hpp"
#include "identity/nouns/tenant_settings.hpp"
#include "identity/nouns/user.hpp"
#include "identity/rules/principal.hpp"

namespace lodestone::api {

using identity::UserId;

struct TenantFields {
    std::optional<TenantId> id;
    Text<limits::name_bytes> name;
    Clearable<Text<limits::domain_bytes>> domain;
    std::optional<JsonObject> config;
    std::optional<JsonObject> settings;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(TenantFields, (), (id, name, domain, config, settings, metadata))

struct NewOwner {
    std::optional<UserId> id;
    Text<limits::username_bytes> username;
    Clearable<Text<limits::email_bytes>> email;
    std::optional<Text<limits::name_bytes, 0>> full_name;
};
BOOST_DESCRIBE_STRUCT(NewOwner, (), (id, username, email, full_name))

struct NewTenant : TenantFields {
    NewOwner owner;
};
BOOST_DESCRIBE_STRUCT(NewTenant, (TenantFields), (owner))

struct ChangedTenantFields {
    std::optional<Text<limits::name_bytes>> name;
    Clearable<Text<limits::domain_bytes>> domain;
    std::optional<JsonObject> config;
    std::optional<JsonObject> settings;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(ChangedTenantFields, (), (name, domain, config, settings, metadata))

struct TenantChange : ChangedTenantFields {
    std::optional<bool> force;  // also when whoever asks would be kept out by it
};
BOOST_DESCRIBE_STRUCT(TenantChange, (ChangedTenantFields), (force))

struct TenantQuotas {
    std::optional<Number<1, limits::tenant_users>> max_users;  // without: as many as there are
    std::optional<Number<1, limits::tenant_apps>> max_apps;
    std::optional<Number<0, limits::repository_bytes_most>> max_bytes;  // of all repositories together
};
BOOST_DESCRIBE_STRUCT(TenantQuotas, (), (max_users, max_apps, max_bytes))

struct TenantView : Stamped {
    TenantId id;
    std::string name;
    identity::TenantStatus status{};
    std::optional<std::string> domain;
    JsonObject config;
    JsonObject settings;
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(TenantView, (Stamped), (id, name, status, domain, config, settings, metadata))

struct NewTenantView : TenantView {
    UserId owner_id;
    std::optional<ShownOnce> owner_reset_link;  // with which the owner chooses a password
};
BOOST_DESCRIBE_STRUCT(NewTenantView, (TenantView), (owner_id, owner_reset_link))
void forget_secrets(NewTenantView& view) {
    view.owner_reset_link.reset();
}

struct TenantFilters {
    static constexpr std::array<std::string_view, 3> sorts{"name", "created_at", "-created_at"};
    std::optional<identity::TenantStatus> status;
    SearchText name;
    SearchText search;
};
BOOST_DESCRIBE_STRUCT(TenantFilters, (), (status, name, search))

namespace {

using db::Tx;
using identity::Tenant;

constexpr std::string_view kind = "tenant";

template <class Number>
std::optional<std::int64_t> chosen(const std::optional<Number>& number) {
    return number ? std::optional(number->value) : std::nullopt;
}

// Where the call's tenant is.
struct Place {
    TenantId id;

    explicit Place(const Call& call) : id(call.id<TenantId>("tenant")) {}
    std::optional<Tenant> operator()(Tx& tx) const { return identity::find_tenant(tx, id); }
};

Task<Created<NewTenantView>> create_tenant(Call& call, NewTenant input) {
    Tenant tenant;
    apply<TenantFields>(input, tenant);
    tenant.id = call.new_id(input.id);
    identity::User owner;
    apply(input.owner, owner);
    owner.id = call.new_id(input.owner.id);
    identity::check_user(owner, "owner.");
    identity::OwnershipTransfer first;
    first.id = call.new_id<identity::OwnershipTransferId>();
    first.new_owner = owner.id;
    auto make = [&](Tx& tx) {
        NewTenantView view;
        static_cast<TenantView&>(view) = make_view<TenantView>(identity::insert_tenant(tx, tenant));
        identity::insert_user(tx, tenant.id, owner);
        view.owner_id = identity::transfer_ownership(tx, tenant.id, first).new_owner;
        // There is nobody yet who could let the owner in.
        view.owner_reset_link =
            ShownOnce{identity::create_reset_link(tx, tenant.id, owner.id, call.mint()).text};
        return view;
    };
    co_return co_await call.create(make);
}

Task<Listed<TenantView>> list_tenants(Call& call, ListQuery<TenantFilters> query) {
    auto list = [&](Tx& tx) { return identity::list_tenants(tx, query.request); };
    co_return co_await list_found<TenantView>(call, list);
}

Task<Shown<TenantView>> show_tenant(Call& call) {
    const Place place(call);
    co_return co_await show_found<TenantView>(call, kind, place.id.text(), place);
}

// Nobody shuts themselves out by mistake: the rules must let in whoever makes them, from where they are.
void check_lets_asker_in(Tx& tx, const Call& call, const Tenant& tenant) {
    const identity::Principal& who = call.principal();
    if (who.tenant != tenant.id) return;
    const auto session = who.session ? identity::find_session(tx, tenant.id, *who.session) : std::nullopt;
    const auto method = session ? identity::auth_method_of(session->method) : identity::AuthMethod::key;
    if (!identity::parse_sign_in_settings(tenant.settings).allows(method))
        throw Problem(problems::conflict,
                      "You would not be let in any more the way you came: settings.allowed_auth_methods says "
                      "so. Send \"force\": true if that is meant.");
    const std::string& address = call.request().peer.address;
    const std::string_view setting = identity::address_rules_of(tenant.config).find_refusal(address);
    if (setting.empty()) return;
    throw Problem(problems::conflict, "Your own address, " + address +
                                          ", would not be let in any more: " + std::string(setting) +
                                          " says so. Send \"force\": true if that is meant.");
}

// A tenant keeps the quotas that were set for it, whether or not it says them again.
void keep_quotas(const std::string& before, std::string& settings) {
    if (settings == before) return;
    const identity::TenantSettings had = identity::parse_tenant_settings(before);
    const identity::TenantSettings wants = identity::parse_tenant_settings(settings);
    const auto check = [](std::string_view name, auto wanted, auto allowed) {
        if (!wanted || wanted == allowed) return;
        throw Problem(problems::forbidden, "settings." + std::string(name) +
                                               " is set by a platform administrator, with PUT "
                                               "/api/v1/tenants/{tenant}/quotas.");
    };
    check("max_users", wants.max_users, had.max_users);
    check("max_apps", wants.max_apps, had.max_apps);
    check("max_bytes", wants.max_bytes, had.max_bytes);
    settings = identity::with_quotas(
        settings, {.max_users = had.max_users, .max_apps = had.max_apps, .max_bytes = had.max_bytes});
}

Task<Acted<TenantView>> change_tenant(Call& call, TenantChange change) {
    const Place place(call);
    auto update = [&](Tx& tx, Tenant tenant) {
        const std::string before = tenant.settings;
        apply<ChangedTenantFields>(change, tenant);
        keep_quotas(before, tenant.settings);
        if (!change.force.value_or(false)) check_lets_asker_in(tx, call, tenant);
        return identity::update_tenant(tx, std::move(tenant));
    };
    co_return co_await change_seen<TenantView>(call, kind, place.id.text(), place, update);
}

// What may be said of a tenant from outside: how much it may have. Everything else that it sets is its own.
Task<Acted<TenantView>> put_quotas(Call& call, TenantQuotas quotas) {
    const Place place(call);
    auto update = [&](Tx& tx, Tenant tenant) {
        tenant.settings = identity::with_quotas(tenant.settings, {.max_users = chosen(quotas.max_users),
                                                                  .max_apps = chosen(quotas.max_apps),
                                                                  .max_bytes = chosen(quotas.max_bytes)});
        return identity::update_tenant(tx, std::move(tenant));
    };
    co_return co_await act_on_seen<TenantView>(call, kind, place.id.text(), place, update);
}

Task<Acted<TenantView>> suspend_tenant(Call& call) {
    const Place place(call);
    auto suspend = [](Tx& tx, const Tenant& tenant) { return identity::suspend_tenant(tx, tenant.id); };
    co_return co_await act_on_seen<TenantView>(call, kind, place.id.text(), place, suspend);
}

Task<Acted<TenantView>> activate_tenant(Call& call) {
    const Place place(call);
    auto activate = [](Tx& tx, const Tenant& tenant) { return identity::activate_tenant(tx, tenant.id); };
    co_return co_await act_on_seen<TenantView>(call, kind, place.id.text(), place, activate);
}

Task<Removed> delete_tenant(Call& call) {
    const Place place(call);
    co_return co_await delete_seen(call, kind, place.id.text(), place, identity::delete_tenant);
}

Task<Shown<TenantView>> restore_tenant(Call& call) {
    const Place place(call);
    auto restore = [&](Tx& tx) { return make_view<TenantView>(identity::restore_tenant(tx, place.id)); };
    Shown<TenantView> shown{co_await call.write(restore)};
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_tenants>(get, "/api/v1/tenants", of_installation("tenant:list"), "listTenants",
                           "Lists tenants."),
    endpoint<create_tenant>(post, "/api/v1/tenants", of_installation("tenant:create"), "createTenant",
                            "Makes a tenant and the user who owns it, with a link for choosing a password."),
    endpoint<show_tenant>(get, "/api/v1/tenants/{tenant}", on("tenant:read", "tenant"), "showTenant",
                          "Shows a tenant."),
    endpoint<change_tenant>(patch, "/api/v1/tenants/{tenant}", on("tenant:update", "tenant"), "changeTenant",
                            "Changes the fields that are sent."),
    endpoint<delete_tenant>(del, "/api/v1/tenants/{tenant}", on("tenant:delete", "tenant"), "deleteTenant",
                            "Deletes a tenant; it can be restored until it is purged."),
    endpoint<restore_tenant>(post, "/api/v1/tenants/{tenant}/restore", on("tenant:restore", "tenant"),
                             "restoreTenant", "Brings a deleted tenant back."),
    endpoint<put_quotas>(put, "/api/v1/tenants/{tenant}/quotas", on("tenant:limit", "tenant"), "putQuotas",
                         "Sets how many users and apps a tenant may have, and how many bytes."),
    endpoint<suspend_tenant>(post, "/api/v1/tenants/{tenant}/suspend", on("tenant:suspend", "tenant"),
                             "suspendTenant", "Keeps everybody of a tenant out, from the next request on."),
    endpoint<activate_tenant>(post, "/api/v1/tenants/{tenant}/activate", on("tenant:suspend", "tenant"),
                              "activateTenant", "Ends a suspension."),
};

}  // namespace

std::span<const Endpoint> tenant_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
