// Tenants over HTTP: what may be asked for, what is answered, and what each address does.
#include "api/tenants.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/noun_calls.hpp"
#include "identity/nouns/tenant.hpp"

namespace lodestone::api {

struct NewTenant {
    std::optional<TenantId> id;
    Text<limits::name_bytes> name;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(NewTenant, (), (id, name, metadata))

struct TenantChange {
    std::optional<Text<limits::name_bytes>> name;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(TenantChange, (), (name, metadata))

struct TenantView : Stamped {
    TenantId id;
    std::string name;
    identity::TenantStatus status{};
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(TenantView, (Stamped), (id, name, status, metadata))

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
using identity::TenantStatus;

constexpr std::string_view kind = "tenant";

auto find_in(TenantId id) {
    return [id = std::move(id)](Tx& tx) { return identity::find_tenant(tx, id); };
}

Task<Created<TenantView>> create_tenant(Call& call, NewTenant input) {
    Tenant tenant;
    apply(input, tenant);
    tenant.id = call.new_id(input.id);
    auto make = [&](Tx& tx) { return make_view<TenantView>(identity::insert_tenant(tx, tenant)); };
    co_return co_await call.create(make);
}

Task<Listed<TenantView>> list_tenants(Call& call, ListQuery<TenantFilters> query) {
    auto list = [&](Tx& tx) { return identity::list_tenants(tx, query.request); };
    co_return co_await list_found<TenantView>(call, list);
}

Task<Shown<TenantView>> show_tenant(Call& call) {
    const auto id = call.id<TenantId>("tenant");
    co_return co_await show_found<TenantView>(call, kind, id.text(), find_in(id));
}

Task<Shown<TenantView>> change_tenant(Call& call, TenantChange change) {
    const auto id = call.id<TenantId>("tenant");
    auto update = [&](Tx& tx, Tenant tenant) {
        apply(change, tenant);
        return identity::update_tenant(tx, std::move(tenant));
    };
    co_return co_await change_seen<TenantView>(call, kind, id.text(), find_in(id), update);
}

Task<Shown<TenantView>> set_status(Call& call, TenantStatus status) {
    const auto id = call.id<TenantId>("tenant");
    auto update = [&](Tx& tx, Tenant tenant) {
        tenant.status = status;
        return identity::update_tenant(tx, std::move(tenant));
    };
    co_return co_await act_on_seen<TenantView>(call, kind, id.text(), find_in(id), update);
}

Task<Shown<TenantView>> suspend_tenant(Call& call) {
    co_return co_await set_status(call, TenantStatus::suspended);
}

Task<Shown<TenantView>> activate_tenant(Call& call) {
    co_return co_await set_status(call, TenantStatus::active);
}

Task<Done> delete_tenant(Call& call) {
    const auto id = call.id<TenantId>("tenant");
    co_return co_await delete_seen(call, kind, id.text(), find_in(id), identity::delete_tenant);
}

Task<Shown<TenantView>> restore_tenant(Call& call) {
    const auto id = call.id<TenantId>("tenant");
    auto restore = [&](Tx& tx) { return make_view<TenantView>(identity::restore_tenant(tx, id)); };
    Shown<TenantView> shown{co_await call.write(restore)};
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_tenants>(get, "/api/v1/tenants", of_installation("tenant:list"), "listTenants",
                           "Lists tenants."),
    endpoint<create_tenant>(post, "/api/v1/tenants", of_installation("tenant:create"), "createTenant",
                            "Makes a tenant."),
    endpoint<show_tenant>(get, "/api/v1/tenants/{tenant}", on("tenant:read", "tenant"), "showTenant",
                          "Shows a tenant."),
    endpoint<change_tenant>(patch, "/api/v1/tenants/{tenant}", on("tenant:update", "tenant"), "changeTenant",
                            "Changes the fields that are sent."),
    endpoint<delete_tenant>(del, "/api/v1/tenants/{tenant}", on("tenant:delete", "tenant"), "deleteTenant",
                            "Deletes a tenant; it can be restored until it is purged."),
    endpoint<restore_tenant>(post, "/api/v1/tenants/{tenant}/restore", on("tenant:restore", "tenant"),
                             "restoreTenant", "Brings a deleted tenant back."),
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
