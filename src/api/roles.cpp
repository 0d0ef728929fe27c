// Roles over HTTP: the built-in ones, a tenant's own, and who has which in the whole tenant.
#include "api/roles.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/user_role.hpp"

namespace lodestone::api {

using identity::RoleId;
using identity::UserId;

using PermissionPattern = Text<limits::name_bytes>;

struct NewRole {
    Text<limits::name_bytes> name;
    std::optional<Text<limits::description_bytes, 0>> description;
    std::vector<PermissionPattern> permissions;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(NewRole, (), (name, description, permissions, metadata))

struct RoleChange {
    std::optional<Text<limits::name_bytes>> name;
    std::optional<Text<limits::description_bytes, 0>> description;
    std::optional<identity::RoleStatus> status;
    std::optional<std::vector<PermissionPattern>> permissions;
    std::optional<JsonObject> metadata;
};
BOOST_DESCRIBE_STRUCT(RoleChange, (), (name, description, status, permissions, metadata))

struct RoleView : Stamped {
    RoleId id;
    std::string name;
    std::string description;
    identity::RoleStatus status{};
    StoredList permissions;
    JsonObject metadata;
};
BOOST_DESCRIBE_STRUCT(RoleView, (Stamped), (id, name, description, status, permissions, metadata))

struct RoleFilters {
    static constexpr std::array<std::string_view, 3> sorts{"name", "created_at", "-created_at"};
    std::optional<identity::RoleStatus> status;
    SearchText name;
    SearchText search;
};
BOOST_DESCRIBE_STRUCT(RoleFilters, (), (status, name, search))

struct UserRoleView {
    RoleId role;
    Time granted_at;
    std::string granted_by;
};
BOOST_DESCRIBE_STRUCT(UserRoleView, (), (role, granted_at, granted_by))

struct UserRolesView {
    std::vector<UserRoleView> roles;
};
BOOST_DESCRIBE_STRUCT(UserRolesView, (), (roles))

namespace {

using db::Tx;
using identity::CustomRole;

constexpr std::string_view kind = "role";

// Where the call's role is.
struct Place {
    TenantId tenant;
    RoleId id;

    explicit Place(const Call& call) : tenant(call.id<TenantId>("tenant")), id(call.id<RoleId>("role")) {}
    std::optional<CustomRole> operator()(Tx& tx) const { return identity::find_role(tx, tenant, id); }
};

Task<Created<RoleView>> create_role(Call& call, NewRole input) {
    const auto tenant = call.id<TenantId>("tenant");
    CustomRole role;
    apply(input, role);
    role.id = call.new_id<RoleId>();
    check_may_give_permissions(call.principal(), role.permissions, "permissions");
    auto make = [&](Tx& tx) { return make_view<RoleView>(identity::insert_role(tx, tenant, role)); };
    co_return co_await call.create(make);
}

Task<Listed<RoleView>> list_roles(Call& call, ListQuery<RoleFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_roles(tx, tenant, query.request); };
    co_return co_await list_found<RoleView>(call, list);
}

Task<Shown<RoleView>> show_role(Call& call) {
    const Place place(call);
    co_return co_await show_found<RoleView>(call, kind, place.id.text(), place);
}

Task<Acted<RoleView>> change_role(Call& call, RoleChange change) {
    const Place place(call);
    auto update = [&](Tx& tx, CustomRole role) {
        apply(change, role);
        check_may_give_permissions(call.principal(), role.permissions, "permissions");
        return identity::update_role(tx, place.tenant, std::move(role));
    };
    co_return co_await change_seen<RoleView>(call, kind, place.id.text(), place, update);
}

Task<Removed> delete_role(Call& call) {
    const Place place(call);
    auto mark = [&](Tx& tx, CustomRole role) { identity::delete_role(tx, place.tenant, std::move(role)); };
    co_return co_await delete_seen(call, kind, place.id.text(), place, mark);
}

Task<Shown<RoleView>> restore_role(Call& call) {
    const Place place(call);
    auto restore = [&](Tx& tx) {
        const CustomRole role = identity::restore_role(tx, place.tenant, place.id);
        check_may_give_permissions(call.principal(), role.permissions, "permissions");
        return make_view<RoleView>(role);
    };
    Shown<RoleView> shown{co_await call.write(restore)};
    co_return shown;
}

// No pages: there are at most limits::roles_per_user.
Task<Shown<UserRolesView>> list_user_roles(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    auto list = [&](Tx& tx) { return identity::list_user_roles(tx, tenant, user); };
    Shown<UserRolesView> shown;
    for (const identity::UserRole& role : co_await call.read(list))
        shown.view.roles.push_back(make_view<UserRoleView>(role));
    co_return shown;
}

Task<Shown<UserRoleView>> put_user_role(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    const auto role = call.id<RoleId>("role");
    auto grant = [&](Tx& tx) {
        check_may_give_role(tx, call.principal(), tenant, std::nullopt, role);
        return make_view<UserRoleView>(identity::grant_role(tx, tenant, user, role));
    };
    Shown<UserRoleView> shown{co_await call.write(grant)};
    co_return shown;
}

Task<Done> revoke_user_role(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    const auto role = call.id<RoleId>("role");
    auto revoke = [&](Tx& tx) { identity::revoke_role(tx, tenant, user, role); };
    co_await call.write(revoke);
    co_return Done{};
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_roles>(get, "/api/v1/tenants/{tenant}/roles", in_tenant("role:list"), "listRoles",
                         "Lists the roles that the tenant has made for itself."),
    endpoint<create_role>(post, "/api/v1/tenants/{tenant}/roles", in_tenant("role:create"), "createRole",
                          "Makes a role."),
    endpoint<show_role>(get, "/api/v1/tenants/{tenant}/roles/{role}", on("role:read", "role"), "showRole",
                        "Shows a role."),
    endpoint<change_role>(patch, "/api/v1/tenants/{tenant}/roles/{role}", on("role:update", "role"),
                          "changeRole", "Changes the fields that are sent."),
    endpoint<delete_role>(del, "/api/v1/tenants/{tenant}/roles/{role}", on("role:delete", "role"),
                          "deleteRole", "Deletes a role: whoever has it gets nothing from it."),
    endpoint<restore_role>(post, "/api/v1/tenants/{tenant}/roles/{role}/restore", on("role:restore", "role"),
                           "restoreRole", "Brings a deleted role back."),
    endpoint<list_user_roles>(get, "/api/v1/tenants/{tenant}/users/{user}/roles", of_user("role:list"),
                              "listUserRoles", "Lists the roles that a user has in the whole tenant."),
    endpoint<put_user_role>(put, "/api/v1/tenants/{tenant}/users/{user}/roles/{role}",
                            on("role:assign", "role"), "putUserRole",
                            "Gives a user a role in the whole tenant."),
    endpoint<revoke_user_role>(del, "/api/v1/tenants/{tenant}/users/{user}/roles/{role}",
                               on("role:assign", "role"), "revokeUserRole", "Takes a role away from a user."),
};

}  // namespace

std::span<const Endpoint> role_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
