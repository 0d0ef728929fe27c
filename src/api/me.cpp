// Who is asking: what the gate made of the key or session that was shown.
#include "api/me.hpp"

#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/key_view.hpp"
#include "identity/rules/principal.hpp"

namespace lodestone::api {

struct MeView {
    std::string kind;
    std::optional<TenantId> tenant_id;
    std::optional<identity::UserId> user_id;
    std::optional<identity::AppId> app_id;
    std::optional<identity::KeyId> key_id;
    std::optional<identity::SessionId> session_id;
    std::string name;
    bool is_platform_admin = false;
    bool has_second_factor = false;
    bool must_change_password = false;             // nothing else is allowed before
    bool must_add_second_factor = false;           // likewise
    std::optional<std::vector<ScopeView>> scopes;  // null: everything that the person or app may do
};
BOOST_DESCRIBE_STRUCT(MeView, (),
                      (kind, tenant_id, user_id, app_id, key_id, session_id, name, is_platform_admin,
                       has_second_factor, must_change_password, must_add_second_factor, scopes))

namespace {

using identity::Principal;
using identity::PrincipalKind;

std::string_view kind_name(PrincipalKind kind) {
    switch (kind) {
        case PrincipalKind::anonymous: return "anonymous";
        case PrincipalKind::person: return "person";
        case PrincipalKind::app: return "app";
        case PrincipalKind::publisher: return "publisher";
        case PrincipalKind::operators: return "operator";
    }
    return {};
}

template <class IdType>
std::optional<IdType> unless_empty(const IdType& id) {
    return id.is_empty() ? std::nullopt : std::optional(id);
}

Task<Shown<MeView>> show_me(Call& call) {
    const Principal& who = call.principal();
    Shown<MeView> shown;
    MeView& view = shown.view;
    view.kind = kind_name(who.kind);
    view.tenant_id = unless_empty(who.tenant);
    view.user_id = unless_empty(who.user);
    view.app_id = unless_empty(who.app);
    view.key_id = who.key;
    view.session_id = who.session;
    view.name = who.name;
    view.is_platform_admin = who.is_platform_admin;
    view.has_second_factor = who.has_second_factor;
    view.must_change_password = who.must_change_password;
    view.must_add_second_factor = who.must_add_second_factor;
    view.scopes = view_scopes(who.scopes);
    co_return shown;
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<show_me>(get, "/api/v1/me", Access::signed_in, "showMe", "Shows who is asking."),
};

}  // namespace

std::span<const Endpoint> me_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
