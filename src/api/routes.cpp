// The list of the API's tables: one file per noun, one line here.
#include "api/routes.hpp"

#include <array>

#include "api/advisories.hpp"
#include "api/apps.hpp"
#include "api/audit.hpp"
#include "api/authz.hpp"
#include "api/branches.hpp"
#include "api/formats.hpp"
#include "api/invitations.hpp"
#include "api/joining.hpp"
#include "api/keys.hpp"
#include "api/me.hpp"
#include "api/memberships.hpp"
#include "api/openapi.hpp"
#include "api/own_account.hpp"
#include "api/owners.hpp"
#include "api/package_marks.hpp"
#include "api/packages.hpp"
#include "api/permissions.hpp"
#include "api/platform_admins.hpp"
#include "api/policies.hpp"
#include "api/profile.hpp"
#include "api/provider_sign_in.hpp"
#include "api/providers.hpp"
#include "api/publishers.hpp"
#include "api/repositories.hpp"
#include "api/retention.hpp"
#include "api/roles.hpp"
#include "api/search.hpp"
#include "api/sessions.hpp"
#include "api/sign_in.hpp"
#include "api/tenants.hpp"
#include "api/user_identities.hpp"
#include "api/users.hpp"

namespace lodestone::api {

namespace {

constexpr char json_type[] = "application/json";

Task<Document<json_type>> show_openapi(Call&) {
    static const std::string document = render_openapi(api_endpoints());
    http::Response response = http::Response::json(200, document);
    response.headers.set("Cache-Control", "no-cache");
    co_return Document<json_type>{std::move(response)};
}

constexpr Endpoint document_endpoints[] = {
    endpoint<show_openapi>(http::Method::get, "/api/v1/openapi.json", http::Access::open, "showOpenapi",
                           "Describes this API as OpenAPI 3.1."),
};

}  // namespace

std::span<const std::span<const Endpoint>> api_endpoints() {
    static const std::array<std::span<const Endpoint>, 32> tables{
        document_endpoints,       me_endpoints(),         permission_endpoints(),
        tenant_endpoints(),       owner_endpoints(),      app_endpoints(),
        branch_endpoints(),       user_endpoints(),       user_identity_endpoints(),
        membership_endpoints(),   role_endpoints(),       policy_endpoints(),
        session_endpoints(),      key_endpoints(),        sign_in_endpoints(),
        own_account_endpoints(),  invitation_endpoints(), joining_endpoints(),
        authz_endpoints(),        audit_endpoints(),      platform_admin_endpoints(),
        provider_endpoints(),     publisher_endpoints(),  provider_sign_in_endpoints(),
        profile_endpoints(),      repository_endpoints(), package_endpoints(),
        package_mark_endpoints(), search_endpoints(),     retention_endpoints(),
        format_endpoints(),       advisory_endpoints(),
    };
    return tables;
}

std::span<const http::Route> api_routes() {
    static const std::vector<http::Route> routes = [] {
        std::vector<http::Route> all;
        for (const auto table : api_endpoints())
            for (const Endpoint& one : table) all.push_back(one.route);
        return all;
    }();
    return routes;
}

}  // namespace lodestone::api
