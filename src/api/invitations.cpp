// Invitations and reset links over HTTP: what an administrator hands to a person, shown once.
#include "api/invitations.hpp"

#include <array>
#include <boost/describe/class.hpp>

#include "api/access_rules.hpp"
#include "api/giving.hpp"
#include "api/noun_calls.hpp"
#include "base/limits.hpp"
#include "identity/nouns/credentials.hpp"
#include "identity/nouns/custom_role.hpp"
#include "identity/nouns/invitation.hpp"
#include "identity/nouns/reset_link.hpp"

namespace lodestone::api {

using identity::AppId;
using identity::InvitationId;
using identity::RoleId;
using identity::UserId;

struct NewInvitation {
    std::optional<Text<limits::email_bytes>> email;
    std::optional<AppId> app_id;  // without: the role is one in the whole tenant
    RoleId role;
    std::optional<Time> expires_at;
};
BOOST_DESCRIBE_STRUCT(NewInvitation, (), (email, app_id, role, expires_at))

struct InvitationView {
    InvitationId id;
    std::optional<std::string> email;
    std::optional<AppId> app_id;
    RoleId role;
    Time created_at;
    std::string created_by;
    Time expires_at;
    std::optional<Time> accepted_at;
    std::optional<UserId> accepted_by;
    std::optional<Time> revoked_at;
    std::optional<std::string> revoked_by;
};
BOOST_DESCRIBE_STRUCT(InvitationView, (),
                      (id, email, app_id, role, created_at, created_by, expires_at, accepted_at, accepted_by,
                       revoked_at, revoked_by))

struct IssuedInvitationView : InvitationView {
    std::optional<ShownOnce> text;
};
BOOST_DESCRIBE_STRUCT(IssuedInvitationView, (InvitationView), (text))
void forget_secrets(IssuedInvitationView& view) {
    view.text.reset();
}

struct InvitationFilters {
    static constexpr std::array<std::string_view, 1> sorts{"-created_at"};
};
BOOST_DESCRIBE_STRUCT(InvitationFilters, (), ())

struct ResetLinkView {
    identity::ResetLinkId id;
    UserId user_id;
    Time expires_at;
    std::optional<ShownOnce> text;
};
BOOST_DESCRIBE_STRUCT(ResetLinkView, (), (id, user_id, expires_at, text))
void forget_secrets(ResetLinkView& view) {
    view.text.reset();
}

namespace {

using db::Tx;

Task<Created<IssuedInvitationView>> create_invitation(Call& call, NewInvitation input) {
    const auto tenant = call.id<TenantId>("tenant");
    identity::NewInvitation wanted;
    if (input.email) wanted.email = input.email->value;
    wanted.app_id = input.app_id;
    wanted.role = input.role;
    wanted.expires_at = input.expires_at;
    auto make = [&](Tx& tx) {
        identity::check_role_may_be_given(tx, tenant, wanted.role);
        check_may_give_role(tx, call.principal(), tenant, wanted.app_id, wanted.role);
        auto issued = identity::create_invitation(tx, tenant, wanted, call.mint());
        IssuedInvitationView view;
        static_cast<InvitationView&>(view) = make_view<InvitationView>(issued.invitation);
        view.text = ShownOnce{std::move(issued.text)};
        return view;
    };
    co_return co_await call.create(make);
}

Task<Listed<InvitationView>> list_invitations(Call& call, ListQuery<InvitationFilters> query) {
    const auto tenant = call.id<TenantId>("tenant");
    auto list = [&](Tx& tx) { return identity::list_invitations(tx, tenant, query.request); };
    co_return co_await list_found<InvitationView>(call, list);
}

Task<Shown<InvitationView>> show_invitation(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto id = call.id<InvitationId>("invitation");
    auto find = [&](Tx& tx) { return identity::find_invitation(tx, tenant, id); };
    co_return co_await show_found<InvitationView>(call, "invitation", id.text(), find);
}

Task<Shown<InvitationView>> revoke_invitation(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto id = call.id<InvitationId>("invitation");
    auto revoke = [&](Tx& tx) {
        return make_view<InvitationView>(identity::revoke_invitation(tx, tenant, id));
    };
    Shown<InvitationView> shown{co_await call.write(revoke)};
    co_return shown;
}

// Whoever has the link can become the user: it is not for somebody who may less. For oneself there is
// PUT /api/v1/me/password.
Task<Created<ResetLinkView>> create_reset_link(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    const StandIn stand_in = co_await stand_in_for(call, tenant, user);
    auto make = [&](Tx& tx) {
        stand_in.check(tx);
        auto issued = identity::create_reset_link(tx, tenant, user, call.mint());
        return ResetLinkView{.id = issued.link.id,
                             .user_id = issued.link.user_id,
                             .expires_at = issued.link.expires_at,
                             .text = ShownOnce{std::move(issued.text)}};
    };
    co_return co_await call.create_in({}, make);
}

// For somebody who has lost phone and paper. One step less to becoming the user: the same rule.
Task<Done> remove_second_factor(Call& call) {
    const auto tenant = call.id<TenantId>("tenant");
    const auto user = call.id<UserId>("user");
    const StandIn stand_in = co_await stand_in_for(call, tenant, user);
    auto remove = [&](Tx& tx) {
        stand_in.check(tx);
        if (!identity::remove_second_factor(tx, tenant, user))
            db::refuse_absent("second factor of the user", user.text());
    };
    co_await call.write(remove);
    co_return Done{};
}

using enum http::Method;

constexpr Endpoint endpoints[] = {
    endpoint<list_invitations>(get, "/api/v1/tenants/{tenant}/invitations", in_tenant("invitation:list"),
                               "listInvitations", "Lists invitations, without their texts."),
    endpoint<create_invitation>(post, "/api/v1/tenants/{tenant}/invitations", in_tenant("invitation:create"),
                                "createInvitation", "Invites somebody; the invitation's text is shown once."),
    endpoint<show_invitation>(get, "/api/v1/tenants/{tenant}/invitations/{invitation}",
                              on("invitation:read", "invitation"), "showInvitation", "Shows an invitation."),
    endpoint<revoke_invitation>(post, "/api/v1/tenants/{tenant}/invitations/{invitation}/revoke",
                                on("invitation:revoke", "invitation"), "revokeInvitation",
                                "Takes an invitation back."),
    endpoint<create_reset_link>(
        post, "/api/v1/tenants/{tenant}/users/{user}/reset-links", on("user:reset", "user"),
        "createResetLink", "Makes a link with which the user chooses a password; its text is shown once."),
    endpoint<remove_second_factor>(del, "/api/v1/tenants/{tenant}/users/{user}/second-factor",
                                   on("user:reset", "user"), "removeSecondFactor",
                                   "Takes the second factor from a user who has lost it."),
};

}  // namespace

std::span<const Endpoint> invitation_endpoints() {
    return endpoints;
}

}  // namespace lodestone::api
