// Platform administrators over HTTP: users of some tenant, named by that tenant and their id.
#include "api/platform_admins.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "identity/nouns/platform_admin.hpp"

namespace lodestone::api {

using identity::UserId;

struct PlatformAdminView {
    TenantId tenant_id;
    UserId user_id;
    Time granted_at;
    std::string granted_by;
};
BOOST_DESCRIBE_STRUCT(PlatformAdminView, (), (tenant_id, user_id, granted_at, granted_by))

struct PlatformAdminFilters {
    static constexpr std::array<std::string_view, 1> sorts{"granted_at"};
    std::optional<TenantId> tenant_id;
};
BOOST_DESCRIBE_STRUCT(PlatformAdminFilters, (), (tenant_id))

namespace {

using db::Tx;

Task<Listed<PlatformAdminView>> list_admins(Call& call, ListQuery<PlatformAdminFilters> query) {
    auto list = [&](Tx& tx) { return identity::list_platform_admins(tx, query.request); };
    co_return co_await list_found<PlatformAdminView>(call, list);
}

Task<Shown<PlatformAdminView>> put_admin(Call& call) {
    const auto tenant = call.id<TenantId>("home");
    const auto user = call.id<UserId>("user");
    check_may_give_platform_administration(call.principal());
    auto put = [&](Tx& tx) {
        return make_view<PlatformAdminView>(identity::grant_platform_admin(tx, tenant, user));
    };
    Shown<PlatformAdminView> shown{co_await call.write(put)};
    co_return shown;
}

Task<Done> revoke_admin(Call& call) {
    const auto tenant = call.id<TenantId>("home");
    const auto user = call.id<UserId>("user");
    auto revoke = [&](Tx& tx) { identity::revoke_platform_admin(tx, tenant, user); };
    co_await call.write(revoke);
    co_return Done{};
}

using enum http::Method;

// {home}, not {tenant}: the tenant is part of the name, and not where the thing stands.
constexpr Endpoint endpoints[] = {
    endpoint<list_admins>(get, "/api/v1/platform-admins", of_installation("platform_admin:list"),
                          "listPlatformAdmins", "Lists who manages the installation's tenants."),
    endpoint<put_admin>(put, "/api/v1/platform-admins/{home}/{user}",
                        of_installation("platform_admin:create"), "putPlatformAdmin",
                        "Makes a user of the tenant {home} a platform administrator."),
    endpoint<revoke_admin>(del, "/api/v1/platform-admins/{home}/{user}",
                           of_installation("platform_admin:delete"), "revokePlatformAdmin",
                           "Takes a user's platform administration away; the last one's stays."),
};

}  // namespace

std::span<const Endpoint> platform_admin_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
