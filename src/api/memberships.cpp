// Memberships over HTTP. There is one for each app and user, so it is put, and its address is made of the
// two.
#include "api/memberships.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "identity/identity.hpp"
#include "identity/nouns/app.hpp"
#include "identity/nouns/membership.hpp"

namespace lodestone::api {

using identity::AppId;
using identity::RoleId;
using identity::UserId;

struct MembershipGrant {
    RoleId role;
};
BOOST_DESCRIBE_STRUCT(MembershipGrant, (), (role))

struct MembershipView {
    AppId app_id;
    UserId user_id;
    RoleId role;
    identity::MembershipStatus status{};
    Time granted_at;
    std::string granted_by;
    std::optional<Time> revoked_at;
    std::optional<std::string> revoked_by;
};
BOOST_DESCRIBE_STRUCT(MembershipView, (),
                      (app_id, user_id, role, status, granted_at, granted_by, revoked_at, revoked_by))

struct MemberFilters {
    static constexpr std::array<std::string_view, 1> sorts{"user_id"};
    std::optional<RoleId> role;
    std::optional<identity::MembershipStatus> status;
};
BOOST_DESCRIBE_STRUCT(MemberFilters, (), (role, status))

struct MembershipFilters {
    static constexpr std::array<std::string_view, 1> sorts{"app_id"};
    std::optional<RoleId> role;
    std::optional<identity::MembershipStatus> status;
};
BOOST_DESCRIBE_STRUCT(MembershipFilters, (), (role, status))

namespace {

using db::Tx;

struct Place {
    TenantId tenant;
    AppId app;
    UserId user;

    explicit Place(const Call& call)
        : tenant(call.id<TenantId>("tenant")), app(call.id<AppId>("app")), user(call.id<UserId>("user")) {}
    auto operator()(Tx& tx) const { return identity::find_membership(tx, tenant, app, user); }
};

Task<Listed<MembershipView>> list_members(Call& call, ListQuery<MemberFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto app = call.id<AppId>("app");
    auto list = [&](Tx& tx) {
        identity::check_app_is_there(tx, tenant, app);
        return identity::list_members(tx, tenant, app, query.request);
    };
    co_return co_await list_found<MembershipView>(call, list);
}

Task<Listed<MembershipView>> list_memberships(Call& call, ListQuery<MembershipFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    auto list = [&](Tx& tx) { return identity::list_memberships(tx, tenant, user, query.request); };
    co_return co_await list_found<MembershipView>(call, list);
}

Task<Shown<MembershipView>> show_member(Call& call) {
    const Place place(call);
    co_return co_await show_found<MembershipView>(call, "membership", place.user.text(), place);
}

// Whoever has a role there already is not let in but changed, and by nobody who could not have given it.
void check_may_replace(Tx& tx, const Call& call, const Place& place) {
    const auto had = place(tx);
    if (!had || had->status != identity::MembershipStatus::active) return;
    check_may_give_role(tx, call.principal(), place.tenant, place.app, had->role);
}

void check_may_put(Tx& tx, const Call& call, const Place& place) {
    const auto had = place(tx);
    if (had && had->status == identity::MembershipStatus::active)
        call.identity().gate.authorise_known(call.request(), "membership:update",
                                             {.tenant = place.tenant,
                                              .type = "membership",
                                              .id = place.user.text(),
                                              .app = place.app,
                                              .tags = {},
                                              .attributes = {}});
    check_may_replace(tx, call, place);
}

Task<Shown<MembershipView>> put_member(Call& call, MembershipGrant grant) {
    const Place place(call);
    auto put = [&](Tx& tx) {
        check_may_put(tx, call, place);
        check_may_give_role(tx, call.principal(), place.tenant, place.app, grant.role);
        return make_view<MembershipView>(
            identity::grant_membership(tx, place.tenant, place.app, place.user, grant.role));
    };
    Shown<MembershipView> shown{co_await call.write(put)};
    co_return shown;
}

Task<Done> revoke_member(Call& call) {
    const Place place(call);
    auto revoke = [&](Tx& tx) {
        check_may_replace(tx, call, place);
        identity::revoke_membership(tx, place.tenant, place.app, place.user);
    };
    co_await call.write(revoke);
    co_return Done{};
}

using enum http::Method;

constexpr Access may(std::string_view permission) {
    return Access::needs(permission, {.id = "user", .app = "app"});
}

constexpr Endpoint endpoints[] = {
    endpoint<list_members>(get, "/api/v1/tenants/{tenant}/apps/{app}/members", in_app("membership:list"),
                           "listMembers", "Lists who may use an app, and as what."),
    endpoint<show_member>(get, "/api/v1/tenants/{tenant}/apps/{app}/members/{user}", may("membership:read"),
                          "showMember", "Shows as what a user may use an app."),
    endpoint<put_member>(put, "/api/v1/tenants/{tenant}/apps/{app}/members/{user}", may("membership:create"),
                         "putMember",
                         "Lets a user into an app with this role; in place of another one it takes "
                         "membership:update."),
    endpoint<revoke_member>(del, "/api/v1/tenants/{tenant}/apps/{app}/members/{user}",
                            may("membership:delete"), "revokeMember", "Takes the app away from the user."),
    endpoint<list_memberships>(get, "/api/v1/tenants/{tenant}/users/{user}/memberships",
                               of_user("membership:list"), "listMemberships",
                               "Lists the apps that a user may use."),
};

}  // namespace

std::span<const Endpoint> membership_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
